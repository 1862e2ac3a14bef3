// In: events of Lambda's. Out: alerts to ALERTS_TO, and to the service what it asks for: which items failed, or,
// for Firehose, each record's result. Judging is the module's; nothing here knows a rule.
//
//   ALERTS_TO    log (default), sns:ARN, sqs:URL, eventbridge:BUS, securityhub, webhook:URL; several by blanks
//   MODULE       the module's file; by default tocsin.wasm beside this one (`tocsin compile` makes one of own rules)
//   FIREHOSE     alerts (default: a record becomes its alerts, or is dropped) or enrich (it stays, its alerts in lines behind it)

import { itemsOf, inflated } from "./events.js";
import { sinksOf } from "./sinks.js";

const LINE = Buffer.from("\n");

/**
 * @param {{ detector: { raw: { detect(bytes: Uint8Array): { status: number, text: Uint8Array } } },
 *   send: (alerts: { json: string }[]) => Promise<void>, read: (object: object) => Promise<Uint8Array>, firehose?: string }} options
 */
export function handlerOf({ detector, send, read, firehose = "alerts" }) {
  return async (event) => {
    const { kind, failures, items } = itemsOf(event);
    const judged = [];
    for (const item of items) judged.push(await judge(item));
    if (failures === "firehose") return { records: judged.map((item, index) => transformed(item, event.records[index])) };

    const failed = judged.filter((item) => item.problem !== undefined);
    for (const { id, problem } of failed) console.error(JSON.stringify({ failed: id, kind, reason: problem }));
    await deliver(judged, failed);
    if (failures === "throw") {
      if (failed.length > 0) throw new Error(`${failed.length} of ${judged.length} items failed; ${failed[0].id}: ${failed[0].problem}`);
      return { alerts: judged.reduce((sum, item) => sum + item.alerts.length, 0), records: judged.reduce((sum, item) => sum + item.records, 0) };
    }
    return { batchItemFailures: failed.map(({ id }) => ({ itemIdentifier: id })) };

    /** An item whose alerts couldn't be delivered has failed, too: the service sends it again. */
    async function deliver(all, failed) {
      try {
        await send(all.flatMap((item) => item.alerts));
      } catch (error) {
        console.error(JSON.stringify({ failed: "delivery", kind, reason: error.message }));
        for (const item of all) {
          if (item.alerts.length > 0 && !failed.includes(item)) failed.push(Object.assign(item, { problem: error.message }));
        }
      }
    }
  };

  async function judge(item) {
    const result = { id: item.id, alerts: [], records: 0, problem: item.broken };
    if (item.broken !== undefined) return result;
    try {
      if (item.bytes !== undefined) detect(item.bytes, result);
      for (const object of item.objects ?? []) {
        // A digest signs files of records and holds none.
        if (/(^|\/)CloudTrail-Digest\//.test(object.key ?? "")) continue;
        const before = result.problem;
        detect(inflated(await read(object)), result);
        if (result.problem !== before) result.problem = `s3://${object.bucket}/${object.key}: ${result.problem}`;
      }
    } catch (error) {
      result.problem = error.message;
    }
    return result;
  }

  /** Judges a batch. Alerts of its neighbours stay where a record can't be read. */
  function detect(bytes, result) {
    const answer = detector.raw.detect(bytes);
    let summary;
    let first;
    for (const line of lines(Buffer.from(answer.text))) {
      const at = line.indexOf(',"alert":');
      if (line.startsWith('{"record":') && at !== -1) result.alerts.push({ json: line.slice(at + 9, -1) });
      else {
        const frame = JSON.parse(line);
        summary ??= frame.summary;
        first ??= frame.error?.reason ?? frame.errors?.reason ?? frame.reason;
      }
    }
    result.records += summary?.records ?? 0;
    if (summary === undefined || summary.errors > 0 || (answer.status !== 0 && answer.status !== 2)) {
      result.problem = `${summary?.errors ?? "no"} of ${summary?.records ?? "its"} records can't be judged: ${first ?? `status ${answer.status}`}`;
    }
  }

  /** A record of Firehose's, transformed. What was found beside something unreadable isn't lost, and says so. */
  function transformed({ id, alerts, problem }, record) {
    if (problem !== undefined) console.error(JSON.stringify({ failed: id, kind: "firehose", reason: problem }));
    if (problem !== undefined && (alerts.length === 0 || firehose === "enrich")) return { recordId: id, result: "ProcessingFailed", data: record.data };
    if (firehose === "enrich") {
      if (alerts.length === 0) return { recordId: id, result: "Ok", data: record.data };
      const beside = [inflated(Buffer.from(record.data, "base64")), LINE, ...alerts.flatMap(({ json }) => [Buffer.from(json), LINE])];
      return { recordId: id, result: "Ok", data: Buffer.concat(beside).toString("base64") };
    }
    if (alerts.length === 0) return { recordId: id, result: "Dropped", data: record.data };
    const out = alerts.map(({ json }) => json);
    if (problem !== undefined) out.push(JSON.stringify({ error: problem }));
    return { recordId: id, result: "Ok", data: Buffer.concat(out.flatMap((text) => [Buffer.from(text), LINE])).toString("base64") };
  }
}

/** Lines one at a time: an answer may be longer than a string can be. */
function* lines(text) {
  for (let from = 0; from < text.length; ) {
    const end = text.indexOf(10, from);
    const to = end === -1 ? text.length : end;
    if (to > from) yield text.toString("utf8", from, to);
    from = to + 1;
  }
}

/** Reads objects by the SDK that the runtime brings. */
export function s3Reader(client) {
  return async ({ bucket, key, versionId }) => {
    const { S3Client, GetObjectCommand } = await import("@aws-sdk/client-s3");
    client ??= new S3Client({});
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }));
    return Body.transformToByteArray();
  };
}

/** The handler that the environment asks for. */
export async function fromEnvironment(environment = process.env) {
  const { Detector } = await import("tocsin-detector");
  const detector = await Detector.load(environment.MODULE ?? new URL("tocsin.wasm", import.meta.url));
  const firehose = environment.FIREHOSE ?? "alerts";
  if (!["alerts", "enrich"].includes(firehose)) throw new Error(`FIREHOSE is ${firehose}; it can be alerts or enrich`);
  return handlerOf({ detector, send: sinksOf(environment.ALERTS_TO ?? "log"), read: s3Reader(), firehose });
}
