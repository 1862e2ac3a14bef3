// Stands in for the HTTP client of AWS's runtime interface client, which is native code that takes minutes to build:
// the same calls of the runtime's interface, by fetch. All else of that client is AWS's own.
const Module = require("node:module");

const load = Module._load;
Module._load = function (request, ...rest) {
  return request.endsWith("rapid-client.node") ? client : load.call(this, request, ...rest);
};

const base = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;
const post = (path, body) => fetch(`${base}/${path}`, { method: "POST", body });
// An answer is on its way before the next event is asked for.
let sent = Promise.resolve();

const client = {
  initializeClient() {},
  async next() {
    await sent;
    const response = await fetch(`${base}/next`);
    return { bodyJson: await response.text(), headers: Object.fromEntries(response.headers) };
  },
  done: (id, body) => void (sent = post(`${id}/response`, body)),
  error: (id, body) => void (sent = post(`${id}/error`, body)),
};
