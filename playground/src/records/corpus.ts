// The page's side of judging many records: one worker for each run, ended when it is done or cancelled, since a
// module's memory never shrinks.
import { prepareWorker, startWorker } from "../engine/start-worker.ts";
import type { RuleDocument } from "../engine/types.ts";
import type { CorpusProgress, CorpusRequest, FromCorpus } from "./worker.ts";
import workerAddress from "./worker.ts?worker&url";

export interface CorpusState {
    files: File[];
    /** Bytes of all files. */
    size: number;
    progress?: CorpusProgress;
    running: boolean;
    cancelled: boolean;
    failure?: string;
    /** The rules have changed since. */
    stale: boolean;
}

/** Keeps the worker's file for later. */
export const prepareCorpus = () => prepareWorker(workerAddress);

export class Corpus {
    readonly #module: WebAssembly.Module;
    readonly #changed: (state: CorpusState) => void;
    #worker: Worker | undefined;
    state: CorpusState | undefined;

    constructor(module: WebAssembly.Module, changed: (state: CorpusState) => void) {
        this.#module = module;
        this.#changed = changed;
    }

    judge(files: File[], documents: RuleDocument[]): void {
        this.#worker?.terminate();
        const size = files.reduce((sum, file) => sum + file.size, 0);
        const state: CorpusState = { files, size, running: true, cancelled: false, stale: false };
        this.state = state;
        const worker = startWorker(workerAddress);
        this.#worker = worker;
        const end = () => {
            state.running = false;
            worker.terminate();
        };
        worker.onerror = (event) => {
            state.failure = event.message || "the worker stopped";
            end();
            this.#changed(state);
        };
        worker.onmessage = ({ data }: MessageEvent<FromCorpus>) => {
            if (this.state !== state) return;
            if ("failure" in data) state.failure = data.failure;
            else {
                const rows = data.progress.rows.length > 0 ? data.progress.rows : (state.progress?.rows ?? []);
                state.progress = { ...data.progress, rows };
            }
            if ("failure" in data || data.progress.done) end();
            this.#changed(state);
        };
        worker.postMessage({ module: this.#module, documents, files } satisfies CorpusRequest);
        this.#changed(state);
    }

    cancel(): void {
        if (!this.state?.running) return;
        this.#worker?.terminate();
        this.state.running = false;
        this.state.cancelled = true;
        this.#changed(this.state);
    }

    rulesChanged(): void {
        if (this.state) this.state.stale = true;
    }
}
