// The package as a user has it: installed, and imported by its name.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { ConfigurationError, Detector, DetectorError } from "tocsin-detector";

const STOP = {
  eventVersion: "1.08",
  eventTime: "2026-03-14T09:20:00Z",
  eventSource: "config.amazonaws.com",
  eventName: "StopConfigurationRecorder",
  awsRegion: "eu-central-1",
  recipientAccountId: "111122223333",
  userIdentity: { type: "IAMUser", userName: "alice" },
};
const START = { ...STOP, eventName: "StartConfigurationRecorder" };

const ANY = {
  name: "any.toml",
  text: `[rule]
rule_id = "any-event"
name = "Any event"
language = "kuery"
severity = "low"
query = 'event.action:*'
`,
};

const lines = (...records) => records.map((record) => JSON.stringify(record)).join("\n");

test("a record raises an alert", async () => {
  const detector = await Detector.load();
  const { alerts, errors, summary } = detector.detect(lines(START, STOP));
  assert.deepEqual(summary, { records: 2, matches: 2, errors: 0 });
  assert.deepEqual(errors, []);
  assert.deepEqual(alerts.map((frame) => frame.record), [1, 1]);
  assert.equal(alerts[0].rule, "fbd44836-0d69-4004-a0b4-03c20370c435");
  assert.equal(alerts[0].time, Date.parse(STOP.eventTime));
  assert.equal(alerts[0].alert.rule.name, "AWS Configuration Recorder Stopped");
  assert.deepEqual(alerts[0].alert.event, STOP);
});

test("alerts say who did what, and the rules that are asked for run", async () => {
  const detector = await Detector.load();
  const rule = "fbd44836-0d69-4004-a0b4-03c20370c435";
  detector.configure({ options: { facts: true, only_rules: [rule] } });
  const { alerts } = detector.detect(`\n${lines(STOP)}`);
  assert.deepEqual(alerts.map((frame) => [frame.rule, frame.offset]), [[rule, 1]]);
  const { user, action, account, outcome } = alerts[0].facts;
  assert.deepEqual([user, action, account, outcome], ["alice", STOP.eventName, "111122223333", "success"]);
});

test("a batch may be bytes", async () => {
  const detector = await Detector.load();
  const bytes = new TextEncoder().encode(lines(STOP));
  const expected = detector.detect(lines(STOP));
  assert.deepEqual(detector.detect(bytes), expected);
  assert.deepEqual(detector.detect(Buffer.from(bytes)), expected);
  assert.deepEqual(detector.detect(bytes.buffer), expected);
  assert.throws(() => detector.detect(STOP), TypeError);
  assert.deepEqual(detector.detect(bytes), expected, "a wrong argument does no harm");
});

test("a broken record costs itself alone", async () => {
  const detector = await Detector.load();
  const { alerts, errors, summary } = detector.detect(`${lines(STOP)}\n{"eventName": \n${lines(STOP)}`);
  assert.deepEqual(summary, { records: 3, matches: 4, errors: 1, unread: 1 });
  assert.deepEqual(alerts.map((frame) => frame.record), [0, 0, 2, 2]);
  assert.equal(errors[0].record, 1);
  assert.ok(errors[0].offset > 0 && errors[0].reason.length > 0);
  assert.equal(detector.raw.detect("text").status, 2, "nothing in it is a record");
  assert.equal(detector.detect("text").summary.matches, 0);
});

test("detectors are independent", async () => {
  const [first, second] = await Promise.all([Detector.load(), Detector.load()]);
  const third = await first.another();
  assert.deepEqual(first.configure({ rules: [ANY] }), { rules: 1, diagnostics: [] });
  const ids = (detector) => detector.describe().rules.map((rule) => rule.id);
  assert.deepEqual(ids(first), ["any-event"]);
  assert.equal(ids(second).length, 2);
  assert.deepEqual(ids(third), ids(second));
  assert.equal(first.detect(lines(START)).alerts.length, 1);
  assert.equal(second.detect(lines(START)).alerts.length, 0);
});

test("the description has the module's fingerprint", async () => {
  const detector = await Detector.load();
  const file = await readFile(fileURLToPath(import.meta.resolve("tocsin-detector/tocsin.wasm")));
  const sha256 = createHash("sha256").update(file).digest("hex");
  const { module, engine, rules } = detector.describe();
  assert.deepEqual(module, { sha256, bytes: file.length });
  assert.deepEqual(detector.module, module);
  assert.equal(engine.abi, 1);
  assert.equal(rules.length, 2);
  // What the command says of itself, where the script that runs this knows it.
  if (process.env.TOCSIN_SHA256) assert.equal(sha256, process.env.TOCSIN_SHA256);
});

test("rules with errors are told with their places, and change nothing", async () => {
  const detector = await Detector.load();
  const bad = { name: "bad.toml", text: ANY.text.replace("event.action:*", "event.action:(") };
  assert.throws(
    () => detector.configure({ rules: [bad] }),
    (error) => {
      assert.ok(error instanceof ConfigurationError && error instanceof DetectorError);
      assert.equal(error.status, 3);
      const [diagnostic] = error.diagnostics;
      assert.equal(diagnostic.document, "bad.toml");
      assert.equal(diagnostic.line, 6);
      assert.match(error.message, /^bad\.toml:6:\d+: /);
      return true;
    },
  );
  assert.equal(detector.describe().rules.length, 2);
});

test("what the module refuses is an exception with its words", async () => {
  const detector = await Detector.load();
  const refused = (call, status, words) =>
    assert.throws(call, (error) => {
      assert.ok(error instanceof DetectorError && !(error instanceof ConfigurationError));
      assert.equal(error.status, status);
      assert.equal(error.answer.status, status);
      assert.match(error.message, words);
      return true;
    });
  refused(() => detector.configure({ options: { format: "xml" } }), 1, /xml/);
  refused(() => detector.explain("no-such-rule", lines(STOP)), 1, /no-such-rule/);
});

test("the format of alerts is an option", async () => {
  const detector = await Detector.load();
  detector.configure({ options: { format: "text" } });
  assert.match(detector.detect(lines(STOP)).alerts[0].alert, /^2026-03-14T09:20:00Z high /);
  detector.configure({ options: { format: "ocsf" } });
  assert.equal(detector.detect(lines(STOP)).alerts[0].alert.class_uid, 2004);
});

test("a rule is explained", async () => {
  const detector = await Detector.load();
  const id = "fbd44836-0d69-4004-a0b4-03c20370c435";
  const { explanations } = detector.explain(id, lines(STOP, START));
  assert.deepEqual(explanations.map(({ explanation }) => explanation.selects), [true, false]);
  assert.ok(explanations[1].explanation.nodes.some((node) => node.kind === "clause" && !node.truth));
});

test("raw answers are the bytes that the module gives", async () => {
  const detector = await Detector.load();
  const { status, count, text } = detector.raw.detect(lines(STOP));
  assert.deepEqual([status, count], [0, 2]);
  const frames = new TextDecoder().decode(text).trimEnd().split("\n");
  assert.equal(frames.length, 3);
  assert.ok(frames[0].includes(lines(STOP)), "an alert has the record byte for byte");
  assert.equal(detector.raw.configure("no JSON").status, 1);
  assert.equal(detector.raw.describe().count, 2);
});

test("records of any depth and size come through", async () => {
  const detector = await Detector.load();
  const depth = 200_000;
  const deep = `{"a":${"[".repeat(depth)}${"]".repeat(depth)},${lines(STOP).slice(1)}`;
  const long = lines({ ...STOP, requestParameters: { text: "\u00e4\ud83d\ude00".repeat(500_000) } });
  const { alerts, summary } = detector.detect(`${deep}\n${long}`);
  assert.deepEqual(summary, { records: 2, matches: 4, errors: 0 });
  assert.equal(alerts[2].alert.event.requestParameters.text.length, 1_500_000);
});

test("memory does not grow with the number of calls", async () => {
  const detector = await Detector.load();
  const run = (times) => {
    for (let i = 0; i < times; i += 1) {
      detector.raw.detect(lines(START, STOP));
      detector.raw.explain("any-event", "{}");
    }
    return detector.raw.memoryBytes;
  };
  const before = run(10);
  assert.equal(run(20_000), before);
});

test("a module comes from wherever the caller has it", async () => {
  const url = new URL(import.meta.resolve("tocsin-detector/tocsin.wasm"));
  const bytes = await readFile(url);
  const response = () => new Response(bytes, { headers: { "content-type": "application/wasm" } });
  const sources = [bytes, new Uint8Array(bytes).buffer, url, String(url), fileURLToPath(url), response()];
  for (const source of [...sources, Promise.resolve(response())]) {
    const detector = await Detector.load(source);
    assert.equal(detector.module.bytes, bytes.length);
    assert.equal(detector.detect(lines(STOP)).alerts.length, 2);
  }
  await assert.rejects(Detector.load(new Response("", { status: 404 })), /HTTP status 404/);
  await assert.rejects(Detector.load(new URL("nowhere.wasm", url)), /ENOENT/);
  await assert.rejects(Detector.load(new Uint8Array([0, 1, 2, 3])), WebAssembly.CompileError);
  const empty = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
  await assert.rejects(Detector.load(empty), DetectorError);
});

/** A module of the right exports, all of which break off. */
function trapping() {
  const text = (name) => [name.length, ...new TextEncoder().encode(name)];
  const section = (id, ...contents) => [id, contents.length, ...contents];
  const functions = ["tocsin_javascript_detect", "__wbindgen_add_to_stack_pointer"];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, 1, 0x60, 0, 0), // one type: nothing to nothing
    ...section(3, 1, 0), // one function of it
    ...section(5, 1, 0, 1), // one memory of one page
    ...section(7, 3, ...text("memory"), 2, 0, ...functions.flatMap((name) => [...text(name), 0, 0])),
    ...section(10, 1, 3, 0, 0x00, 0x0b), // its body: unreachable
  ]);
}

test("a detector that has failed is not called again", async () => {
  const detector = await Detector.load(trapping());
  const failed = (words) => (error) => {
    assert.ok(error instanceof DetectorError && error.cause instanceof WebAssembly.RuntimeError);
    assert.equal(error.status, undefined);
    assert.match(error.message, words);
    return true;
  };
  assert.throws(() => detector.detect("{}"), failed(/the call failed/));
  assert.throws(() => detector.describe(), failed(/an earlier call failed/));
});

test("a compiled module starts with its own rules", { skip: !process.env.TOCSIN_COMPILED }, async () => {
  const detector = await Detector.load(process.env.TOCSIN_COMPILED);
  assert.ok(detector.describe().rules.length > 30);
  assert.equal(detector.detect(lines(STOP)).summary.records, 1);
  detector.configure({ rules: [ANY] });
  assert.equal(detector.detect(lines(STOP)).alerts.length, 1);
});

test("a record is read whole, and each value is where it is said to be", async () => {
  const detector = await Detector.load();
  const batch = lines(START, STOP);
  const { readings } = detector.read(batch);
  assert.deepEqual(readings.map(({ record }) => record), [0, 1]);
  const { ecs, raw } = readings[1].reading;
  const action = ecs.find(({ field }) => field === "event.action");
  assert.equal(action.value, "StopConfigurationRecorder");
  for (const { value, offset, length } of raw) {
    assert.deepEqual(JSON.parse(batch.slice(offset, offset + length)), value);
  }
});

test("clauses are counted over a batch", async () => {
  const detector = await Detector.load();
  detector.configure({ rules: [ANY] });
  const { rules, summary } = detector.coverage(lines(START, STOP, { eventVersion: "1.08" }));
  assert.deepEqual(summary, { records: 3, matches: 2, errors: 0 });
  const [{ rule, records, alerts, nodes }] = rules;
  assert.deepEqual({ rule, records, alerts }, { rule: "any-event", records: 3, alerts: 2 });
  const [{ true: holds, false: fails, missing, place }] = nodes;
  assert.deepEqual({ holds, fails, missing }, { holds: 2, fails: 1, missing: 1 });
  assert.equal(ANY.text.slice(place.start, place.end), "event.action:*");
});

test("the tests of a rule are run", async () => {
  const detector = await Detector.load();
  const cases = `
[[test]]
name = "any record alerts"
matches = true
record = '''${lines(STOP)}'''
severity = "high"
`;
  const { rules, tests } = detector.test({ document: { ...ANY, text: ANY.text + cases } });
  assert.equal(rules, 1);
  const [{ name, line, passed, differences }] = tests;
  assert.deepEqual({ name, line, passed }, { name: "any record alerts", line: 8, passed: false });
  assert.deepEqual(differences, [
    { kind: "part", message: 'severity:\n  - "high"\n  + "low"', name: "severity", expected: "high", actual: "low" },
  ]);
  assert.throws(() => detector.test({ document: { ...ANY, text: ANY.text + "[[test]]\n" } }), ConfigurationError);
});

test("the vocabulary has fields and functions", async () => {
  const detector = await Detector.load();
  const { fields, logpresso } = detector.vocabulary();
  assert.equal(fields.ecs.find(({ name }) => name === "event.action").path, "eventName");
  assert.ok(logpresso.functions.every(({ signature, examples }) => signature && examples.length > 0));
});
