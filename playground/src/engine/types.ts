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

export interface NodeValue {
    value: unknown;
    path: string | null;
    offset: number | null;
    /** Paths that a worked-out value comes from, in modules that say so. */
    from?: string[];
}

/** A place in a rule's document, in modules that say so. */
export interface DocumentPlace {
    line: number;
    column: number;
    end_line: number;
    end_column: number;
}

export interface ExplainedNode {
    depth: number;
    kind: "all" | "any" | "not" | "clause";
    truth: boolean | null;
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
    excepted: boolean;
    elsewhere?: boolean;
    shape: string;
    duplicates: string;
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

/** Values of a record in one vocabulary. */
export interface ReadValue {
    name: string;
    values: NodeValue[];
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
    /** The answers of optional exports, as text; there only if the module has them. */
    reading?: string;
    tests?: string;
    /** Why nothing could be judged, in words. */
    failure?: string;
}

export interface EvaluationRequest {
    documents: RuleDocument[];
    records: Uint8Array;
    format: Format;
    /** The record whose whole reading is wanted. */
    record: number;
    /** Rule tests to run, as documents: the rules' own, and files of tests beside them. */
    tests?: RuleDocument[];
}
