// The work is kept in this browser, so that a closed tab loses nothing. Only whole drafts of a known version are
// taken back; nothing of them is run before the first paint.
import type { Work } from "../state.ts";

const KEY = "tocsin.draft";
const RUNNING = "tocsin.running";
const VERSION = 1;

/** More than this browsers may refuse, and a corpus isn't a draft. */
const MOST = 2_000_000;

export function keepDraft(work: Work): void {
    try {
        const text = JSON.stringify({ version: VERSION, work });
        if (text.length <= MOST) localStorage.setItem(KEY, text);
    } catch {
        // Storage that is full or forbidden: the page works without.
    }
}

export function draft(): Work | undefined {
    try {
        const found = JSON.parse(localStorage.getItem(KEY) ?? "null") as { version?: number; work?: unknown } | null;
        return found?.version === VERSION ? checkedWork(found.work) : undefined;
    } catch {
        return undefined;
    }
}

/** Work from somewhere else, if it has the form of work. */
export function checkedWork(found: unknown): Work | undefined {
    const work = found as Partial<Work> | null;
    const documents = (list: unknown) =>
        Array.isArray(list) &&
        list.length <= 1000 &&
        list.every((one: { name?: unknown; text?: unknown } | null) => typeof one?.name === "string" && typeof one.text === "string");
    if (!work || typeof work !== "object" || !documents(work.documents) || typeof work.records !== "string") return undefined;
    const plain = (list: { name: string; text: string }[]) => list.map(({ name, text }) => ({ name, text }));
    return {
        documents: plain(work.documents!),
        active: Number.isInteger(work.active) ? Math.max(0, Math.min(work.active!, work.documents!.length - 1)) : 0,
        records: work.records,
        tests: documents(work.tests) ? plain(work.tests!) : [],
        files: documents(work.files) ? plain(work.files!) : [],
        format: (["json", "text", "ecs", "ocsf"] as const).find((format) => format === work.format) ?? "json",
    };
}

/** Notes that an evaluation begins or has ended. One that never ended froze the tab: the next start runs nothing. */
export function running(now: boolean): void {
    try {
        if (now) localStorage.setItem(RUNNING, "1");
        else localStorage.removeItem(RUNNING);
    } catch {
        // As above.
    }
}

export function wasRunning(): boolean {
    try {
        return localStorage.getItem(RUNNING) !== null;
    } catch {
        return false;
    }
}
