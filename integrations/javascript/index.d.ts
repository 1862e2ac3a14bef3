/** A module, running: a set of rules that judges batches of CloudTrail records. */
export class Detector {
  private constructor();

  /**
   * Loads a module and starts an instance of it, independent of all others.
   *
   * Without a source it is the package's own module, with the built-in rules. A source is the module's
   * bytes, a response that has them, or where to get them: a URL, in Node also a path. A compiled module
   * (`tocsin compile`) is loaded the same way.
   *
   * Rejects if the source can't be read, or isn't a Tocsin module.
   */
  static load(source?: Source | Promise<Source>): Promise<Detector>;

  /** Another instance of the same module, with the rules that the module came with. */
  another(): Promise<Detector>;

  /** Which file the module is. */
  readonly module: ModuleInfo;

  /** What the module holds. Throws `DetectorError`. */
  describe(): Description;

  /**
   * Replaces or joins rules, and sets options: all of it or nothing. What is left out stays as it is.
   * Throws `ConfigurationError` with every error found.
   */
  configure(configuration: Configuration): Configured;

  /**
   * Judges a batch of records, in any of the accepted shapes: JSON lines, an array, `{"Records": [...]}`,
   * envelopes. A record that can't be read costs itself alone and is among the `errors`. Throws
   * `DetectorError` if there is no answer for the batch as a whole.
   *
   * `A` is what an alert is: `Alert` unless the option `format` asks for another.
   */
  detect<A = Alert>(batch: Bytes): Detection<A>;

  /**
   * Says of each record why the rule with this id does or doesn't select it. Throws `DetectorError` if
   * there is no such rule.
   */
  explain(rule: string, batch: Bytes): Explained;

  /**
   * Runs the tests of a rule document by its rules alone; what is configured stays. Throws `ConfigurationError`
   * with what is wrong with the rules or with the tests.
   */
  test(run: TestRun): TestResults;

  /** What a rule's author may write: fields, their known values, functions, for editors. */
  vocabulary(): RuleVocabulary;

  /**
   * Reads each record whole: all its fields by the names of each vocabulary, each value with its place in the
   * record or with what it is worked out from. A record has several readings where parsers differ on it.
   */
  read(batch: Bytes): Read;

  /** Counts over a batch how often each rule, and each node of its query, was true. */
  coverage(batch: Bytes): Covered;

  /** The same calls with the answers' own bytes, for those who compare or pass them on. */
  readonly raw: RawDetector;
}

/** Text, or bytes of UTF-8. A lone surrogate of a string becomes U+FFFD. */
export type Bytes = string | Uint8Array | ArrayBuffer;

/** Where a module comes from. */
export type Source = Uint8Array | ArrayBuffer | Response | URL | string;

/** Calls whose answers aren't read. They don't throw over a status; it is part of the answer. */
export interface RawDetector {
  describe(): Answer;
  configure(document: Bytes): Answer;
  detect(batch: Bytes): Answer;
  explain(rule: string, batch: Bytes): Answer;
  test(run: Bytes): Answer;
  vocabulary(): Answer;
  read(batch: Bytes): Answer;
  coverage(batch: Bytes): Answer;
  /** Bytes of memory that the instance holds. It grows with the largest batch, and never shrinks. */
  readonly memoryBytes: number;
}

/** An answer as the module gives it. */
export interface Answer {
  /** 0 ok, 1 bad argument, 2 bad batch, 3 bad configuration, 4 limit exceeded, 255 internal. */
  status: number;
  /** Rules described, diagnostics found, or alerts raised. */
  count: number;
  /** JSON, or a line of JSON for each frame, in UTF-8. */
  text: Uint8Array;
}

/** The module refuses a call, or can't be used. */
export class DetectorError extends Error {
  /** The answer's status; undefined if there was no answer. */
  readonly status: number | undefined;
  /** The answer, if there was one. */
  readonly answer: Answer | undefined;
}

/** The rules or options hold errors; what was configured before still holds. */
export class ConfigurationError extends DetectorError {
  readonly diagnostics: Diagnostic[];
}

/** A file. */
export interface ModuleInfo {
  /** In hex digits; null in a browser whose page comes neither from https nor from localhost. */
  sha256: string | null;
  bytes: number;
}

export interface Description {
  module: ModuleInfo;
  engine: { name: string; version: string; abi: number };
  limits: { batch_bytes: number; record_bytes: number; envelope_depth: number; rule_bytes: number; answer_bytes: number; literals: number };
  options: Options;
  rules: RuleInfo[];
}

export interface RuleInfo {
  id: string;
  name: string;
  version: number;
  language: string;
  type: string;
  severity: RuleSeverity;
  risk_score: number;
  schedule: { interval_seconds: number; lookback_seconds: number; max_signals: number };
  threat: unknown[];
  /** The names that the query reads, sorted. */
  fields: string[];
  /** Texts of which every record that it selects holds one; null if that can't be told. */
  literals: string[] | null;
  document: string;
  tags?: string[];
  /** Whether a record may change its alerts' name, severity or risk score. */
  overrides?: boolean;
  /** The log source that it is for, if that isn't CloudTrail. */
  other_source?: { category?: string; product?: string; service?: string };
  /** The data sets or indices that it asks for, if they aren't CloudTrail's. */
  other_data?: string[];
}

export type RuleSeverity = "low" | "medium" | "high" | "critical";

export interface Configuration {
  /** Replaces the rules. */
  rules?: Document[];
  /** Joins rules to those there are. */
  add?: Document[];
  options?: Partial<Options>;
}

/** A rule file. */
export interface Document {
  /** What diagnostics call it; its ending says how it is read (`.toml`, `.yml`). */
  name: string;
  text: string;
}

export interface Options {
  format: "json" | "text" | "ecs" | "ocsf";
  /** Whether every byte of every record is read, whatever the rules ask for. */
  strict?: boolean;
  /** How many errors of a batch are told one by one; the others are counted. All of them if it is null. */
  error_frames?: number | null;
  /** Senders of EventBridge events that are believed beside AWS. */
  trust_event_sources?: string[];
  /** Milliseconds since 1970: exceptions that have ended by then hold no alert back. */
  now?: number;
  /** Whether rules run that their authors have set aside. */
  inactive?: boolean;
  /** Whose records those are that don't tell it themselves, in Sigma's words; `{}` takes it back. */
  logsource?: { category?: string; product?: string; service?: string };
  /** Whether an alert's frame says where its record begins, and who did what. */
  facts?: boolean;
  /** The ids of the rules that run; all if it isn't given. */
  only_rules?: string[];
}

export interface Configured {
  /** How many rules there are now. */
  rules: number;
  /** Exceptions of the rules end at some time: with another `now` the same documents may be other rules. */
  dated_exceptions?: boolean;
  /** Warnings, and rules of kinds that don't run here. */
  diagnostics: Diagnostic[];
}

export interface Diagnostic {
  document: string;
  /** Lines and columns begin at 1; columns count characters. */
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

export interface Detection<A = Alert> {
  alerts: AlertFrame<A>[];
  errors: RecordError[];
  /** Errors that aren't told one by one, by their reason: only with the option `error_frames`. */
  moreErrors: { count: number; first: number; last: number; reason: string }[];
  summary: Summary;
}

export interface AlertFrame<A = Alert> {
  /** Index of the record in the batch, from 0. */
  record: number;
  /** The rule's id. */
  rule: string;
  /** The alert's id. */
  id: string;
  /** The event's time in milliseconds since 1970; null if the record has none that can be read. */
  time: number | null;
  /** The byte of the batch at which its record begins: only with the option `facts`. */
  offset?: number;
  /** Who did what from where: only with the option `facts`. */
  facts?: Facts;
  alert: A;
}

/** Who did what from where, as far as the record says it. */
export interface Facts {
  name: string;
  severity: RuleSeverity;
  /** An assumed role is `ROLE/SESSION`, the account's root user `root`. */
  user?: string;
  service?: string;
  action?: string;
  address?: string;
  account?: string;
  region?: string;
  outcome?: "success" | "failure";
  error?: string;
}

/** An alert in Tocsin's own format. */
export interface Alert {
  id: string;
  time: string | null;
  rule: {
    id: string;
    name: string;
    version: number;
    language: string;
    severity: RuleSeverity;
    risk_score: number;
    tags: string[];
    references: string[];
    threat: unknown[];
  };
  message: string;
  fields: Record<string, unknown>;
  event: Record<string, unknown>;
}

/** A record that can't be read. */
export interface RecordError {
  record: number;
  /** The byte of the batch where reading failed. */
  offset: number;
  reason: string;
  /** `rule-budget` if a rule took too many steps at the record, whose id is in `rule`. */
  code?: string;
  rule?: string;
}

export interface Summary {
  records: number;
  matches: number;
  errors: number;
  /** Records in EventBridge envelopes of senders that aren't trusted, if there are any. */
  untrusted?: number;
  /** Records that aren't in CloudTrail's own form, each only if there are any. */
  normalised?: number;
  unknown?: number;
  sources?: { source: string; count: number }[];
  unread?: number;
  /** Records that hold others in a way that isn't opened, and what to do. */
  wrapped?: { what: string; count: number; first: number; hint: string }[];
  /** Records that hold none of the fields that rules name. */
  fieldless?: { count: number; first: number; keys: string[] };
}

export interface Explained {
  explanations: { record: number; explanation: Explanation }[];
  errors: RecordError[];
  summary: Summary;
}

export interface Explanation extends Reading {
  rule: string;
  selects: boolean;
  /** Deciding it takes more steps than a rule may; `selects` is false then. */
  undecided?: boolean;
  excepted: boolean;
  elsewhere?: boolean;
  /** The rule is for a log source that the record's sender isn't known to be. */
  untrusted?: boolean;
  query: string;
  nodes: Node[];
}

/** Which reading of which record an answer is about. */
export interface Reading {
  shape: "raw" | "normalised";
  duplicates: "last" | "first";
  /** Where the record begins and ends, in bytes of the text that holds it. */
  start: number;
  end: number;
  /** The byte of the batch where the string begins whose text holds the record; null: the batch holds it. */
  origin: number | null;
}

export interface TestRun {
  /** The rules, and the tests that stand in the same document. */
  document: Document;
  /** The document beside it, `NAME.tests.toml`. */
  tests?: Document;
  /** Exceptions that stand in documents of their own. */
  exceptions?: Document[];
  /** The records that tests name by `file`. */
  files?: Document[];
}

export interface TestResults {
  rules: number;
  tests: TestResult[];
  diagnostics: Diagnostic[];
}

export interface TestResult {
  name: string;
  document: string;
  line: number;
  passed: boolean;
  differences: TestDifference[];
}

export interface TestDifference {
  kind: "no-alert" | "alert" | "part" | "unreadable" | "records" | "no-rule" | "detector";
  /** For a person: what is expected after `-`, what is there after `+`. */
  message: string;
  /** Of a part: `message`, `severity`, or a field's name. */
  name?: string;
  expected?: unknown;
  actual?: unknown;
}

export interface RuleVocabulary {
  /** The state of the vendor's pipeline that the ECS fields of a raw record follow. */
  mapping: string;
  fields: {
    ecs: VocabularyField[];
    logpresso: VocabularyField[];
    /** The record's own keys: Sigma's names. */
    raw: { name: string; meaning: string }[];
  };
  /** What stands below a path is a field by its path below the prefix. */
  objects: { prefix: string; path: string }[];
  /** Values of fields by all their names. Closed: there are no others. */
  values: { fields: string[]; closed: boolean; known: string[] }[];
  logpresso: {
    commands: string[];
    functions: { name: string; signature: string; meaning: string; examples: { call: string; value: unknown }[] }[];
  };
  sigma: { modifiers: string[] };
}

/** One of `path`, `constant`, `from` and `absent` says where a raw record has it. */
export interface VocabularyField {
  name: string;
  type: "keyword" | "text" | "boolean" | "date" | "ip" | "number";
  path?: string;
  constant?: string;
  /** The paths that it is worked out from. */
  from?: string[];
  /** What it would need. */
  absent?: string;
  meaning?: string;
  /** Other names that a normalised record may have it under. */
  aliases?: string[];
}

export interface Read {
  readings: { record: number; reading: WholeReading }[];
  errors: RecordError[];
  summary: Summary;
}

/** All fields of a record in one of its readings. */
export interface WholeReading extends Reading {
  /** The record's text, if it stands in a string of the batch. */
  text?: string;
  /** By Elastic Common Schema's names. */
  ecs: FieldValue[];
  /** By Logpresso's names. */
  logpresso: FieldValue[];
  /** By the record's own keys, joined by dots: the names that Sigma's rules use. */
  raw: FieldValue[];
  /** How many values had no room in the answer. */
  left_out: number;
}

export interface FieldValue extends Value {
  field: string;
  /** True if the value isn't shown because it is long; its place is. */
  cut?: boolean;
}

/** A value and where it stands. */
export interface Value {
  value: unknown;
  /** Null if the value is worked out. */
  path: string | null;
  /** The byte of the text that holds the record. */
  offset: number | null;
  /** Its bytes there, quotes included. */
  length?: number;
  /** What it is worked out from; empty if it is the same in every record. */
  from?: { path: string; offset: number | null; length?: number }[];
}

export interface Covered {
  rules: RuleCoverage[];
  errors: RecordError[];
  moreErrors: { count: number; first: number; last: number; reason: string }[];
  summary: Summary;
}

/** What a rule made of a batch's records. */
export interface RuleCoverage {
  rule: string;
  records: number;
  /** How many of them its query selects, and of these, how many raise no alert, and why. */
  selected: number;
  excepted: number;
  elsewhere: number;
  alerts: number;
  query: string;
  nodes: CoveredNode[];
}

/** A node's counts: `true` and `false` make up the records; `undecided` is among `false`, `missing` in either. */
export interface CoveredNode extends QueryNode {
  true: number;
  false: number;
  undecided?: number;
  missing?: number;
}

/** A node of a query's tree; those that it joins come after it, one deeper. */
export interface QueryNode {
  depth: number;
  kind: "all" | "any" | "not" | "constant" | "clause";
  /** Where it stands in the rule's document, in bytes. */
  place?: { start: number; end: number };
  text?: string;
  start?: number;
  end?: number;
  field?: string;
}

export interface Node extends QueryNode {
  truth: boolean;
  /** Deciding it takes more steps than a rule may; `truth` is false then. */
  undecided?: boolean;
  missing?: boolean;
  values?: Value[];
}
