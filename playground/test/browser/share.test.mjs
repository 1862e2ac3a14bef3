// Links, drafts and what is taken home.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { example, file, open, picture, scratch, serve, source, tocsin, verdict, view, write } from "../harness.mjs";

const address = await serve();

const RULE = source("rules/builtin/aws-configuration-recorder-stopped.elastic.toml").replaceAll("AWS Configuration Recorder Stopped", "Rekorder gestoppt – 録画 😀");
const RECORD = `{"eventVersion":"1.08","eventName":"Größe 末 😀","eventSource":"x"}\r\n`;

async function linkOf(page) {
    await view(page, "take");
    return page.getByLabel("Link").inputValue();
}

test("a link holds rules and records in any script, and only safe signs", async () => {
    const page = await open(address);
    await write(page, "rule", RULE);
    await write(page, "record", RECORD);
    await verdict(page, "1 record");
    const link = await linkOf(page);
    assert.match(link, /#1[\w-]+$/);
    await page.getByLabel("Rules only").check();
    const rulesOnly = await page.getByLabel("Link").inputValue();
    assert.ok(rulesOnly.length < link.length);
    await picture(page, "take-home");

    const other = await open(link.replace("#1", "#%31").replace(/(.{300})/, "$1%0A"));
    assert.equal(await other.locator("#name").inputValue(), "aws-configuration-recorder-stopped.elastic.toml");
    assert.equal((await other.locator(".card h3").first().innerText()), "Rekorder gestoppt – 録画 😀");
    assert.equal(await linkOf(other), link, "what was opened is what was shared, to the byte");
    await other.done();
    await page.done();
});

test("a link that was cut or changed is said to be, and never shows the demo", async () => {
    const page = await open(address);
    const link = await linkOf(page);
    for (const damaged of [link.slice(0, -40), link.slice(0, -40) + [...link.slice(-40)].reverse().join(""), link.replace("#1", "#9")]) {
        const other = await open(damaged);
        await other.locator("#notice").filter({ hasText: /cut off or changed|another version/ }).waitFor();
        assert.equal(await other.locator("#record-editor .cm-content").innerText().then((text) => text.includes("eventVersion")), false);
        await other.done();
    }
    await page.done();
});

test("the module made in the page is the command's, to the byte", async () => {
    const cases = {
        "Two vendors, one failed call": null,
        "AWS Security Service Disabled": null,
        own: [["my rule's.toml", RULE.replace("fbd44836", "abd44836")], ["-other.yml", source("rules/pack/sigma/region-enabled.yml")]],
    };
    const page = await open(address);
    for (const [title, documents] of Object.entries(cases)) {
        if (documents) await page.locator("#files").setInputFiles(documents.map(([name, text]) => file(`compile/${name}`, text)));
        else await example(page, title);
        await verdict(page, /./);
        await view(page, "take");
        await page.getByRole("button", { name: "Compile", exact: true }).click();
        const sha256 = await page.locator(".sha256").innerText();
        const command = await page.locator(".command").innerText();
        const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save rules.wasm" }).click()]);
        const made = readFileSync(await download.path());
        assert.equal(createHash("sha256").update(made).digest("hex"), sha256);
        // The command line as it is shown, in a folder with the rules.
        const work = JSON.parse(await page.evaluate(() => localStorage.getItem("tocsin.draft"))).work;
        for (const { name, text } of work.documents) file(`compile/${name}`, text);
        const line = command.replace(/^tocsin compile/, "compile").replace("-o rules.wasm", `-o ${scratch}/command.wasm`);
        tocsin([...shellWords(line)], { cwd: `${scratch}/compile` });
        const commands = readFileSync(`${scratch}/command.wasm`);
        assert.equal(createHash("sha256").update(commands).digest("hex"), sha256, `${title}: ${command}`);
    }
    await page.done();
});

/** Words of a command line with single quotes. */
function* shellWords(line) {
    for (const [word] of line.matchAll(/(?:'[^']*'|\\.|[^\s'\\])+/g)) yield word.replace(/'([^']*)'|\\(.)/g, "$1$2");
}

test("a rule with an error isn't compiled, and the page says why", async () => {
    const page = await open(address);
    await example(page, "A syntax error");
    await page.locator(".problem").waitFor();
    await view(page, "take");
    await page.getByRole("button", { name: "Compile", exact: true }).click();
    await page.getByRole("alert").filter({ hasText: /line \d+/ }).waitFor();
    await page.done();
});

test("work is kept in this browser; a safe start runs nothing", async () => {
    const page = await open(address);
    await write(page, "rule", RULE);
    await page.waitForFunction(() => localStorage.getItem("tocsin.draft")?.includes("録画"));
    await page.reload();
    await page.locator(".card").first().waitFor();
    assert.match(await page.locator(".card h3").first().innerText(), /録画/);
    await page.goto("about:blank");
    await page.goto(`${address}#safe`);
    await verdict(page, "Nothing has run");
    assert.equal(await page.locator(".card").count(), 0);
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await page.locator(".card").first().waitFor();
    await page.done();
});

test("tests run with every change, and a record becomes one", async () => {
    const page = await open(address);
    await view(page, "tests");
    await page.getByText("✓ 7 tests pass").waitFor();
    await write(page, "rule", source("rules/builtin/aws-configuration-recorder-stopped.elastic.toml").replace("event.outcome:success", "event.outcome:failure"));
    await page.getByText("✕ 4 of 7 fail").waitFor();
    await picture(page, "tests");
    await page.locator(".diff, .test .note").first().waitFor();
    await page.getByRole("button", { name: "Save this record as a test" }).click();
    await page.getByText("of 8 fail").waitFor();
    await page.done();
});
