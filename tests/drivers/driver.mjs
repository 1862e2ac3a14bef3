// Requests of the conformance suite in, replies out, as README.md describes them.

const modules = [];
const instances = new Map();
let last = 0;

async function perform(host, kind, number, first, second) {
  switch (kind) {
    case "l":
      modules.push(await host.load(first));
      return { status: modules.length - 1 };
    case "s":
      instances.set(++last, await host.start(modules[number]));
      return { status: last };
    case "e":
      instances.delete(number);
      return {};
    case "d":
      return instances.get(number).describe();
    case "c":
      return instances.get(number).configure(first);
    case "j":
      return instances.get(number).detect(first);
    case "x":
      return instances.get(number).explain(first, second);
    case "o":
      return instances.get(number).ask(new TextDecoder().decode(first), second);
    default:
      throw new Error(`no request begins with ${kind}`);
  }
}

/** The reply's bytes to a request's bytes; `host` is one of tocsin.mjs. */
export async function reply(host, request) {
  try {
    const view = new DataView(request.buffer, request.byteOffset, request.byteLength);
    const end = 9 + view.getUint32(5, true);
    const kind = String.fromCharCode(request[0]);
    const [first, second] = [request.subarray(9, end), request.subarray(end)];
    return write(0, await perform(host, kind, view.getUint32(1, true), first, second));
  } catch (error) {
    return write(1, { text: new TextEncoder().encode(String(error?.stack ?? error)) });
  }
}

function write(failed, { status = 0, count = 0, text = new Uint8Array() }) {
  const bytes = new Uint8Array(9 + text.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, failed);
  view.setUint32(1, status, true);
  view.setUint32(5, count, true);
  bytes.set(text, 9);
  return bytes;
}
