// The page's side of the evaluating worker: the latest request wins, and one that takes too long is ended with its
// worker, so that typing never waits and no rule can freeze the page.
import { prepareWorker, startWorker } from "./start-worker.ts";
import type { Evaluation, EvaluationRequest } from "./types.ts";
import type { FromWorker } from "./worker.ts";
import workerAddress from "./worker.ts?worker&url";

/** Milliseconds that an evaluation may take. */
export const TIME_LIMIT = 2000;

export type Outcome = { evaluation: Evaluation } | { failure: string; tooLong?: boolean };

interface Ready {
    optional: string[];
    description: string;
    vocabulary?: string;
}

/** Keeps the worker's file for the next start. */
export const prepareEngine = () => prepareWorker(workerAddress);

export class Engine {
    readonly #module: WebAssembly.Module;
    readonly #answered: (outcome: Outcome) => void;
    #worker: Worker | undefined;
    #ready: Promise<Ready>;
    #serial = 0;
    #running = 0;
    #waiting: EvaluationRequest | undefined;
    #limit: ReturnType<typeof setTimeout> | undefined;

    constructor(module: WebAssembly.Module, answered: (outcome: Outcome) => void) {
        this.#module = module;
        this.#answered = answered;
        this.#ready = this.#start();
    }

    /** What the module says of itself, before any rule of the page. */
    get ready(): Promise<Ready> {
        return this.#ready;
    }

    /** Evaluates, and drops what was asked for before and hasn't begun. */
    evaluate(request: EvaluationRequest): void {
        this.#waiting = request;
        if (this.#running === 0) void this.#next();
    }

    async #next(): Promise<void> {
        if (!this.#waiting) return;
        const serial = ++this.#serial;
        this.#running = serial;
        try {
            await this.#ready;
        } catch (error) {
            this.#running = 0;
            this.#waiting = undefined;
            this.#answered({ failure: String(error) });
            return;
        }
        // Whatever came while the worker was starting is newer.
        const request = this.#waiting;
        this.#waiting = undefined;
        this.#limit = setTimeout(() => this.#end(), TIME_LIMIT);
        this.#worker?.postMessage({ serial, request });
    }

    #end(): void {
        this.#worker?.terminate();
        this.#ready = this.#start();
        this.#finish({ failure: `stopped after ${TIME_LIMIT / 1000} seconds`, tooLong: true });
    }

    #finish(outcome: Outcome): void {
        clearTimeout(this.#limit);
        this.#running = 0;
        // An answer to older text than what waits is out of date before it is seen.
        if (!this.#waiting || "failure" in outcome) this.#answered(outcome);
        void this.#next();
    }

    #start(): Promise<Ready> {
        const worker = startWorker(workerAddress);
        this.#worker = worker;
        return new Promise((resolve, reject) => {
            worker.onerror = (event) => reject(new Error(event.message || "the worker could not be started"));
            worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
                if ("ready" in data) resolve(data);
                else if (data.serial === -1 && "failure" in data) reject(new Error(data.failure));
                else if (data.serial !== this.#running || worker !== this.#worker) return;
                else if ("evaluation" in data) this.#finish({ evaluation: data.evaluation });
                else {
                    // A module that stopped has no known state.
                    worker.terminate();
                    this.#ready = this.#start();
                    this.#finish({ failure: data.failure });
                }
            };
            worker.postMessage({ module: this.#module });
        });
    }
}
