// Alerts over time as bars, and the same in words for who doesn't see them.
import { count, h } from "../ui/dom.ts";

const MOST_BARS = 96;
const SVG = "http://www.w3.org/2000/svg";
const HOUR = 3_600_000;

/** Hours of a bar: steps that people think in. */
const STEPS = [1, 2, 3, 6, 12, 24, 48, 168, 336, 720, 2160, 8760];

interface Bar {
    from: number;
    alerts: number;
}

export function bars(hours: [number, number][]): { step: number; bars: Bar[] } {
    const [first, last] = [hours[0]?.[0] ?? 0, hours.at(-1)?.[0] ?? 0];
    const step = STEPS.find((step) => (last - first) / step < MOST_BARS) ?? Math.ceil((last - first) / MOST_BARS);
    const start = Math.floor(first / step) * step;
    const found: Bar[] = [];
    for (let from = start; from <= last; from += step) found.push({ from, alerts: 0 });
    for (const [hour, alerts] of hours) {
        const bar = found[Math.floor((hour - start) / step)];
        if (bar) bar.alerts += alerts;
    }
    return { step, bars: found };
}

const moment = (hour: number) => new Date(hour * HOUR).toISOString().slice(0, 16).replace("T", " ");

const stepName = (step: number) => (step < 24 ? count(step, "hour") : count(Math.round(step / 24), "day"));

export function timeline(hours: [number, number][], withoutTime: number): HTMLElement {
    const { step, bars: found } = bars(hours);
    const peak = found.reduce((most, bar) => (bar.alerts > most.alerts ? bar : most), found[0]!);
    const words = `${moment(hours[0]![0])} to ${moment(hours.at(-1)![0] + 1)} UTC; most, ${count(peak.alerts, "alert")}, in the ${stepName(step)} from ${moment(peak.from)}`;
    const svg = document.createElementNS(SVG, "svg");
    for (const [name, value] of Object.entries({ viewBox: `0 0 ${found.length * 10} 100`, preserveAspectRatio: "none", role: "img", "aria-label": `Alerts over time: ${words}` })) {
        svg.setAttribute(name, value);
    }
    for (const [index, bar] of found.entries()) {
        if (bar.alerts === 0) continue;
        const height = Math.max(3, (bar.alerts / peak.alerts) * 100);
        const rect = document.createElementNS(SVG, "rect");
        for (const [name, value] of Object.entries({ x: index * 10 + 1, y: 100 - height, width: 8, height })) rect.setAttribute(name, String(value));
        const title = document.createElementNS(SVG, "title");
        title.textContent = `${moment(bar.from)}: ${count(bar.alerts, "alert")}`;
        rect.append(title);
        svg.append(rect);
    }
    const rows = found.filter((bar) => bar.alerts > 0);
    return h(
        "figure",
        { class: "timeline" },
        svg,
        h("figcaption", {}, h("span", { text: words }), withoutTime > 0 && h("span", { text: `; ${count(withoutTime, "alert")} without a time` })),
        h(
            "details",
            {},
            h("summary", { text: "As a table" }),
            h("table", {}, h("thead", {}, h("tr", {}, h("th", { text: `${stepName(step)} from (UTC)` }), h("th", { text: "Alerts", class: "number" }))), h("tbody", {}, ...rows.map((bar) => h("tr", {}, h("td", { text: moment(bar.from) }), h("td", { class: "number", text: bar.alerts.toLocaleString("en") }))))),
        ),
    );
}
