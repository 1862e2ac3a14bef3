// The page itself: its policy, its size, its looks, who can use it.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:http";
import { test } from "node:test";
import { brotliCompressSync, constants } from "node:zlib";
import { endless } from "../endless.mjs";
import { example, file, host, open, picture, scratch, serve, site, tocsin, verdict, view, write } from "../harness.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const address = await serve();
const folder = site();

const VIEWS = ["why", "alerts", "fields", "tests", "many", "take"];

for (const colorScheme of ["light", "dark"]) {
    for (const width of [1280, 390]) {
        test(`no fault that axe finds, ${colorScheme}, ${width} px`, async () => {
            const page = await open(address, { colorScheme, viewport: { width, height: 800 } });
            await page.evaluate(axe);
            const panes = width < 860 ? ["rules", "records", "result"] : ["result"];
            for (const pane of panes) {
                if (width < 860) await page.locator(`#phone [data-tab=${pane}]`).click();
                for (const id of pane === "result" ? VIEWS : [""]) {
                    if (id) await view(page, id);
                    await page.waitForTimeout(100);
                    await picture(page, `${id || pane}-${colorScheme}-${width}`);
                    const found = await page.evaluate(() => window.axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }));
                    assert.deepEqual(found.violations.map(({ id, nodes }) => [id, ...nodes.map((node) => `${node.html.slice(0, 120)} ${node.failureSummary}`)]), [], `${pane} ${id}`);
                }
            }
            await page.done();
        });
    }
}

test("nothing scrolls sideways at 320 px, and nothing moves while it loads", async () => {
    const page = await open(address, { viewport: { width: 320, height: 640 } });
    for (const pane of ["rules", "records", "result"]) {
        await page.locator(`#phone [data-tab=${pane}]`).click();
        for (const id of pane === "result" ? VIEWS : [""]) {
            if (id) await view(page, id);
            const [wide, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
            assert.ok(wide <= window, `${pane} ${id}: ${wide}`);
        }
    }
    await page.done();

    const wide = await open("about:blank", { ready: false });
    await wide.addInitScript(() => {
        window.shift = 0;
        new PerformanceObserver((list) => list.getEntries().forEach((entry) => (window.shift += entry.value))).observe({ type: "layout-shift", buffered: true });
    });
    await wide.goto(address);
    await wide.locator("html[data-ready]").waitFor({ state: "attached" });
    assert.ok((await wide.evaluate(() => window.shift)) < 0.02, `shift ${await wide.evaluate(() => window.shift)}`);
    await wide.done();
});

test("keyboard alone: the editor lets Tab out, the splitter moves", async () => {
    const page = await open(address);
    await page.locator("#rule-editor .cm-content").focus();
    await page.keyboard.press("Tab");
    assert.notEqual(await page.evaluate(() => document.activeElement?.id), "rule-editor");
    const splitter = page.getByRole("separator", { name: "Width of the editors" });
    await splitter.focus();
    const before = Number(await splitter.getAttribute("aria-valuenow"));
    await page.keyboard.press("ArrowRight");
    assert.equal(Number(await splitter.getAttribute("aria-valuenow")), before + 2);
    await page.done();
});

test("the theme is remembered", async () => {
    const page = await open(address);
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await ground();
    await page.getByLabel("Theme").selectOption("dark");
    const dark = await ground();
    assert.notEqual(dark, light);
    await page.reload();
    assert.equal(await ground(), dark);
    await page.done();
});

test("forced colours keep what colours say", async () => {
    const page = await open(address, { forcedColors: "active" });
    await picture(page, "forced-colours");
    assert.equal(await page.locator(".truth .shape").first().evaluate((element) => getComputedStyle(element).borderStyle), "solid");
    await page.done();
});

for (const kind of ["served by the command", "on a host of files that sends no headers"]) {
    test(`no request leaves after the start, and it works offline: ${kind}`, async () => {
        const at = kind.startsWith("served") ? address : await host(folder);
        const page = await open(at);
        const before = page.requests.length;
        assert.ok(page.requests.every((url) => url.startsWith(new URL(at).origin) || url.startsWith(`blob:${new URL(at).origin}`)), page.requests.join(" "));
        await page.context().setOffline(true);
        await example(page, "Elastic, Logpresso and Sigma on five calls");
        await verdict(page, "5 alerts");
        for (const id of VIEWS) await view(page, id);
        await page.getByRole("button", { name: "Compile", exact: true }).click();
        await page.locator(".sha256").waitFor();
        await page.locator("#files").setInputFiles(file("some.ndjson", '{"eventVersion":"1.08","eventName":"x"}\n'.repeat(20_000)));
        await page.getByRole("button", { name: "Judge again" }).waitFor();
        const after = page.requests.slice(before).filter((url) => !url.startsWith("blob:"));
        assert.deepEqual(after, []);
        await page.done();
    });

    test(`the policy stops what a defect could do: ${kind}`, async () => {
        let reached = 0;
        const elsewhere = createServer((_, response) => (reached++, response.writeHead(200, { "Access-Control-Allow-Origin": "*" }).end("x"))).listen(0, "127.0.0.1");
        await new Promise((resolve) => elsewhere.once("listening", resolve));
        const page = await open(kind.startsWith("served") ? address : await host(folder));
        const target = `http://127.0.0.1:${elsewhere.address().port}/`;
        const tries = await page.evaluate(async (target) => {
            const blocked = (what) => what.then(() => "reached", () => "blocked");
            const code = `fetch(${JSON.stringify(target)}).then(() => postMessage("reached"), () => postMessage("blocked"))`;
            const worker = new Worker(URL.createObjectURL(new Blob([code], { type: "text/javascript" })), { type: "module" });
            const inWorker = new Promise((resolve) => (worker.onmessage = (event) => resolve(event.data)));
            const script = document.createElement("script");
            script.textContent = "window.inline = 1";
            document.head.append(script);
            // Of code that devtools run themselves the policy isn't asked.
            setTimeout("window.evaluated = 1", 0);
            await new Promise((resolve) => setTimeout(resolve, 50));
            const evaluated = window.evaluated ? "reached" : "blocked";
            return [await blocked(fetch(target)), await inWorker, window.inline ? "reached" : "blocked", evaluated];
        }, target);
        assert.deepEqual(tries, ["blocked", "blocked", "blocked", "blocked"]);
        assert.equal(reached, 0);
        page.problems.length = 0;
        elsewhere.close();
        await page.done();
    });
}

test("a module that never answers is ended, and typing goes on", async () => {
    const page = await open(await host(folder, { replace: { "tocsin.wasm": endless() } }), { ready: false });
    await verdict(page, "stopped after 2 seconds");
    await write(page, "record", "{}");
    assert.match(await page.locator("#record-editor .cm-content").innerText(), /\{\}/);
    await page.done();
});

test("the first load is at most 200 kB beside the module", () => {
    const read = (name) => readFileSync(`${folder}/${name}`);
    const html = read("index.html").toString();
    const first = new Set(["index.html", "icon.svg", "theme.js", ...[...html.matchAll(/(?:src|href)="\.\/([^"#]+)"/g)].map((match) => match[1])]);
    // The page starts the evaluating worker at once; the others are for later.
    for (const name of readdirSync(`${folder}/assets`)) {
        const text = name.startsWith("worker-") ? read(`assets/${name}`).toString() : "";
        if (text.includes("tocsin_explain") && text.includes("tocsin_vocabulary")) first.add(`assets/${name}`);
    }
    let sum = 0;
    for (const name of first) {
        const size = brotliCompressSync(read(name), { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;
        console.log(`${name}: ${size} bytes`);
        sum += size;
    }
    assert.ok(first.size >= 6 && sum <= 200_000, `${sum} bytes`);
    console.log(`in all: ${sum} bytes`);
});

test("a module of somebody's own rules opens with those", async () => {
    const rules = `${scratch}/own.wasm`;
    tocsin(["compile", "rules/pack/sigma/region-enabled.yml", "-o", rules], { cwd: new URL("../../..", import.meta.url) });
    const page = await open(await serve("--module", rules));
    await verdict(page, "No alert · 1 rule · 1 record");
    await page.done();
});
