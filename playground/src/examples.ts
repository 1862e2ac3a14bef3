// What the page can open with: the repository's own rules and records, as they are.
import elasticSeed from "../../rules/builtin/aws-configuration-recorder-stopped.elastic.toml?raw";
import logpressoSeed from "../../rules/builtin/aws-configuration-recorder-stopped.logpresso.toml?raw";
import failed from "../../rules/builtin/records/failed.json?raw";
import role from "../../rules/builtin/records/assumed-role.json?raw";
import mentioned from "../../rules/builtin/records/mentioned.json?raw";
import iamUser from "../../rules/builtin/records/iam-user.json?raw";
import otherCase from "../../rules/builtin/records/other-case.json?raw";
import otherService from "../../rules/builtin/records/other-service.json?raw";
import root from "../../rules/builtin/records/root.json?raw";
import shipped from "../../examples/recorder.ndjson?raw";
import sigmaRule from "../../rules/pack/sigma/config-recording-removed.yml?raw";
import type { RuleDocument } from "./engine/types.ts";

export interface Example {
    title: string;
    group: string;
    documents: RuleDocument[];
    records: string;
    /** Files of tests beside rules that can't hold their own. */
    tests?: RuleDocument[];
    /** Records that tests name by file. */
    files?: RuleDocument[];
}

const ELASTIC = { name: "aws-configuration-recorder-stopped.elastic.toml", text: elasticSeed };
const LOGPRESSO = { name: "aws-configuration-recorder-stopped.logpresso.toml", text: logpressoSeed };
const SIGMA = { name: "config-recording-removed.yml", text: sigmaRule };
const SEEDS = [ELASTIC, LOGPRESSO];

/** The records of their tests. */
const FILES = Object.entries({ "assumed-role": role, failed, "iam-user": iamUser, mentioned, "other-case": otherCase, "other-service": otherService, root }).map(
    ([name, text]) => ({ name: `records/${name}.json`, text }),
);

const FIRST = "Start here";
const RECORDS = "Other records";

/** Without the second half: as a shipper that died in the middle of a line leaves it. */
const malformed = (() => {
    const lines = shipped.trim().split("\n");
    return [lines[0]!, lines[1]!.slice(0, 400), lines[3]!, ""].join("\n");
})();

export const EXAMPLES: Example[] = [
    { title: "Two vendors, one failed call", group: FIRST, documents: SEEDS, files: FILES, records: failed },
    { title: "Elastic, Logpresso and Sigma on five calls", group: FIRST, documents: [...SEEDS, SIGMA], files: FILES, records: shipped },
    { title: "A role’s session stops the recorder", group: RECORDS, documents: SEEDS, files: FILES, records: role },
    { title: "A decoy: the call’s name is only mentioned", group: RECORDS, documents: SEEDS, files: FILES, records: mentioned },
    { title: "A line that is cut off between two whole ones", group: RECORDS, documents: SEEDS, files: FILES, records: malformed },
    { title: "A syntax error", group: RECORDS, documents: [broken(ELASTIC), LOGPRESSO], files: FILES, records: failed },
];

function broken(document: RuleDocument): RuleDocument {
    return { ...document, text: document.text.replace(" and event.outcome:success", " and event.outcome:(success") };
}

/** The pack's rules, each with the record of its first test; a file of its own, loaded when the page is idle. */
export async function packExamples(): Promise<Example[]> {
    const { PACK } = await import("./pack.ts");
    return PACK;
}
