// The built function under AWS's runtime interface client, which a deployed function runs under: events come by the
// runtime's interface, answers and errors go back by it. RIC is the folder of the package aws-lambda-ric.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const client = process.env.RIC;
const build = fileURLToPath(new URL("../build", import.meta.url));
const stop = { eventVersion: "1.08", eventSource: "config.amazonaws.com", eventName: "StopConfigurationRecorder" };
const call = { "detail-type": "AWS API Call via CloudTrail", source: "aws.config", detail: stop };

test("the runtime's own client gets answers and errors", { skip: client ? false : "RIC isn't set", timeout: 60_000 }, async () => {
  const events = [call, { what: "no known form" }, call];
  const answers = [];
  const server = createServer(async (request, response) => {
    if (request.url.endsWith("/next")) {
      // Without a further event the client waits.
      if (answers.length === events.length) return;
      response.setHeader("Lambda-Runtime-Aws-Request-Id", `event-${answers.length}`);
      response.setHeader("Lambda-Runtime-Deadline-Ms", `${Date.now() + 30_000}`);
      response.setHeader("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-central-1:111122223333:function:tocsin");
      response.end(JSON.stringify(events[answers.length]));
      return;
    }
    let body = "";
    for await (const part of request) body += part;
    answers.push({ to: request.url.split("/").slice(-2).join("/"), body: JSON.parse(body) });
    response.statusCode = 202;
    response.end("{}");
    if (answers.length === events.length) server.emit("all");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const hook = fileURLToPath(new URL("../testing/rapid-client.cjs", import.meta.url));
  const runtime = spawn(process.execPath, ["--require", hook, `${client}/bin/index.mjs`, "index.handler"], {
    cwd: build,
    env: { ...process.env, AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${server.address().port}`, LAMBDA_TASK_ROOT: build, NODE_OPTIONS: "" },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const ended = once(runtime, "exit").then(([code]) => assert.fail(`the client has ended with ${code}`));
  ended.catch(() => {});
  try {
    await Promise.race([once(server, "all"), ended]);
  } finally {
    runtime.kill();
    server.closeAllConnections();
    server.close();
  }

  const [first, unknown, last] = answers;
  assert.deepEqual(first, { to: "event-0/response", body: { alerts: 2, records: 1 } });
  assert.equal(unknown.to, "event-1/error");
  assert.match(unknown.body.errorMessage, /form/);
  assert.deepEqual(last, { to: "event-2/response", body: first.body });
});
