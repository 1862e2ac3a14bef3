// The tests that need no browser. Vite reads the TypeScript, so any Node that builds the page runs them.
import { readdirSync } from "node:fs";
import { createServer } from "vite";

const server = await createServer({ server: { middlewareMode: true, ws: false }, appType: "custom", logLevel: "error" });
for (const name of readdirSync(new URL("units/", import.meta.url))) {
    await server.ssrLoadModule(`/test/units/${name}`);
}
await server.close();
