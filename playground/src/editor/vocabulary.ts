// Completion and hover from the module's vocabulary, if it has one.
import type { Extension } from "@codemirror/state";

export class Vocabulary {
    readonly extensions: Extension = [];

    fill(_text: string | undefined): void {}

    derivation(_field: string): string | undefined {
        return undefined;
    }
}
