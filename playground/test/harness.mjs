// A browser, the command's server, and a plain host of files, for the tests that need them.
//
// TOCSIN names the command (else the built one of this repository), CHROMIUM the browser. The command must have the
// page inside.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { cpSync, createReadStream, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));
const ARTIFACTS = fileURLToPath(new URL("../.artifacts/", import.meta.url));

export const TOCSIN =
    process.env.TOCSIN ?? ["release", "debug"].map((profile) => join(REPOSITORY, "target", profile, "tocsin")).find(existsSync);

const CHROMIUM = process.env.CHROMIUM ?? ["/usr/bin/chromium", "/usr/bin/google-chrome"].find(existsSync);

/** Why the tests can't run here; nothing if they can. */
export function missing() {
    if (!TOCSIN) return "the command tocsin (cargo build --release)";
    if (!CHROMIUM) return "chromium";
    return undefined;
}

/** A folder that is gone after the tests. */
export const scratch = mkdtempSync(join(tmpdir(), "tocsin-playground-"));

let browser;
const ends = [];

/** Ends all that was started. */
export async function end() {
    for (const stop of ends) await stop();
    await browser?.close();
    rmSync(scratch, { recursive: true, force: true });
}

/** The command's server; its address. With PAGE=folder, a host of that built page instead: quicker while working on
 * it, as no command has to be built anew. */
export function serve(...more) {
    if (process.env.PAGE && more.length === 0) return host(process.env.PAGE, { modules: true });
    const child = spawn(TOCSIN, ["playground", "--port", "0", ...more], { stdio: ["ignore", "pipe", "inherit"] });
    ends.push(() => child.kill());
    return new Promise((resolve, reject) => {
        child.on("exit", (code) => reject(new Error(`tocsin playground ended with ${code}`)));
        child.stdout.on("data", (text) => resolve(String(text).trim()));
    });
}

/** The folder that `tocsin playground --out` writes. */
export function site() {
    const folder = `${scratch}/site`;
    tocsin(["playground", process.env.PAGE ? "--modules" : "--out", folder]);
    if (process.env.PAGE) cpSync(process.env.PAGE, folder, { recursive: true });
    return folder;
}

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm", ".svg": "image/svg+xml" };

/** A host of files that sends no headers but the type, below a folder of its own; its address. */
export function host(folder, { replace = {}, modules = false } = {}) {
    if (modules) tocsin(["playground", "--modules", `${scratch}/modules`]);
    const server = createServer((request, response) => {
        const name = new URL(request.url, "http://host").pathname.replace(/^\/some\/folder\//, "") || "index.html";
        const path = join(modules && /^\w+\.wasm$/.test(name) ? `${scratch}/modules` : folder, name);
        if (!replace[name] && !existsSync(path)) return void response.writeHead(404).end();
        response.writeHead(200, { "Content-Type": TYPES[extname(name)] ?? "application/octet-stream" });
        if (replace[name]) response.end(replace[name]);
        else createReadStream(path).pipe(response);
    });
    ends.push(() => server.close());
    return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(`http://127.0.0.1:${server.address().port}/some/folder/`)));
}

/** A page of its own, at an address, started. What goes wrong in it fails the test that closes it. */
export async function open(address, { ready = true, ...options } = {}) {
    browser ??= await chromium.launch({ executablePath: CHROMIUM, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: "light", reducedMotion: "reduce", acceptDownloads: true, ...options });
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const page = await context.newPage();
    const problems = [];
    const requests = [];
    page.on("console", (message) => {
        if (["error", "warning"].includes(message.type()) || /content security policy/i.test(message.text())) problems.push(message.text());
    });
    page.on("pageerror", (error) => problems.push(String(error)));
    context.on("request", (request) => requests.push(request.url()));
    await page.goto(address);
    if (ready) {
        await page.locator(".card, .empty").first().waitFor({ state: "attached" });
        await page.locator("html[data-ready]").waitFor({ state: "attached" });
    }
    return Object.assign(page, {
        problems,
        requests,
        done: async () => {
            await context.close();
            assert.deepEqual(problems, []);
        },
    });
}

/** Text into an editor, as a user pastes it. */
export async function write(page, pane, text) {
    const editor = page.locator(`#${pane}-editor .cm-content`);
    await editor.click();
    await page.keyboard.press("ControlOrMeta+a");
    await editor.evaluate((element, text) => {
        const data = new DataTransfer();
        data.setData("text/plain", text);
        element.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    }, text);
}

/** Waits until the verdict begins with a text. */
export async function verdict(page, text) {
    await page.locator("#verdict").filter({ hasText: text }).waitFor();
}

export const view = (page, id) => page.locator(`#views [data-tab=${id}]`).click();

/** Chooses an example by its title. */
export const example = (page, title) => page.locator("#examples").selectOption({ label: title });

/** A picture to look at, outside git. */
export async function picture(page, name) {
    mkdirSync(ARTIFACTS, { recursive: true });
    await page.screenshot({ path: join(ARTIFACTS, `${name}.png`) });
}

/** A file of the scratch folder. */
export function file(name, content) {
    const path = join(scratch, name);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, content);
    return path;
}

export const source = (path) => readFileSync(join(REPOSITORY, path), "utf8");

/** What the command prints on standard output; `allowed` is another exit code that is fine. */
export function tocsin(parameters, options = {}) {
    return execFileSync(TOCSIN, parameters, { encoding: "utf8", maxBuffer: 2 ** 30, stdio: ["ignore", "pipe", "pipe"], ...options });
}
