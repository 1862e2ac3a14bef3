// A short message at the lower edge, with at most one thing to do about it.
import { button, byId, h } from "./dom.ts";

let timer: ReturnType<typeof setTimeout> | undefined;

export function toast(text: string, act?: { text: string; run: () => void }): void {
    const box = byId("toast");
    const close = () => box.replaceChildren();
    const element = h("div", {}, h("span", { text }));
    if (act) {
        element.append(
            button(act.text, () => {
                close();
                act.run();
            }),
        );
    }
    box.replaceChildren(element);
    clearTimeout(timer);
    timer = setTimeout(close, act ? 12_000 : 5_000);
}
