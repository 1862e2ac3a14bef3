// What crosses the module's interface, as docs/abi.md has it, and what the page's workers and the page tell each
// other.

export interface RuleDocument {
    name: string;
    text: string;
}

export interface Diagnostic {
    document: string;
    line: number;
    column: number;
    end_line: number;
    end_column: number;
    severity: "error" | "warning" | "refused";
    code: string;
    message: string;
    hint: string | null;
    source: string | null;
}

export interface DescribedRule {
    id: string;
    name: string;
    version: number;
    language: string;
    severity: string;
    risk_score: number;
    fields: string[];
    document: string | null;
}

export interface Description {
    engine: { name: string; version: string; abi: number };
    mapping: string;
    rules: DescribedRule[];
}

/** Where a value stands in a record. */
export interface ValuePlace {
    path: string | null;
    /** Its first byte in the text that holds the record. */
    offset: number | null;
    length?: number;
}

export interface NodeValue extends ValuePlace {
    value: unknown;
    /** What a worked-out value comes from, in modules that say so. */
    from?: ValuePlace[];
}

/** Bytes of a document. */
export interface DocumentPlace {
    start: number;
    end: number;
}

export interface ExplainedNode {
    depth: number;
    kind: "all" | "any" | "not" | "constant" | "clause";
    truth: boolean;
    undecided?: boolean;
    text?: string;
    start?: number;
    end?: number;
    field?: string;
    missing?: boolean;
    values?: NodeValue[];
    place?: DocumentPlace | null;
}

export interface Explanation {
    rule: string;
    selects: boolean;
    undecided?: boolean;
    excepted: boolean;
    elsewhere?: boolean;
    untrusted?: boolean;
    shape: string;
    duplicates: string;
    /** The byte of the batch at which the string begins that holds the record; null if the batch does. */
    origin?: number | null;
    /** The record's bytes in the text that holds it. */
    start?: number;
    end?: number;
    query: string;
    nodes: ExplainedNode[];
}

/** Formats of alerts. */
export type Format = "json" | "text" | "ecs" | "ocsf";

export interface RecordError {
    record: number;
    offset: number;
    reason: string;
    code?: string;
    rule?: string;
}

export interface Alert {
    record: number;
    rule: string;
    /** The line that the command prints. */
    line: string;
}

export interface Summary {
    records: number;
    matches: number;
    errors: number;
    untrusted?: number;
}

/** A field of a record with one value. */
export interface ReadField extends NodeValue {
    field: string;
    cut?: boolean;
}

/** A record's fields by each vocabulary's names. */
export interface Reading {
    shape: string;
    duplicates: string;
    start: number;
    end: number;
    origin: number | null;
    ecs: ReadField[];
    logpresso: ReadField[];
    raw: ReadField[];
    left_out: number;
}

export interface TestResult {
    name: string;
    document: string;
    line: number;
    passed: boolean;
    differences: { kind: string; message: string; name?: string; expected?: string; actual?: string }[];
}

/** A document's tests, judged. */
export interface TestRun {
    document: string;
    tests: TestResult[];
    diagnostics: Diagnostic[];
}

export interface Evaluation {
    /** Milliseconds in the worker. */
    took: number;
    diagnostics: Diagnostic[];
    /** Whether there are rules that run. */
    rules: DescribedRule[];
    alerts: Alert[];
    errors: RecordError[];
    summary: Summary;
    /** By rule id, for each record that could be read: its index and the explanation. */
    explanations: Record<string, { record: number; explanation: Explanation }[]>;
    /** By record; there only if the module has `tocsin_read`. */
    readings?: { record: number; reading: Reading }[];
    /** There only if the module has `tocsin_test`. */
    tests?: TestRun[];
    /** Why nothing could be judged, in words. */
    failure?: string;
}

export interface EvaluationRequest {
    documents: RuleDocument[];
    records: Uint8Array;
    format: Format;
    /** Files of tests beside the rules, and the records that tests name. */
    tests: RuleDocument[];
    files: RuleDocument[];
}
