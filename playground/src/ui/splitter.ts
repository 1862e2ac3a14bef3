// A splitter that works by pointer and by keyboard: arrows move, Home and End go to the ends, Enter to the middle.

export interface SplitterOptions {
    label: string;
    /** The variable on the root that holds the share, in percent. */
    variable: string;
    axis: "x" | "y";
    initial: number;
    controls: string;
}

const LEAST = 20;
const MOST = 80;

export function splitter(element: HTMLElement, container: HTMLElement, options: SplitterOptions): void {
    const key = `tocsin${options.variable}`;
    let share = options.initial;
    const set = (wanted: number, keep = true) => {
        share = Math.min(MOST, Math.max(LEAST, Math.round(wanted * 10) / 10));
        document.documentElement.style.setProperty(options.variable, `${share}%`);
        element.setAttribute("aria-valuenow", String(Math.round(share)));
        if (keep) localStorage.setItem(key, String(share));
    };
    element.tabIndex = 0;
    for (const [name, value] of Object.entries({
        role: "separator",
        "aria-label": options.label,
        "aria-orientation": options.axis === "x" ? "vertical" : "horizontal",
        "aria-valuemin": LEAST,
        "aria-valuemax": MOST,
        "aria-controls": options.controls,
    })) {
        element.setAttribute(name, String(value));
    }
    set(Number(localStorage.getItem(key)) || options.initial, false);

    element.addEventListener("keydown", (event) => {
        const [less, more] = options.axis === "x" ? ["ArrowLeft", "ArrowRight"] : ["ArrowUp", "ArrowDown"];
        const to = { [less]: share - 2, [more]: share + 2, Home: LEAST, End: MOST, Enter: options.initial }[event.key];
        if (to === undefined) return;
        event.preventDefault();
        set(to);
    });
    element.addEventListener("pointerdown", (down) => {
        element.setPointerCapture(down.pointerId);
        const box = container.getBoundingClientRect();
        const move = (event: PointerEvent) => {
            const at = options.axis === "x" ? (event.clientX - box.left) / box.width : (event.clientY - box.top) / box.height;
            set(at * 100);
        };
        element.addEventListener("pointermove", move);
        const end = () => element.removeEventListener("pointermove", move);
        element.addEventListener("lostpointercapture", end, { once: true });
    });
}
