// The rules of the pack as examples, each on the record of its first test.
import type { Example } from "./examples.ts";

const RULES = import.meta.glob<string>("../../rules/pack/*/*.{toml,yml}", { query: "?raw", import: "default", eager: true });

/** The first test's record: pages need no whole reader of TOML for what stands between two rows of quotes. */
function firstRecord(text: string): string {
    return /^record = '''\r?\n?([^]*?)'''/m.exec(text)?.[1] ?? "";
}

const GROUPS: Record<string, string> = { elastic: "Pack, Elastic", logpresso: "Pack, Logpresso", sigma: "Pack, Sigma" };

export const PACK: Example[] = Object.entries(RULES).flatMap(([path, text]) => {
    if (path.endsWith(".tests.toml")) return [];
    const [folder = "", name = ""] = path.split("/").slice(-2);
    const testsPath = path.replace(/\.yml$/, ".tests.toml");
    const tests = testsPath === path ? undefined : RULES[testsPath];
    const title = /^\s*(?:title:|name =)\s*"?(.*?)"?\s*$/m.exec(text)?.[1] ?? name;
    return [
        {
            title,
            group: GROUPS[folder] ?? folder,
            documents: [{ name, text }],
            records: firstRecord(tests ?? text),
            ...(tests && { tests: [{ name: testsPath.split("/").at(-1)!, text: tests }] }),
        },
    ];
});
