// The module's answers in, typed frames out. Alerts stay the bytes that they are: what the page shows, copies and
// saves is what the command prints.
import type { Alert, Explanation, Reading, Format, RecordError, Summary } from "./types.ts";

export interface Frames {
    alerts: Alert[];
    errors: RecordError[];
    summary: Summary;
}

/** In front of the alert, which is always a frame's last key. Inside a string of JSON a quote has a backslash
 * before it, so this can't stand in the id before it. */
const BEFORE_ALERT = ',"alert":';

/** The line that the command prints for an alert's frame. */
export function alertLine(frame: string, format: Format): string {
    const start = frame.indexOf(BEFORE_ALERT) + BEFORE_ALERT.length;
    const alert = frame.slice(start, -1);
    return format === "text" ? (JSON.parse(alert) as string) : alert;
}

export function readFrames(text: string, format: Format): Frames {
    const found: Frames = { alerts: [], errors: [], summary: { records: 0, matches: 0, errors: 0 } };
    for (const line of lines(text)) {
        if (line.includes(BEFORE_ALERT)) {
            const { record, rule } = JSON.parse(line) as { record: number; rule: string };
            found.alerts.push({ record, rule, line: alertLine(line, format) });
            continue;
        }
        const frame = JSON.parse(line) as { record?: number; error?: Omit<RecordError, "record">; summary?: Summary };
        if (frame.summary) found.summary = frame.summary;
        else if (frame.error && frame.record !== undefined) found.errors.push({ record: frame.record, ...frame.error });
    }
    return found;
}

export function readExplanations(text: string): { record: number; explanation: Explanation }[] {
    return [...lines(text)].flatMap((line) => {
        const frame = JSON.parse(line) as { record: number; explanation?: Explanation };
        return frame.explanation ? [{ record: frame.record, explanation: frame.explanation }] : [];
    });
}

export function readReadings(text: string): { record: number; reading: Reading }[] {
    return [...lines(text)].flatMap((line) => {
        const frame = JSON.parse(line) as { record: number; reading?: Reading };
        return frame.reading ? [{ record: frame.record, reading: frame.reading }] : [];
    });
}

export function* lines(text: string): Generator<string> {
    for (let at = 0; at < text.length; ) {
        const end = text.indexOf("\n", at);
        const line = end < 0 ? text.slice(at) : text.slice(at, end);
        if (line) yield line;
        at = end < 0 ? text.length : end + 1;
    }
}
