// Files that are opened or dropped: rules go to the rules, a small text of records into the editor, all else is
// judged as many records.
import type { App } from "../app.ts";
import { MOST_TYPED } from "../app.ts";
import { freeName } from "../state.ts";
import { byId, count } from "../ui/dom.ts";
import { toast } from "../ui/toast.ts";

const RULES = /\.(toml|ya?ml)$/i;

/** What a rule may have (docs/rules.md). */
const MOST_RULE = 1 << 20;

export function acceptFiles(app: App): void {
    const files = byId<HTMLInputElement>("files");
    const folder = byId<HTMLInputElement>("folder");
    for (const input of [files, folder]) {
        input.addEventListener("change", () => {
            void open(app, [...(input.files ?? [])]);
            input.value = "";
        });
    }
    byId("open-files").addEventListener("click", () => files.click());
    byId("open-rules").addEventListener("click", () => files.click());
    byId("open-folder").addEventListener("click", () => folder.click());
    const hint = byId("drop");
    let inside = 0;
    const has = (event: DragEvent) => event.dataTransfer?.types.includes("Files");
    addEventListener("dragenter", (event) => {
        if (has(event)) hint.hidden = ++inside < 1;
    });
    addEventListener("dragleave", (event) => {
        if (has(event)) hint.hidden = --inside < 1;
    });
    addEventListener("dragover", (event) => {
        if (has(event)) event.preventDefault();
    });
    addEventListener(
        "drop",
        (event) => {
            if (!has(event) || !event.dataTransfer) return;
            event.preventDefault();
            event.stopPropagation();
            inside = 0;
            hint.hidden = true;
            void dropped(event.dataTransfer).then((found) => open(app, found));
        },
        true,
    );
}

/** The files of a drop, those in folders too, in the order of their paths. */
async function dropped(transfer: DataTransfer): Promise<File[]> {
    const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry?.() ?? []);
    if (entries.length === 0) return [...transfer.files];
    const found: { path: string; file: File }[] = [];
    const waiting = entries;
    while (waiting.length > 0) {
        const entry = waiting.pop()!;
        if (entry.isFile) {
            const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
            found.push({ path: entry.fullPath, file });
        } else {
            const reader = (entry as FileSystemDirectoryEntry).createReader();
            for (;;) {
                const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
                if (some.length === 0) break;
                waiting.push(...some);
            }
        }
    }
    return found.sort((a, b) => (a.path < b.path ? -1 : 1)).map(({ file }) => file);
}

async function open(app: App, files: File[]): Promise<void> {
    const rules = files.filter((file) => RULES.test(file.name));
    const records = files.filter((file) => !RULES.test(file.name));
    let added = 0;
    for (const file of rules) {
        if (file.size > MOST_RULE) {
            toast(`${file.name} is larger than a rule may be.`);
            continue;
        }
        const text = await file.text();
        if (file.name.endsWith(".tests.toml")) app.work.tests.push({ name: file.name, text });
        else app.work.documents.push({ name: freeName(app.work.documents, file.name), text });
        added += 1;
    }
    if (added > 0) {
        app.openDocument(app.work.documents.length - 1);
        app.pane("rules");
        app.changed();
        toast(`Opened ${count(added, "rule file")}.`);
    }
    const [only] = records;
    if (records.length === 1 && only && only.size <= MOST_TYPED && !(await isCompressed(only))) {
        const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(await only.arrayBuffer());
        app.setRecords(text);
    } else if (records.length > 0) app.views.judgeFiles(records);
}

async function isCompressed(file: File): Promise<boolean> {
    const [first, second] = new Uint8Array(await file.slice(0, 2).arrayBuffer());
    return first === 0x1f && second === 0x8b;
}
