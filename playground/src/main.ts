// The page starts: the module is fetched and compiled once, and handed to workers.
import { App } from "./app.ts";
import { byId } from "./ui/dom.ts";

async function start(): Promise<void> {
    const response = await fetch("./tocsin.wasm");
    if (!response.ok) throw new Error(`tocsin.wasm: ${response.status} ${response.statusText}`);
    const bytes = new Uint8Array(await response.arrayBuffer());
    const module = await WebAssembly.compile(bytes);
    await new App(module, bytes).open();
}

start().catch((error: unknown) => {
    byId("verdict").textContent = `The playground can’t start: ${error instanceof Error ? error.message : String(error)}`;
});
