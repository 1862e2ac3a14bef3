// A component's bytes in, its answers out: by what jco makes of it for JavaScript. The folder that jco is installed
// in is the second argument.

import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(join(process.argv[3], "package.json"));
const { transpile } = await import(pathToFileURL(require.resolve("@bytecodealliance/jco")));

const bytes = (answer) => ({ ...answer, text: new TextEncoder().encode(answer.text) });

export const host = {
  async load(component) {
    const { files } = await transpile(component, { name: "tocsin", instantiation: "sync", noTypescript: true });
    const all = files instanceof Array ? Object.fromEntries(files) : files;
    const code = Buffer.from(all["tocsin.js"]).toString("base64");
    const { instantiate } = await import(`data:text/javascript;base64,${code}`);
    const modules = {};
    for (const [name, file] of Object.entries(all)) if (name.endsWith(".wasm")) modules[name] = new WebAssembly.Module(file);
    return () => instantiate((name) => modules[name], {});
  },
  async start(start) {
    const { detector } = start();
    return {
      describe: () => bytes(detector.describe()),
      configure: (document) => bytes(detector.configure(document)),
      detect: (batch) => bytes(detector.detect(batch)),
      explain: (rule, batch) => bytes(detector.explain(new TextDecoder().decode(rule), batch)),
    };
  },
};
