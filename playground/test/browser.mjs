// The page in a real browser, one file of tests after the other. Prints how long they took; nothing depends on it.
import { readdirSync } from "node:fs";
import { after } from "node:test";
import { end, missing } from "./harness.mjs";

const reason = missing();
if (reason) {
    console.log(`${process.env.CI === "true" ? "missing in CI" : "skipped"}: ${reason}`);
    process.exit(process.env.CI === "true" ? 1 : 0);
}
after(end);
for (const name of readdirSync(new URL("browser/", import.meta.url)).sort()) await import(`./browser/${name}`);
