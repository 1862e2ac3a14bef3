// In a worker of its own, so that typing goes on: files in, counts and alerts out, batch by batch.
import { alertLine, lines, readExplanations } from "../engine/frames.ts";
import { Instance, OK } from "../engine/instance.ts";
import type { DescribedRule, Description, ExplainedNode, RuleDocument, Summary } from "../engine/types.ts";
import { csvRow, HEADER } from "./csv.ts";
import { Cutter } from "./cutter.ts";
import { bytesOf } from "./inflate.ts";
import { type Counts, type Row, Tally } from "./tally.ts";

export interface CorpusRequest {
    module: WebAssembly.Module;
    documents: RuleDocument[];
    files: File[];
}

/** How often a clause was true and false, which make up the records; and how many of them have no value there. */
export interface ClauseCount {
    depth: number;
    kind: ExplainedNode["kind"];
    text: string;
    true: number;
    false: number;
    missing: number;
}

export interface Coverage {
    /** Records that were looked at clause by clause. */
    records: number;
    rules: Record<string, ClauseCount[]>;
}

export interface CorpusProgress {
    /** Bytes of the files read so far. */
    read: number;
    done: boolean;
    counts: Counts;
    rows: Row[];
    rules: DescribedRule[];
    ndjson: Blob;
    csv: Blob;
    coverage: Coverage;
    /** Files that could not be read to their end, and why. */
    problems: { file: string; reason: string }[];
    took: number;
}

export type FromCorpus = { progress: CorpusProgress } | { failure: string };

/** Milliseconds between two reports. */
const REPORT = 120;

/** Records whose clauses are counted where the module can only explain: that takes ten times as long as judging. */
const MOST_EXPLAINED = 20_000;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

class Corpus {
    readonly #instance: Instance;
    readonly #rules: DescribedRule[];
    readonly #tally = new Tally();
    readonly #coverage: Coverage = { records: 0, rules: {} };
    readonly #problems: CorpusProgress["problems"] = [];
    readonly #begun = performance.now();
    #ndjson = new Blob();
    #csv = new Blob([HEADER]);
    #lines: string[] = [];
    #rows: string[] = [];
    #read = 0;
    #reported = 0;

    constructor(instance: Instance, rules: DescribedRule[]) {
        this.#instance = instance;
        this.#rules = rules;
    }

    async judge(files: File[]): Promise<void> {
        let before = 0;
        for (const file of files) {
            const name = file.webkitRelativePath || file.name;
            const cutter = new Cutter();
            try {
                for await (const chunk of bytesOf(file, (read) => (this.#read = before + read))) {
                    for (const batch of cutter.push(chunk)) this.#batch(batch, name);
                    this.#report(false);
                }
            } catch (error) {
                this.#problems.push({ file: name, reason: error instanceof Error ? error.message : String(error) });
            }
            for (const batch of cutter.finish()) this.#batch(batch, name);
            before += file.size;
            this.#read = before;
        }
        this.#report(true);
    }

    #batch(batch: Uint8Array, file: string): void {
        const answer = this.#instance.call("tocsin_detect", batch);
        const text = decoder.decode(answer.text);
        if (answer.status === 1 || answer.status === 255 || text === "") {
            throw new Error(text ? ((JSON.parse(text) as { reason?: string }).reason ?? text) : "the module’s memory is full");
        }
        for (const line of lines(text)) this.#frame(line, file);
        this.#cover(batch);
    }

    #frame(line: string, file: string): void {
        if (line.includes(',"alert":')) {
            const alert = alertLine(line, "json");
            const head = `${line.slice(0, line.indexOf(',"alert":'))}}`;
            const { rule, time } = JSON.parse(head) as { rule: string; time: number | null };
            const row = this.#tally.add(rule, time, alert, file);
            this.#lines.push(`${alert}\n`);
            this.#rows.push(csvRow(row));
            return;
        }
        const { summary } = JSON.parse(line) as { summary?: Summary };
        if (!summary) return;
        this.#tally.records += summary.records;
        this.#tally.errors += summary.errors;
        this.#tally.untrusted += summary.untrusted ?? 0;
    }

    /** Adds up what the clauses of each rule were: counted by the module, or by explaining each record. */
    #cover(batch: Uint8Array): void {
        if (!this.#instance.has("tocsin_coverage")) {
            if (this.#coverage.records < MOST_EXPLAINED && this.#instance.has("tocsin_explain")) this.#explain(batch);
            return;
        }
        const answer = this.#instance.call("tocsin_coverage", batch);
        let seen = 0;
        for (const line of lines(decoder.decode(answer.text))) {
            const { coverage } = JSON.parse(line) as { coverage?: { rule: string; records: number; nodes: ClauseCount[] } };
            if (!coverage) continue;
            seen = Math.max(seen, coverage.records);
            const counts = (this.#coverage.rules[coverage.rule] ??= coverage.nodes.map((node) => ({ depth: node.depth, kind: node.kind, text: node.text ?? "", true: 0, false: 0, missing: 0 })));
            for (const [index, node] of coverage.nodes.entries()) {
                const count = counts[index];
                if (!count) continue;
                count.missing += node.missing ?? 0;
                count.true += node.true;
                count.false += node.false;
            }
        }
        this.#coverage.records += seen;
    }

    #explain(batch: Uint8Array): void {
        let seen = 0;
        for (const { id } of this.#rules) {
            const answer = this.#instance.call("tocsin_explain", encoder.encode(id), batch);
            if (answer.status !== OK && answer.status !== 2) continue;
            const frames = readExplanations(decoder.decode(answer.text));
            seen = Math.max(seen, frames.length);
            const counts = (this.#coverage.rules[id] ??= (frames[0]?.explanation.nodes ?? []).map((node) => ({
                depth: node.depth,
                kind: node.kind,
                text: node.text ?? "",
                true: 0,
                false: 0,
                missing: 0,
            })));
            for (const { explanation } of frames) {
                for (const [index, node] of explanation.nodes.entries()) {
                    const count = counts[index];
                    if (!count) continue;
                    count[node.truth ? "true" : "false"] += 1;
                    if (node.kind === "clause" && node.missing) count.missing += 1;
                }
            }
        }
        this.#coverage.records += seen;
    }

    #report(done: boolean): void {
        const now = performance.now();
        if (!done && now - this.#reported < REPORT) return;
        this.#reported = now;
        if (this.#lines.length > 0) {
            this.#ndjson = new Blob([this.#ndjson, ...this.#lines]);
            this.#csv = new Blob([this.#csv, ...this.#rows]);
            this.#lines = [];
            this.#rows = [];
        }
        const progress: CorpusProgress = {
            read: this.#read,
            done,
            counts: this.#tally.counts(),
            // The first of them don't change once they are all there.
            rows: done || this.#tally.rows.length < 200 ? this.#tally.rows : [],
            rules: this.#rules,
            ndjson: this.#ndjson,
            csv: this.#csv,
            coverage: this.#coverage,
            problems: this.#problems,
            took: now - this.#begun,
        };
        postMessage({ progress } satisfies FromCorpus);
    }
}

async function run(request: CorpusRequest): Promise<void> {
    const instance = await Instance.start(request.module);
    const configuration = { ...(request.documents.length > 0 && { rules: request.documents }), options: { format: "json", error_frames: 0 }, skip_broken: true };
    const configured = instance.call("tocsin_configure", encoder.encode(JSON.stringify(configuration)));
    if (configured.status !== OK) throw new Error(decoder.decode(configured.text));
    const { rules } = JSON.parse(decoder.decode(instance.call("tocsin_describe").text)) as Description;
    await new Corpus(instance, rules).judge(request.files);
}

addEventListener("message", ({ data }: MessageEvent<CorpusRequest>) => {
    run(data).catch((error: unknown) => postMessage({ failure: error instanceof Error ? error.message : String(error) } satisfies FromCorpus));
});
