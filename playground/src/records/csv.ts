// Rows of alerts as CSV (RFC 4180). A cell that a spreadsheet would take for a formula gets an apostrophe in front:
// what stands in a record was perhaps written for exactly that.
import type { Row } from "./tally.ts";

export const HEADER = "time,rule,user,account,region,address,action,file,id\r\n";

export function csvRow(row: Row): string {
    const id = /^\{"id":"([0-9a-f]+)"/.exec(row.line)?.[1] ?? "";
    const time = row.time === null ? "" : new Date(row.time).toISOString();
    return `${[time, row.rule, row.user, row.account, row.region, row.address, row.action, row.file, id].map(cell).join(",")}\r\n`;
}

export function cell(text: string): string {
    const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
