// Alerts in, counts out: by rule, by whom and where, over time. Kept small whatever comes: of each dimension only
// so many different values are counted by name.
import { about, DIMENSIONS } from "./source.ts";

/** Different values that are counted one by one; whatever else comes is counted together. */
const MOST_VALUES = 20_000;

/** Rows that the page gets. */
const TOP = 12;

/** Alerts that the page gets. */
export const MOST_ROWS = 1000;

export interface Row {
    /** The line that the command prints. */
    line: string;
    rule: string;
    time: number | null;
    user: string;
    account: string;
    region: string;
    address: string;
    action: string;
    file: string;
}

export interface Counts {
    records: number;
    alerts: number;
    errors: number;
    untrusted: number;
    rules: Record<string, number>;
    top: Record<(typeof DIMENSIONS)[number], { values: [string, number][]; different: number; more: boolean }>;
    /** Alerts by hour, as [hours since 1970, alerts], sorted. */
    hours: [number, number][];
    withoutTime: number;
}

export class Tally {
    records = 0;
    alerts = 0;
    errors = 0;
    untrusted = 0;
    rows: Row[] = [];
    readonly #rules = new Map<string, number>();
    readonly #values = new Map(DIMENSIONS.map((name) => [name, new Map<string, number>()]));
    readonly #full = new Set<string>();
    readonly #hours = new Map<number, number>();
    #withoutTime = 0;

    add(rule: string, time: number | null, line: string, file: string): Row {
        this.alerts += 1;
        bump(this.#rules, rule);
        if (time === null) this.#withoutTime += 1;
        else bump(this.#hours, Math.floor(time / 3_600_000));
        const alert = JSON.parse(line) as { event?: unknown };
        const row = { line, rule, time, file, ...about(alert.event) };
        for (const name of DIMENSIONS) {
            const values = this.#values.get(name)!;
            if (values.size < MOST_VALUES || values.has(row[name])) bump(values, row[name]);
            else this.#full.add(name);
        }
        if (this.rows.length < MOST_ROWS) this.rows.push(row);
        return row;
    }

    counts(): Counts {
        const top = Object.fromEntries(
            DIMENSIONS.map((name) => {
                const values = [...this.#values.get(name)!].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
                return [name, { values: values.slice(0, TOP), different: values.length, more: this.#full.has(name) }];
            }),
        ) as Counts["top"];
        const { records, alerts, errors, untrusted } = this;
        const hours = [...this.#hours].sort((a, b) => a[0] - b[0]);
        return { records, alerts, errors, untrusted, rules: Object.fromEntries(this.#rules), top, hours, withoutTime: this.#withoutTime };
    }
}

function bump<K>(counts: Map<K, number>, key: K): void {
    counts.set(key, (counts.get(key) ?? 0) + 1);
}
