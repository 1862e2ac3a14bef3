// The browser's entry and wasm-bindgen's own glue. Node has all that they need, except files behind `fetch`.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import init, * as web from "tocsin-detector/glue/web";
import node from "tocsin-detector/glue/node";

const folder = new URL(".", import.meta.resolve("tocsin-detector/package.json"));

test("the browser's entry fetches its module", async () => {
  const { Detector } = await import(new URL("web.js", folder));
  const server = createServer(async (request, response) => {
    if (request.url !== "/tocsin.wasm") return response.writeHead(404).end();
    response.writeHead(200, { "content-type": "application/wasm" });
    response.end(await readFile(new URL("glue/tocsin.wasm", folder)));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const base = `http://127.0.0.1:${server.address().port}`;
    for (const source of [`${base}/tocsin.wasm`, new URL("/tocsin.wasm", base), fetch(`${base}/tocsin.wasm`)]) {
      const detector = await Detector.load(source);
      assert.equal(detector.describe().rules.length, 2);
    }
    await assert.rejects(Detector.load(`${base}/nowhere.wasm`), /HTTP status 404/);
  } finally {
    server.close();
  }
});

test("the generated glue says the same by every way", async () => {
  await init({ module_or_path: await readFile(new URL("glue/tocsin.wasm", folder)) });
  const batch = new TextEncoder().encode('{"eventSource":"config.amazonaws.com","eventName":"StopConfigurationRecorder"}');
  const expected = node.tocsin_javascript_detect(batch);
  assert.equal(node.tocsin_javascript_count(), 2);
  assert.deepEqual(web.tocsin_javascript_detect(batch), expected);
  assert.equal(web.tocsin_javascript_status(), 0);
});

test("what a page loads refers to nothing that a plain server hasn't got", async () => {
  for (const name of ["web.js", "detector.js", "answers.js", "errors.js", "raw.js", "glue/factory.js"]) {
    const text = await readFile(fileURLToPath(new URL(name, folder)), "utf8");
    for (const [, from] of text.matchAll(/^(?:import|export)[^;]*? from "([^"]+)"/gm)) {
      assert.match(from, /^\.\//, `${name} imports ${from}`);
    }
  }
});
