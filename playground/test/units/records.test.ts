// Files and streams of records: batches of whole records, gzip of any members, values that mean what they say.
import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { cell, csvRow } from "../../src/records/csv.ts";
import { Cutter } from "../../src/records/cutter.ts";
import { bytesOf } from "../../src/records/inflate.ts";
import { about } from "../../src/records/source.ts";
import { indented, topValue, valueEnd } from "../../src/records/token.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** The batches of a text that comes in pieces of a size. */
function batches(text: string, piece: number): string[] {
    const cutter = new Cutter();
    const bytes = encode(text);
    const found: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += piece) found.push(...cutter.push(bytes.slice(at, at + piece)));
    found.push(...cutter.finish());
    return found.map(decode);
}

const record = (number: number) => `{"number":${number},"text":"[{,]\\"\\\\ ${"x".repeat(number % 900)}"}`;
const MANY = Array.from({ length: 6000 }, (_, number) => record(number));

for (const piece of [65_536, 1_000_000, 99_999_999]) {
    test(`lines stay whole and none is lost, in pieces of ${piece}`, () => {
        const text = `${MANY.join("\n")}\n`;
        const found = batches(text, piece);
        assert.ok(found.length >= 2);
        assert.equal(found.join(""), text);
        for (const batch of found) for (const line of batch.trimEnd().split("\n")) JSON.parse(line);
    });

    test(`a list on one line becomes lists of whole elements, in pieces of ${piece}`, () => {
        for (const [before, after] of [["[", "]"], ['{"Records":[', "]}"], ['{ "Records" : [\n', "\n]}\n"]]) {
            const found = batches(`${before}${MANY.join(",")}${after}`, piece);
            assert.ok(found.length >= 2);
            const numbers = found.flatMap((batch) => {
                const list = JSON.parse(batch) as { Records: { number: number }[] } | { number: number }[];
                return (Array.isArray(list) ? list : list.Records).map((one) => one.number);
            });
            assert.deepEqual(numbers, MANY.map((_, number) => number));
        }
    });
}

test("lines behind a list are read, too", () => {
    const found = batches(`{"Records":[${MANY.join(",")}]}\n${MANY.join("\n")}\n`, 200_000);
    assert.equal(found.join("").match(/"number":/g)!.length, 2 * MANY.length);
});

test("a record over several lines isn't cut at its inner lines", () => {
    const text = MANY.map((line) => JSON.stringify(JSON.parse(line), null, 2)).join("\n");
    for (const batch of batches(text, 300_000)) assert.match(batch.trim(), /^\{[^]*\}$/);
});

async function inflated(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
    const parts: Uint8Array[] = [];
    for await (const chunk of bytesOf(new Blob([bytes]), () => undefined)) parts.push(chunk.slice());
    return parts.map(decode).join("");
}

test("gzip of one member, of many, and with padding", async () => {
    const one = gzipSync("first\n");
    const two = gzipSync("second\n".repeat(50_000));
    const concat = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));
    assert.equal(await inflated(concat(one)), "first\n");
    assert.equal(await inflated(concat(one, two, one)), `first\n${"second\n".repeat(50_000)}first\n`);
    assert.equal(await inflated(concat(two, new Uint8Array(700))), "second\n".repeat(50_000));
    await assert.rejects(inflated(concat(one, encode("junk behind the member, which is not zeros"))), /gzip/);
    await assert.rejects(inflated(concat(two.subarray(0, two.length - 40))));
    assert.equal(await inflated(concat(encode("{}"))), "{}");
});

test("a value of JSON ends where it ends", () => {
    for (const value of ['"a\\"b\\\\"', "12.5e3", "true", '{"a":["]"]}', "[]"]) {
        assert.equal(valueEnd(`${value},1`, 0), value.length);
    }
    const object = '{"fields":{"event":1},"text":"\\"event\\":2","event":{"a":[1.50]}}';
    assert.equal(topValue(object, "event"), '{"a":[1.50]}');
    assert.equal(topValue(object, "none"), undefined);
});

test("indenting changes no token", () => {
    const text = '{"a":1.0,"b":[{},[ ],{"c":"x , y"}],"a":12345678901234567890}';
    assert.equal(indented(text).replace(/\s+/g, ""), text.replace(/\s+/g, ""));
    assert.equal(indented(indented(text)), indented(text));
});

test("what spreadsheets take for formulas is text", () => {
    assert.equal(cell("=HYPERLINK(1)"), "'=HYPERLINK(1)");
    assert.equal(cell('a,"b"'), '"a,""b"""');
    const row = { line: '{"id":"0af1"}', rule: "r", time: 0, user: "@x", account: "1", region: "", address: "", action: "", file: "f" };
    assert.equal(csvRow(row), "1970-01-01T00:00:00.000Z,r,'@x,1,,,,f,0af1\r\n");
});

test("whom and where a record is about, raw and in ECS", () => {
    const raw = { userIdentity: { type: "AssumedRole", sessionContext: { sessionIssuer: { userName: "Deployer" } } }, awsRegion: "eu-central-1" };
    assert.deepEqual({ ...about(raw) }, { user: "Deployer", account: "", region: "eu-central-1", address: "", action: "" });
    assert.equal(about({ "user.name": "alice", source: { "address": "203.0.113.9" } }).address, "203.0.113.9");
    assert.equal(about(null).user, "");
});
