import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { Detector } from "tocsin-detector";
import { UnknownEventError } from "../events.js";
import { handlerOf } from "../handler.js";
import { finding, fitting, sinksOf } from "../sinks.js";

const stop = { eventVersion: "1.08", eventTime: "2026-03-14T09:20:00Z", eventSource: "config.amazonaws.com", eventName: "StopConfigurationRecorder", awsRegion: "eu-central-1", eventID: "e1", userIdentity: { type: "IAMUser", userName: "alice" }, recipientAccountId: "111122223333" };
const calm = { ...stop, eventName: "DescribeInstances", eventID: "e2" };
const text = JSON.stringify(stop);
const base64 = (value) => Buffer.from(value).toString("base64");
const detector = await Detector.load();

/** What a handler answers and delivers. */
async function run(event, { objects = {}, ...options } = {}) {
  const alerts = [];
  const asked = [];
  const handler = handlerOf({
    detector,
    send: async (some) => void alerts.push(...some),
    read: async ({ bucket, key }) => {
      asked.push(`${bucket}/${key}`);
      if (objects[key] === undefined) throw new Error(`no object ${key}`);
      return objects[key];
    },
    ...options,
  });
  return { answer: await handler(event), alerts, asked };
}

const eventBridge = (detail, source = "aws.config") => ({ version: "0", id: "b1", "detail-type": "AWS API Call via CloudTrail", source, account: "111122223333", region: "eu-central-1", detail });
const notice = (...keys) => ({ Records: keys.map((key) => ({ eventSource: "aws:s3", eventName: "ObjectCreated:Put", s3: { bucket: { name: "trail" }, object: { key } } })) });
const sqs = (...bodies) => ({ Records: bodies.map((body, index) => ({ messageId: `m${index}`, eventSource: "aws:sqs", body })) });
const notification = (message) => JSON.stringify({ Type: "Notification", MessageId: "n1", TopicArn: "arn:aws:sns:eu-central-1:111122223333:trail", Message: message });
const file = gzipSync(JSON.stringify({ Records: [stop, calm] }));

test("EventBridge: one event, and the alert is the module's bytes", async () => {
  const { answer, alerts } = await run(eventBridge(stop));
  assert.deepEqual(answer, { alerts: 2, records: 1 });
  assert.equal(JSON.parse(alerts[0].json).event.eventID, "e1");
});

test("CloudWatch Logs: unpacked; the service's own question holds no records", async () => {
  const logs = (value) => ({ awslogs: { data: gzipSync(JSON.stringify(value)).toString("base64") } });
  const data = { messageType: "DATA_MESSAGE", logGroup: "trail", logEvents: [{ id: "1", timestamp: 1, message: text }] };
  assert.equal((await run(logs(data))).alerts.length, 2);
  assert.deepEqual((await run(logs({ messageType: "CONTROL_MESSAGE", logEvents: [] }))).answer, { alerts: 0, records: 0 });
  await assert.rejects(run({ awslogs: { data: "%%" } }), /base64/);
});

test("S3 notices, alone and in SQS, in SNS, in SQS behind SNS, by EventBridge: the object is fetched", async () => {
  const key = "AWSLogs/1/CloudTrail/a b.json.gz";
  const objects = { [key]: file };
  const url = key.replace(" ", "+");
  const created = { source: "aws.s3", "detail-type": "Object Created", detail: { bucket: { name: "trail" }, object: { key } } };
  const events = [
    notice(url),
    sqs(JSON.stringify(notice(url))),
    sqs(notification(JSON.stringify(notice(url)))),
    sqs(JSON.stringify(created)),
    { Records: [{ EventSource: "aws:sns", Sns: { MessageId: "n1", Message: JSON.stringify(notice(url)) } }] },
    { ...created, id: "b1" },
  ];
  for (const event of events) {
    const { alerts, asked } = await run(event, { objects });
    assert.deepEqual(asked, [`trail/${key}`], JSON.stringify(event));
    assert.equal(alerts.length, 2);
  }
});

test("S3: digests are passed over, test notices too, a missing object fails its item", async () => {
  assert.deepEqual((await run(notice("AWSLogs/1/CloudTrail-Digest/d.json.gz"))).asked, []);
  assert.deepEqual((await run(sqs(JSON.stringify({ Service: "Amazon S3", Event: "s3:TestEvent" })))).answer, { batchItemFailures: [] });
  await assert.rejects(run(notice("missing")), /no object missing/);
});

test("SQS: each message is judged by itself, and those that fail are named", async () => {
  const { answer, alerts } = await run(sqs(text, '{"eventName":', JSON.stringify(eventBridge(stop)), notification(text)));
  assert.deepEqual(answer, { batchItemFailures: [{ itemIdentifier: "m1" }] });
  assert.equal(alerts.length, 6);
});

test("SQS: messages whose alerts couldn't be delivered come again, the others don't", async () => {
  const send = async () => { throw new Error("the topic is gone"); };
  const { answer } = await run(sqs(text, JSON.stringify(calm)), { send });
  assert.deepEqual(answer, { batchItemFailures: [{ itemIdentifier: "m0" }] });
});

test("Kinesis and Kafka: data is decoded; what isn't base64 fails alone", async () => {
  const record = (sequenceNumber, data) => ({ eventSource: "aws:kinesis", kinesis: { sequenceNumber, data } });
  const kinesis = await run({ Records: [record("1", base64(text)), record("2", "not base64"), record("3", gzipSync(text).toString("base64"))] });
  assert.deepEqual(kinesis.answer, { batchItemFailures: [{ itemIdentifier: "2" }] });
  assert.equal(kinesis.alerts.length, 4);
  const value = (text, offset) => ({ topic: "trail", partition: 0, offset, value: base64(text) });
  const kafka = await run({ eventSource: "aws:kafka", records: { "trail-0": [value(text, 1), value(JSON.stringify(calm), 2), { topic: "trail", partition: 0, offset: 3, value: null }] } });
  assert.deepEqual(kafka.answer, { alerts: 2, records: 2 });
  await assert.rejects(run({ eventSource: "SelfManagedKafka", records: { "trail-0": [value("{", 7)] } }), /trail-0@7/);
});

test("Firehose: Ok with alerts, Dropped without, ProcessingFailed for what can't be read", async () => {
  const record = (recordId, data) => ({ recordId, data });
  const event = { deliveryStreamArn: "arn", records: [record("1", base64(text)), record("2", base64(JSON.stringify(calm))), record("3", base64('{"a":')), record("4", "!"), record("5", base64(`${text}\n{"a":`))] };
  const { answer } = await run(event);
  assert.deepEqual(answer.records.map(({ recordId, result }) => [recordId, result]), [["1", "Ok"], ["2", "Dropped"], ["3", "ProcessingFailed"], ["4", "ProcessingFailed"], ["5", "Ok"]]);
  const lines = (index) => Buffer.from(answer.records[index].data, "base64").toString().trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.equal(lines(0).length, 2);
  assert.match(lines(4)[2].error, /1 of 2 records/);
  const enriched = (await run(event, { firehose: "enrich" })).answer;
  assert.deepEqual(enriched.records.map(({ result }) => result), ["Ok", "Ok", "ProcessingFailed", "ProcessingFailed", "ProcessingFailed"]);
  assert.ok(Buffer.from(enriched.records[0].data, "base64").toString().startsWith(`${text}\n{"id":`));
});

test("What has no known form is an error, never silence", async () => {
  for (const event of [null, "text", {}, { Records: [] }, { Records: [{ eventSource: "aws:dynamodb" }] }, { Records: [{ eventSource: "aws:s3" }, { eventSource: "aws:sqs" }] }, { records: [] }]) {
    await assert.rejects(run(event), UnknownEventError, JSON.stringify(event));
  }
});

test("Destinations: what isn't one is refused, all are tried, and the reason names who failed", async () => {
  assert.throws(() => sinksOf("pager:x"), /pager is no destination/);
  assert.throws(() => sinksOf(" "), /no destination/);
  await assert.rejects(sinksOf("webhook:http://127.0.0.1:9/")([{ json: "{}" }]), /not delivered/);
});

test("A message holds an alert of any size, and says what was left out", async () => {
  const { alerts } = await run(eventBridge({ ...stop, requestParameters: { x: "y".repeat(400_000) } }));
  const message = JSON.parse(fitting(alerts[0].json));
  assert.equal(message.event, null);
  assert.match(message.event_left_out, /bytes/);
  assert.equal(message.id, JSON.parse(alerts[0].json).id);
});

test("A finding in the AWS Security Finding Format has what an import asks for", async () => {
  const { alerts } = await run(eventBridge(stop));
  const asff = finding(JSON.parse(alerts[0].json), "111122223333", "eu-central-1");
  for (const key of ["SchemaVersion", "Id", "ProductArn", "GeneratorId", "AwsAccountId", "CreatedAt", "UpdatedAt", "Severity", "Title", "Description", "Resources"]) assert.ok(asff[key], key);
  assert.equal(asff.Severity.Label, "HIGH");
  assert.equal(asff.CreatedAt, "2026-03-14T09:20:00.000Z");
});

test("The template names each thing the handler reads from its environment", () => {
  const template = readFileSync(new URL("../template.yaml", import.meta.url), "utf8");
  for (const name of ["ALERTS_TO", "MODULE"]) assert.ok(template.includes(name), name);
});
