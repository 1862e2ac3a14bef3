// In: alerts, as texts. Out: where ALERTS_TO says. Each destination tries all alerts and then says which it
// couldn't deliver; alerts have ids, so that one which comes twice can be told.

const MESSAGE_BYTES = 250_000; // SNS, SQS and EventBridge take 256 KiB with their own names around it

/**
 * @param {string} destinations separated by blanks: log, sns:ARN, sqs:URL, eventbridge:BUS, securityhub, webhook:URL
 * @returns {(alerts: { json: string }[]) => Promise<void>}
 */
export function sinksOf(destinations, clients = {}) {
  const names = destinations.split(/\s+/).filter((name) => name !== "");
  if (names.length === 0) throw new Error("ALERTS_TO names no destination");
  const sinks = names.map((name) => sinkOf(name, clients));
  return async (alerts) => {
    if (alerts.length === 0) return;
    const results = await Promise.allSettled(sinks.map((sink) => sink(alerts)));
    const reasons = results.filter((result) => result.status === "rejected").map((result) => result.reason.message);
    if (reasons.length > 0) throw new Error(`alerts not delivered: ${reasons.join("; ")}`);
  };
}

function sinkOf(name, clients) {
  const colon = name.indexOf(":");
  const [kind, target] = colon === -1 ? [name, ""] : [name.slice(0, colon), name.slice(colon + 1)];
  const make = { log, sns, sqs, eventbridge, securityhub, webhook }[kind];
  if (make === undefined) throw new Error(`ALERTS_TO: ${kind} is no destination; there are log, sns:ARN, sqs:URL, eventbridge:BUS, securityhub, webhook:URL`);
  return make(target, clients);
}

/** An alert that a message can hold: without its record if that is too large, and saying so. */
export function fitting(json, limit = MESSAGE_BYTES) {
  const bytes = Buffer.byteLength(json);
  if (bytes <= limit) return json;
  const alert = JSON.parse(json);
  return JSON.stringify({ ...alert, event: null, fields: {}, event_left_out: `the alert has ${bytes} bytes, more than the ${limit} of a message` });
}

function* tens(alerts) {
  for (let from = 0; from < alerts.length; from += 10) yield alerts.slice(from, from + 10);
}

function log() {
  return async (alerts) => {
    for (const { json } of alerts) console.log(json);
  };
}

function sns(TopicArn, clients) {
  return async (alerts) => {
    const { SNSClient, PublishBatchCommand } = await import("@aws-sdk/client-sns");
    const client = (clients.sns ??= new SNSClient({}));
    // Ten messages together may be as large as one.
    const few = alerts.some(({ json }) => Buffer.byteLength(json) > MESSAGE_BYTES / 10);
    for (const some of few ? alerts.map((alert) => [alert]) : tens(alerts)) {
      const PublishBatchRequestEntries = some.map(({ json }, index) => ({ Id: `${index}`, Message: fitting(json) }));
      const { Failed = [] } = await client.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
      if (Failed.length > 0) throw new Error(`SNS refused ${Failed.length}: ${Failed[0].Message}`);
    }
  };
}

function sqs(QueueUrl, clients) {
  return async (alerts) => {
    const { SQSClient, SendMessageBatchCommand } = await import("@aws-sdk/client-sqs");
    const client = (clients.sqs ??= new SQSClient({}));
    const few = alerts.some(({ json }) => Buffer.byteLength(json) > MESSAGE_BYTES / 10);
    for (const some of few ? alerts.map((alert) => [alert]) : tens(alerts)) {
      const Entries = some.map(({ json }, index) => ({ Id: `${index}`, MessageBody: fitting(json) }));
      const { Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
      if (Failed.length > 0) throw new Error(`SQS refused ${Failed.length}: ${Failed[0].Message}`);
    }
  };
}

function eventbridge(EventBusName, clients) {
  return async (alerts) => {
    const { EventBridgeClient, PutEventsCommand } = await import("@aws-sdk/client-eventbridge");
    const client = (clients.eventbridge ??= new EventBridgeClient({}));
    const few = alerts.some(({ json }) => Buffer.byteLength(json) > MESSAGE_BYTES / 10);
    for (const some of few ? alerts.map((alert) => [alert]) : tens(alerts)) {
      // A source of one's own: an alert isn't an event of AWS's, and must not be judged as one.
      const Entries = some.map(({ json }) => ({ EventBusName, Source: "tocsin", DetailType: "Tocsin Alert", Detail: fitting(json) }));
      const { FailedEntryCount = 0, Entries: told = [] } = await client.send(new PutEventsCommand({ Entries }));
      if (FailedEntryCount > 0) throw new Error(`EventBridge refused ${FailedEntryCount}: ${told.find((entry) => entry.ErrorCode)?.ErrorMessage}`);
    }
  };
}

function webhook(url) {
  return async (alerts) => {
    const body = alerts.map(({ json }) => `${json}\n`).join("");
    const response = await fetch(url, { method: "POST", redirect: "error", headers: { "content-type": "application/x-ndjson" }, body, signal: AbortSignal.timeout(10_000) });
    if (!response.ok) throw new Error(`the webhook answers with HTTP status ${response.status}`);
  };
}

function securityhub(_, clients) {
  return async (alerts) => {
    const { SecurityHubClient, BatchImportFindingsCommand } = await import("@aws-sdk/client-securityhub");
    const client = (clients.securityhub ??= new SecurityHubClient({}));
    const region = process.env.AWS_REGION;
    for (let from = 0; from < alerts.length; from += 100) {
      const Findings = alerts.slice(from, from + 100).map(({ json }) => finding(JSON.parse(json), process.env.ACCOUNT_ID, region));
      const { FailedCount = 0, FailedFindings = [] } = await client.send(new BatchImportFindingsCommand({ Findings }));
      if (FailedCount > 0) throw new Error(`Security Hub refused ${FailedCount}: ${FailedFindings[0]?.ErrorMessage}`);
    }
  };
}

const SEVERITIES = { informational: "INFORMATIONAL", low: "LOW", medium: "MEDIUM", high: "HIGH", critical: "CRITICAL" };

/** A finding in the AWS Security Finding Format. The id is the alert's: an import of the same alert updates it. */
export function finding(alert, account, region) {
  const at = new Date(alert.time ?? Date.now()).toISOString();
  const cut = (text, length) => (text.length > length ? `${text.slice(0, length - 1)}…` : text);
  return {
    SchemaVersion: "2018-10-08",
    Id: alert.id,
    ProductArn: `arn:aws:securityhub:${region}:${account}:product/${account}/default`,
    GeneratorId: cut(`tocsin/${alert.rule.id}`, 512),
    AwsAccountId: account,
    Types: ["TTPs"],
    CreatedAt: at,
    UpdatedAt: at,
    Severity: { Label: SEVERITIES[alert.rule.severity] ?? "MEDIUM", Original: String(alert.rule.severity) },
    Title: cut(alert.rule.name, 256),
    Description: cut(alert.message || alert.rule.name, 1024),
    Resources: [{ Type: "AwsAccount", Id: `AWS::::Account:${alert.event?.recipientAccountId ?? account}`, Region: alert.event?.awsRegion ?? region }],
    ProductFields: { "tocsin/language": String(alert.rule.language), "tocsin/event_id": cut(String(alert.event?.eventID ?? ""), 1024) },
  };
}
