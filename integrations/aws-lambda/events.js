// In: an event of Lambda's. Out: its items, each with its bytes or where they are, and how a failed item is
// told to the service that sent it. What has no known form is an error: an event that nobody opens would
// otherwise count as one record without an alert.

import { gunzipSync } from "node:zlib";

/** Inflating stops there: an event is small, and what it holds may be made to grow. */
const INFLATED_BYTES = 256 << 20;

/** The event has a form that this function doesn't know. */
export class UnknownEventError extends Error {
  constructor(event) {
    const keys = event !== null && typeof event === "object" ? Object.keys(event).slice(0, 10).join(", ") : typeof event;
    super(`an event of unknown form (its keys: ${keys}); nothing in it was judged`);
    this.name = "UnknownEventError";
  }
}

/**
 * @typedef {{ id: string, bytes?: Uint8Array, objects?: { bucket: string, key: string, versionId?: string }[],
 *   broken?: string }} Item  one of `bytes`, `objects` and `broken` is there
 * @typedef {"throw" | "messageId" | "sequenceNumber" | "firehose"} Failures
 * @typedef {{ kind: string, failures: Failures, items: Item[] }} Items
 */

/** @returns {Items} */
export function itemsOf(event) {
  if (event === null || typeof event !== "object") throw new UnknownEventError(event);
  if (typeof event.awslogs?.data === "string") return logs(event);
  if (typeof event.deliveryStreamArn === "string" && Array.isArray(event.records)) return firehose(event);
  if (event.eventSource === "aws:kafka" || event.eventSource === "SelfManagedKafka") return kafka(event);
  if (typeof event["detail-type"] === "string" && "detail" in event) return eventBridge(event);
  if (Array.isArray(event.Records)) return records(event);
  throw new UnknownEventError(event);
}

function logs(event) {
  const item = decoded("awslogs.data", event.awslogs.data);
  // The service asks so whether the function is there; it holds no records.
  const control = item.bytes !== undefined && messageType(item.bytes) === "CONTROL_MESSAGE";
  return { kind: "cloudwatch-logs", failures: "throw", items: control ? [] : [item] };
}

function messageType(bytes) {
  try {
    return JSON.parse(Buffer.from(bytes).toString()).messageType;
  } catch {
    return undefined;
  }
}

function firehose(event) {
  const items = event.records.map((record) => decoded(record.recordId, record.data));
  return { kind: "firehose", failures: "firehose", items };
}

function kafka(event) {
  const items = Object.values(event.records ?? {}).flat().filter((record) => record.value != null)
    .map((record) => decoded(`${record.topic}-${record.partition}@${record.offset}`, record.value));
  return { kind: "kafka", failures: "throw", items };
}

function eventBridge(event) {
  const objects = objectsCreated(event);
  const item = { id: event.id ?? "event", ...(objects ? { objects } : { bytes: encoded(event) }) };
  return { kind: "eventbridge", failures: "throw", items: [item] };
}

/** Services that send lists of `Records`; one event holds those of one service. */
function records(event) {
  const source = event.Records[0]?.eventSource ?? event.Records[0]?.EventSource;
  if (event.Records.some((record) => (record?.eventSource ?? record?.EventSource) !== source)) {
    throw new UnknownEventError(event);
  }
  switch (source) {
    case "aws:s3":
      return { kind: "s3", failures: "throw", items: [{ id: "s3", objects: notice(event) }] };
    case "aws:sqs":
      return { kind: "sqs", failures: "messageId", items: event.Records.map((record) => message(record.messageId, record.body)) };
    case "aws:sns":
      return { kind: "sns", failures: "throw", items: event.Records.map((record) => message(record.Sns?.MessageId, record.Sns?.Message)) };
    case "aws:kinesis":
      return {
        kind: "kinesis",
        failures: "sequenceNumber",
        items: event.Records.map((record) => decoded(record.kinesis?.sequenceNumber, record.kinesis?.data)),
      };
    default:
      throw new UnknownEventError(event);
  }
}

/** A message's text: an S3 notice, an SNS notification or EventBridge event around one, or records. */
function message(id, text) {
  if (typeof text !== "string") return { id, broken: "the message has no text" };
  let inner = text;
  for (let depth = 0; depth < 4; depth += 1) {
    let value;
    try {
      value = JSON.parse(inner);
    } catch {
      break; // lines of records, or broken: the module says which
    }
    if (value === null || typeof value !== "object") break;
    if (value.Event === "s3:TestEvent") return { id, objects: [] };
    if (Array.isArray(value.Records) && value.Records.length > 0 && value.Records.every((record) => record?.eventSource === "aws:s3")) {
      return { id, objects: notice(value) };
    }
    const objects = objectsCreated(value);
    if (objects) return { id, objects };
    if (value.Type !== "Notification" || typeof value.Message !== "string") break;
    inner = value.Message;
  }
  return { id, bytes: encoded(text) };
}

/** The object that an EventBridge event tells of, if it is one of S3's. */
function objectsCreated(event) {
  if (event.source !== "aws.s3" || event["detail-type"] !== "Object Created") return undefined;
  return [{ bucket: event.detail?.bucket?.name, key: event.detail?.object?.key, versionId: event.detail?.object?.["version-id"] }];
}

/** The objects that a notice of S3's tells of. Its keys are written as in a URL. */
function notice(event) {
  return event.Records.filter((record) => record.eventName?.startsWith("ObjectCreated:")).map((record) => ({
    bucket: record.s3?.bucket?.name,
    key: decodeURIComponent((record.s3?.object?.key ?? "").replaceAll("+", " ")),
    versionId: record.s3?.object?.versionId,
  }));
}

function encoded(value) {
  return new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
}

/** Base64, and gzip where the bytes begin so. */
function decoded(id, text) {
  if (typeof text !== "string" || !/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) {
    return { id, broken: "the data isn't base64" };
  }
  try {
    return { id, bytes: inflated(Buffer.from(text, "base64")) };
  } catch (error) {
    return { id, broken: `the data can't be unpacked: ${error.message}` };
  }
}

/** What is packed by gzip, unpacked; anything else as it is. */
export function inflated(bytes) {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  return gunzipSync(bytes, { maxOutputLength: INFLATED_BYTES });
}
