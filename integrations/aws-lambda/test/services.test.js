// Against real clients and a stand-in for the services: moto's server, if MOTO names where it listens.
import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { Detector } from "tocsin-detector";
import { handlerOf, s3Reader } from "../handler.js";
import { sinksOf } from "../sinks.js";

const endpoint = process.env.MOTO;
const options = { endpoint, region: "eu-central-1", forcePathStyle: true, credentials: { accessKeyId: "test", secretAccessKey: "test" } };
const stop = JSON.stringify({ eventVersion: "1.08", eventSource: "config.amazonaws.com", eventName: "StopConfigurationRecorder" });

test("an object of S3 becomes messages of SQS, and of SNS in SQS", { skip: endpoint ? false : "MOTO isn't set" }, async () => {
  const { S3Client, CreateBucketCommand, PutObjectCommand } = await import("@aws-sdk/client-s3");
  const { SQSClient, CreateQueueCommand, ReceiveMessageCommand, GetQueueAttributesCommand } = await import("@aws-sdk/client-sqs");
  const { SNSClient, CreateTopicCommand, SubscribeCommand } = await import("@aws-sdk/client-sns");
  const [s3, sqs, sns] = [new S3Client(options), new SQSClient(options), new SNSClient(options)];

  await s3.send(new CreateBucketCommand({ Bucket: "trail", CreateBucketConfiguration: { LocationConstraint: "eu-central-1" } }));
  await s3.send(new PutObjectCommand({ Bucket: "trail", Key: "a.json.gz", Body: gzipSync(`{"Records":[${stop}]}`) }));
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "alerts" }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: "alerts" }));
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint: Attributes.QueueArn }));

  const send = sinksOf(`sqs:${QueueUrl} sns:${TopicArn}`, { sqs, sns });
  const handler = handlerOf({ detector: await Detector.load(), send, read: s3Reader(s3) });
  const event = { Records: [{ eventSource: "aws:s3", eventName: "ObjectCreated:Put", s3: { bucket: { name: "trail" }, object: { key: "a.json.gz" } } }] };
  assert.deepEqual(await handler(event), { alerts: 2, records: 1 });

  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
  const ids = Messages.map(({ Body }) => JSON.parse(Body)).map((body) => (body.Type === "Notification" ? JSON.parse(body.Message) : body).id);
  assert.equal(ids.length, 4);
  assert.equal(new Set(ids).size, 2);
});
