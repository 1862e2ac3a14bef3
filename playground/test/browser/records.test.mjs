// Many records: files of any form and size, counted as the command counts them.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { file, open, picture, serve, source, tocsin, verdict } from "../harness.mjs";

const address = await serve();
const SEEDS = ["elastic", "logpresso"].flatMap((name) => ["--rules", `rules/builtin/aws-configuration-recorder-stopped.${name}.toml`]);
const scan = (path, ...more) => tocsin(["scan", "--no-default-rules", ...SEEDS, ...more, path], { cwd: new URL("../../..", import.meta.url) });

/** Records of a trail: one in thirty is a stop of the recorder; users, hours and words differ. */
function trail(bytes) {
    const templates = source("examples/recorder.ndjson").trim().split("\n");
    const lines = [];
    for (let size = 0, number = 0; size < bytes; number++) {
        const line = templates[number % 30 === 0 ? (number / 30) % 5 : 4]
            .replace("2026-03-14T09", `2026-03-${String((number % 28) + 1).padStart(2, "0")}T${String(number % 24).padStart(2, "0")}`)
            .replaceAll("alice", `übung-${number % 40}`)
            .replace("7c9e6679", (number + 2 ** 31).toString(16));
        lines.push(line);
        size += Buffer.byteLength(line) + 1;
    }
    return lines;
}

async function judge(page, ...paths) {
    await page.locator("#files").setInputFiles(paths);
    await page.getByRole("button", { name: "Judge again" }).waitFor({ timeout: 120_000 });
    return Object.fromEntries(
        await page.locator(".tile").evaluateAll((tiles) => tiles.map((tile) => [tile.querySelector("span").textContent.replace(/s$/, ""), Number(tile.querySelector("strong").textContent.replaceAll(",", ""))])),
    );
}

async function saved(page, name) {
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name }).click()]);
    return readFileSync(await download.path(), "utf8");
}

test("100 MB of lines and one file of 100 MB on one line give the command's alerts, and the page goes on", async () => {
    const lines = trail(100_000_000);
    const forms = { "trail.ndjson": `${lines.join("\n")}\n`, "trail.json": `{"Records":[${lines.join(",")}]}` };
    const page = await open(address);
    for (const [name, text] of Object.entries(forms)) {
        const path = file(name, text);
        await page.evaluate(() => {
            let last = performance.now();
            window.longest = 0;
            window.watching = true;
            const look = (now) => {
                window.longest = Math.max(window.longest, now - last);
                last = now;
                if (window.watching) requestAnimationFrame(look);
            };
            requestAnimationFrame(look);
        });
        const begun = performance.now();
        const tiles = await judge(page, path);
        const longest = await page.evaluate(() => ((window.watching = false), window.longest));
        console.log(`${name}: ${Math.round(performance.now() - begun)} ms, longest frame ${Math.round(longest)} ms`);
        assert.equal(tiles.record, lines.length);
        const printed = scan(path, "--threads", "1");
        assert.equal(tiles.alert, printed.trim().split("\n").length);
        assert.equal(await saved(page, "Save as NDJSON"), printed);
    }
    await page.getByText("Over time").scrollIntoViewIfNeeded();
    await picture(page, "many-records");
    assert.match(await page.getByRole("img", { name: /Alerts over time/ }).getAttribute("aria-label"), /2026-03-01 00:00 to/);
    assert.match(await page.locator(".coverage").first().innerText(), /event\.outcome:success/);
    const rows = page.locator(".virtual tbody tr:not(.space)");
    assert.ok((await rows.count()) < 60, "only rows in sight are elements");
    assert.equal(await page.locator(".virtual").getAttribute("aria-rowcount"), "1001");
    const csv = (await saved(page, "Save as CSV")).split("\r\n");
    assert.equal(csv[0], "time,rule,user,account,region,address,action,file,id");
    assert.match(csv[1], /übung/);
    await rows.first().getByRole("button").click();
    await verdict(page, "2 rules · 1 record");
    await page.done();
});

test("a run can be cancelled, and typing goes on while it runs", async () => {
    const page = await open(address);
    await page.locator("#files").setInputFiles(file("trail.ndjson", `${trail(60_000_000).join("\n")}\n`));
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByText(/stopped by you after/).waitFor();
    await page.done();
});

test("gzip of several members with padding, files of every form, and what can't be read is said", async () => {
    const lines = trail(300_000);
    const half = lines.length >> 1;
    const first = gzipSync(`${lines.slice(0, half).join("\n")}\n`);
    const two = Buffer.concat([first, gzipSync(`${lines.slice(half).join("\n")}\n`), Buffer.alloc(512)]);
    const pretty = `{"Records": [\n${lines.map((line) => JSON.stringify(JSON.parse(line), null, 2)).join(",\n")}\n]}\n`;
    assert.equal((await counts(file("two.json.gz", two))).record, lines.length);
    assert.equal((await counts(file("pretty.json", pretty), file("lines.ndjson", lines.join("\r\n")))).record, 2 * lines.length);
    const cut = await counts(file("cut.json.gz", two.subarray(0, Math.floor(first.length * 0.7))), /cut\.json\.gz: .*What came before is counted/);
    assert.ok(cut.record > 0 && cut.record < half, `${cut.record} of ${half} records before the cut`);
    assert.deepEqual((await counts(file("other.log.gz", gzipSync("no record\n".repeat(60_000)))))["not read"], 60_000);
});

/** The counts of files, and texts that must stand beside them, in a page that shows nothing else yet. */
async function counts(...filesAndTexts) {
    const page = await open(address);
    const found = await judge(page, ...filesAndTexts.filter((item) => typeof item === "string"));
    for (const text of filesAndTexts.filter((item) => item instanceof RegExp)) await page.getByText(text).waitFor();
    await page.done();
    return found;
}
