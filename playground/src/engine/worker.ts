// In a worker: rules and records in, one evaluation out. It holds one instance of the module.
import { testsName } from "./names.ts";
import { Instance, OK } from "./instance.ts";
import { readExplanations, readFrames, readReadings } from "./frames.ts";
import type { Description, Diagnostic, Evaluation, EvaluationRequest, TestResult, TestRun } from "./types.ts";

export type ToWorker = { module: WebAssembly.Module } | { serial: number; request: EvaluationRequest };
export type FromWorker =
    | { ready: true; optional: string[]; description: string; vocabulary?: string }
    | { serial: number; evaluation: Evaluation }
    | { serial: number; failure: string };

const OPTIONAL = ["tocsin_explain", "tocsin_vocabulary", "tocsin_read", "tocsin_test", "tocsin_coverage"];

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
let instance: Instance | undefined;
let compiled: WebAssembly.Module | undefined;
/** Whether the instance has other rules than the module came with. */
let replaced = false;

const json = (bytes: Uint8Array) => JSON.parse(decoder.decode(bytes)) as unknown;
const post = (message: FromWorker) => postMessage(message);

async function start(module: WebAssembly.Module): Promise<void> {
    const started = await Instance.start(module);
    instance = started;
    compiled = module;
    const optional = OPTIONAL.filter((name) => started.has(name));
    const description = decoder.decode(started.call("tocsin_describe").text);
    const vocabulary = started.has("tocsin_vocabulary")
        ? decoder.decode(started.call("tocsin_vocabulary").text)
        : undefined;
    post({ ready: true, optional, description, ...(vocabulary !== undefined && { vocabulary }) });
}

function evaluate(instance: Instance, request: EvaluationRequest): Evaluation {
    const begun = performance.now();
    const configuration = {
        // Without any rule of the page's, those run that the module came with.
        ...(request.documents.length > 0 && { rules: request.documents }),
        options: { format: request.format },
        skip_broken: true,
    };
    const evaluation: Evaluation = {
        took: 0,
        diagnostics: [],
        rules: [],
        alerts: [],
        errors: [],
        summary: { records: 0, matches: 0, errors: 0 },
        explanations: {},
    };
    const configured = instance.call("tocsin_configure", encoder.encode(JSON.stringify(configuration)));
    const answer = json(configured.text) as { diagnostics?: Diagnostic[]; reason?: string };
    evaluation.diagnostics = answer.diagnostics ?? [];
    if (configured.status !== OK) evaluation.failure = answer.reason ?? "no rule could be read";
    else judge(instance, request, evaluation);
    if (instance.has("tocsin_test")) evaluation.tests = runTests(instance, request);
    evaluation.took = performance.now() - begun;
    return evaluation;
}

function judge(instance: Instance, request: EvaluationRequest, evaluation: Evaluation): void {
    const description = json(instance.call("tocsin_describe").text) as Description;
    evaluation.rules = description.rules;
    const detected = instance.call("tocsin_detect", request.records);
    const text = decoder.decode(detected.text);
    if (detected.status === 1 || detected.status === 255 || (detected.status === 4 && !text.includes('"summary"'))) {
        evaluation.failure = (JSON.parse(text || "{}") as { reason?: string }).reason ?? "the module ran out of memory";
        return;
    }
    Object.assign(evaluation, readFrames(text, request.format));
    if (!instance.has("tocsin_explain")) return;
    for (const rule of description.rules) {
        const explained = instance.call("tocsin_explain", encoder.encode(rule.id), request.records);
        const frames = explained.status === 1 || explained.status === 255 ? "" : decoder.decode(explained.text);
        evaluation.explanations[rule.id] = readExplanations(frames);
    }
    if (instance.has("tocsin_read")) {
        const read = instance.call("tocsin_read", request.records);
        if (read.status === OK || read.status === 2) evaluation.readings = readReadings(decoder.decode(read.text));
    }
}

/** The tests of each document, and those in a file beside it. */
function runTests(instance: Instance, { documents, tests, files }: EvaluationRequest): TestRun[] {
    return documents.flatMap((document): TestRun[] => {
        const beside = tests.find((test) => test.name === testsName(document.name));
        if (!beside && !document.text.includes("[[test")) return [];
        const run = { document, ...(beside && { tests: beside }), files };
        const answer = instance.call("tocsin_test", encoder.encode(JSON.stringify(run)));
        const found = json(answer.text) as { tests?: TestResult[]; diagnostics?: Diagnostic[]; reason?: string };
        return [{ document: document.name, tests: found.tests ?? [], diagnostics: found.diagnostics ?? [] }];
    });
}

addEventListener("message", (event: MessageEvent<ToWorker>) => {
    const message = event.data;
    if ("module" in message) {
        start(message.module).catch((error: unknown) => post({ serial: -1, failure: String(error) }));
        return;
    }
    answer(message.serial, message.request).catch((error: unknown) =>
        post({ serial: message.serial, failure: error instanceof Error ? error.message : String(error) }),
    );
});

async function answer(serial: number, request: EvaluationRequest): Promise<void> {
    if (!instance || !compiled) throw new Error("the worker has no module yet");
    if (request.documents.length === 0 && replaced) instance = await Instance.start(compiled);
    replaced = request.documents.length > 0;
    post({ serial, evaluation: evaluate(instance, request) });
}
