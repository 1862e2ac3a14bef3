// Rules and a record in, the verdict, the clause tree and the places out.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { example, file, open, picture, serve, source, tocsin, verdict, view, write } from "../harness.mjs";

const address = await serve();
const ELASTIC = "rules/builtin/aws-configuration-recorder-stopped.elastic.toml";
const LOGPRESSO = "rules/builtin/aws-configuration-recorder-stopped.logpresso.toml";

test("it opens with two vendors' rules on a failed call, and says why they differ", async () => {
    const page = await open(address);
    await verdict(page, "1 alert · 2 rules · 1 record");
    assert.deepEqual(await page.locator(".card .outcome").allInnerTexts(), ["✕ no alert", "✓ alert"]);
    const sentence = await page.locator(".difference").innerText();
    assert.match(sentence, /^Elastic’s rule raises no alert: it asks for event\.outcome:success, and event\.outcome is "failure"/);
    assert.match(sentence, /Logpresso’s rule does: it asks only about event_name/);
    await picture(page, "why-light");
    await page.done();
});

test("the alerts are the command's, byte for byte, in every format", async () => {
    const page = await open(address);
    await example(page, "Elastic, Logpresso and Sigma on five calls");
    await verdict(page, "5 alerts · 3 rules");
    await view(page, "alerts");
    for (const format of ["json", "ecs", "ocsf", "text"]) {
        await page.getByLabel("Format of alerts").selectOption(format);
        await page.getByText(`--format ${format}`).waitFor();
        // The command adds to a line of text where the record stands, which a page can't know, and the rule's id.
        const printed = tocsin(["scan", "--no-default-rules", "--rules", ELASTIC, "--rules", LOGPRESSO, "--rules", "rules/pack/sigma/config-recording-removed.yml", "--format", format, "examples/recorder.ndjson"], { cwd: new URL("../../..", import.meta.url) }).replaceAll(/ \(examples\/recorder\.ndjson:\d+, rule [^)]*\)$/gm, "");
        await page.waitForFunction((line) => document.querySelector(".alert-line")?.textContent === line, printed.split("\n")[0]);
        assert.equal((await page.locator(".alert-line").allTextContents()).map((line) => `${line}\n`).join(""), printed);
        const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save", exact: true }).last().click()]);
        assert.equal(await streamText(await download.createReadStream()), printed);
    }
    await page.done();
});

async function streamText(stream) {
    const parts = [];
    for await (const part of stream) parts.push(part);
    return Buffer.concat(parts).toString();
}

test("what is typed is judged: a change of the query changes the verdict", async () => {
    const page = await open(address);
    await write(page, "rule", source(ELASTIC).replace("event.outcome:success", "event.outcome:failure"));
    await verdict(page, "2 alerts");
    await write(page, "record", source("examples/recorder.ndjson"));
    await verdict(page, "4 alerts · 2 rules · 5 records");
    await page.getByRole("button", { name: "Next record" }).click();
    assert.equal(await page.locator("#which").innerText(), "record 2 of 5");
    await page.done();
});

/** Waits until what is read from the page is as expected: it draws when it has time. */
async function becomes(read, expected) {
    const end = performance.now() + 10_000;
    while (!isDeepStrictEqual(await read(), expected) && performance.now() < end) await new Promise((then) => setTimeout(then, 50));
    assert.deepEqual(await read(), expected);
}

test("completion and the text under the pointer come from the module", async () => {
    const page = await open(address);
    const editor = page.locator("#rule-editor .cm-content");
    const field = editor.locator("span", { hasText: /^event\.outcome$/ }).first();
    await field.scrollIntoViewIfNeeded();
    await field.hover();
    const hover = page.locator("#rule-editor .cm-hover");
    await hover.waitFor();
    const said = await hover.innerText();
    assert.match(said, /^event\.outcome\n/);
    assert.match(said, /from errorCode, errorMessage/);

    const options = page.locator("#rule-editor .cm-tooltip-autocomplete li");
    // The editor takes no choice in the first moment, which may have been meant for the text.
    const choose = async (text) => {
        await options.filter({ hasText: text }).first().waitFor();
        await page.waitForTimeout(200);
        await page.keyboard.press("Enter");
    };
    const quotes = "'".repeat(3);
    await write(page, "rule", `[rule]\nname = 'a'\nrule_id = 'a'\nlanguage = 'kuery'\ntype = 'query'\nseverity = 'low'\nrisk_score = 1\nquery = ${quotes}\n\n${quotes}`);
    await page.keyboard.press("ArrowUp");
    await page.keyboard.type("event.outc");
    await choose("event.outcome");
    await page.keyboard.type(":fai");
    await choose("failure");
    assert.match(await editor.innerText(), /^event\.outcome:failure$/m);
    await verdict(page, "2 alerts · 2 rules · 1 record");
    await page.done();
});

test("a query without a clause selects every record, and says so", async () => {
    const page = await open(address);
    await write(page, "rule", "[rule]\nname = 'a'\nrule_id = 'a'\nlanguage = 'kuery'\ntype = 'query'\nseverity = 'low'\nrisk_score = 1\nquery = ''\n");
    await verdict(page, "2 alerts · 2 rules · 1 record");
    await page.locator('[role="treeitem"] code', { hasText: "every record" }).waitFor();
    await view(page, "many");
    await page.locator("#files").setInputFiles(file("few.ndjson", '{"eventVersion":"1.08","eventName":"x"}\n'.repeat(20_000)));
    await page.getByRole("button", { name: "Judge again" }).waitFor();
    assert.match(await page.locator(".coverage").first().innerText(), /every record/);
    await page.done();
});

test("a clause marks what it reads in the record, and a value marks the clauses that read it", async () => {
    const page = await open(address);
    const marked = (pane, kind) => page.locator(`#${pane}-editor .cm-mark-${kind}`).allInnerTexts();
    await becomes(() => marked("rule", "false"), ["event.outcome:success"]);
    const tree = page.getByRole("tree").first();
    await tree.getByText("StopConfigurationRecorder").first().click();
    await becomes(() => marked("record", "true"), ['"StopConfigurationRecorder"']);
    await becomes(() => marked("rule", "true"), ["event.action:StopConfigurationRecorder"]);
    await tree.getByText("success").click();
    // A worked-out value marks what it comes from.
    await becomes(async () => (await marked("record", "false")).includes('"NoSuchConfigurationRecorderException"'), true);
    // What the clause marked is scrolled into sight, which may move the text from under a click.
    const value = page.locator("#record-editor .cm-line", { hasText: "config.amazonaws.com" }).getByText('"config.amazonaws.com"');
    const hits = async () => {
        await value.click();
        return page.locator(".node.hit > .row code").allInnerTexts();
    };
    await becomes(hits, ["event.provider:config.amazonaws.com"]);
    await page.done();
});

test("the tree works by keyboard alone", async () => {
    const page = await open(address);
    const focused = () => page.evaluate(() => document.activeElement?.querySelector(".row code")?.textContent);
    await page.locator('[role="treeitem"]').first().focus();
    for (const [key, text] of [
        ["ArrowDown", "event.dataset:aws.cloudtrail"],
        ["End", "event.outcome:success"],
        ["Home", "all of"],
        ["ArrowRight", "event.dataset:aws.cloudtrail"],
        ["e", "event.provider:config.amazonaws.com"],
        ["ArrowLeft", "all of"],
        ["ArrowLeft", "all of"],
        ["ArrowDown", "all of"],
    ]) {
        await page.keyboard.press(key);
        assert.equal(await focused(), text, key);
    }
    const item = page.locator('[role="treeitem"]').first();
    assert.equal(await item.getAttribute("aria-expanded"), "false");
    await page.keyboard.press("Enter");
    assert.equal(await item.getAttribute("aria-expanded"), "true");
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    assert.equal(await page.locator('[aria-selected="true"][role="treeitem"] > .row code').innerText(), "event.outcome:success");
    await page.done();
});

test("Sigma's rules, a syntax error, and records that are cut off", async () => {
    const page = await open(address);
    await example(page, "A syntax error");
    await page.locator(".problem").waitFor();
    assert.match(await page.locator(".problem").innerText(), /error[^]*kql-unclosed-group/);
    assert.ok((await page.locator("#rule-editor .cm-lintRange-error").count()) > 0);
    await verdict(page, "1 alert · 1 rule");
    await picture(page, "syntax-error");
    await example(page, "A line that is cut off between two whole ones");
    await verdict(page, "1 not read");
    await view(page, "alerts");
    await page.getByText("record 2").waitFor();
    await example(page, "AWS Security Service Disabled");
    await verdict(page, "1 alert · 1 rule · 1 record");
    assert.equal(await page.locator("#kind").innerText(), "Sigma");
    await page.getByRole("button", { name: "Undo" }).click();
    await verdict(page, "1 not read");
    await page.done();
});

test("rules and records that are markup are text", async () => {
    const page = await open(address);
    const evil = `<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>`;
    await write(page, "rule", `[rule]\nname = ${JSON.stringify(evil)}\nrule_id = ${JSON.stringify(evil)}\nlanguage = "kuery"\ntype = "query"\nseverity = "low"\nrisk_score = 1\nquery = 'event.action: *'\n`);
    await write(page, "record", JSON.stringify({ eventVersion: "1.08", eventName: evil, userIdentity: { userName: evil } }));
    await verdict(page, "1 alert");
    assert.equal(await page.locator(".card h3").first().innerText(), evil);
    for (const id of ["alerts", "fields", "tests", "many", "take"]) await view(page, id);
    await page.locator("#files").setInputFiles(file("evil.ndjson", `${JSON.stringify({ eventVersion: "1.08", eventName: evil, userIdentity: { userName: evil } })}\n`.repeat(9000)));
    await page.getByText("Judge again").waitFor();
    assert.equal(await page.evaluate(() => window.hacked), undefined);
    assert.equal(await page.locator("main img, main script").count(), 0);
    await page.done();
});

test("an empty page says what is missing, in words", async () => {
    const page = await open(address);
    await write(page, "record", " ");
    await page.getByText("No record yet").waitFor();
    await view(page, "alerts");
    await page.getByText("There is no record to judge.").waitFor();
    await example(page, "A decoy: the call’s name is only mentioned");
    await page.getByText("None of the 2 rules selects any of 1 record.").waitFor();
    await page.done();
});
