// In a worker: a module and rules in, the compiled module out.
import type { RuleDocument } from "../engine/types.ts";
import { type Compiled, compile } from "./compile.ts";
import { Rewriter } from "./rewrite.ts";

export interface CompileRequest {
    base: Uint8Array;
    rewriter: Uint8Array<ArrayBuffer>;
    documents: RuleDocument[];
}

export type FromCompiler = { compiled: Compiled } | { failure: string };

addEventListener("message", ({ data }: MessageEvent<CompileRequest>) => {
    Rewriter.start(data.rewriter)
        .then((rewriter) => compile(data.base, rewriter, data.documents))
        .then((compiled) => postMessage({ compiled } satisfies FromCompiler))
        .catch((error: unknown) => postMessage({ failure: error instanceof Error ? error.message : String(error) } satisfies FromCompiler));
});
