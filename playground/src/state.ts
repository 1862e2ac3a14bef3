// What the user works on: rules, records, files of tests. Everything else on the page is worked out from it.
import type { Format, RuleDocument } from "./engine/types.ts";

export interface Work {
    documents: RuleDocument[];
    /** The index of the rule document in the editor. */
    active: number;
    records: string;
    /** Files of tests beside the rules. */
    tests: RuleDocument[];
    /** Records that tests name by file. */
    files: RuleDocument[];
    format: Format;
}

/** A name that no document has yet. */
export function freeName(documents: RuleDocument[], wanted: string): string {
    const taken = new Set(documents.map((document) => document.name));
    if (!taken.has(wanted)) return wanted;
    const [, stem = wanted, ending = ""] = /^(.*?)((?:\.[a-z]+)*)$/.exec(wanted) ?? [];
    for (let number = 2; ; number++) {
        const name = `${stem}-${number}${ending}`;
        if (!taken.has(name)) return name;
    }
}

/** A rule to begin with. */
export const NEW_RULE = `[rule]
name = "My rule"
rule_id = "my-rule"
language = "kuery"
severity = "medium"
risk_score = 47
type = "query"

query = '''
event.dataset:aws.cloudtrail and event.action:StopLogging
'''
`;
