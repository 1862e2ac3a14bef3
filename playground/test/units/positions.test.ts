// Bytes, characters and units of UTF-16: every position of texts that have one to four bytes a character.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ofByteInString, Positions } from "../../src/positions.ts";

const TEXTS = ["", "plain", "größe\n€ 😀 x\r\n\n末", "\ud800 alone, \udc00 too", "😀".repeat(2000) + "é", "a\n".repeat(1500)];

test("a byte's position is that of its character, and back", () => {
    for (const text of TEXTS) {
        const positions = new Positions(text);
        let byte = 0;
        for (let at = 0; at < text.length; ) {
            const character = text.slice(at, at + (text.codePointAt(at)! > 0xffff ? 2 : 1));
            const wide = new TextEncoder().encode(character).length;
            for (let inside = 0; inside < wide; inside++) assert.equal(positions.ofByte(byte + inside), at);
            assert.equal(positions.toByte(at), byte);
            byte += wide;
            at += character.length;
        }
        assert.equal(positions.ofByte(byte), text.length);
        assert.equal(positions.ofByte(byte + 99), text.length);
        assert.equal(positions.toByte(text.length), byte);
    }
});

test("lines and columns count characters from one", () => {
    const positions = new Positions("größe\n€ 😀 x\n末");
    assert.equal(positions.ofLineColumn(1, 1), 0);
    assert.equal(positions.ofLineColumn(2, 4), 10); // behind the pair
    assert.equal(positions.ofLineColumn(2, 99), 12); // the line's end
    assert.equal(positions.ofLineColumn(3, 1), 13);
    assert.equal(positions.ofLineColumn(99, 1), 13);
    assert.deepEqual(positions.toLineColumn(10), [2, 4]);
    assert.deepEqual(positions.toLineColumn(13), [3, 1]);
});

test("a position in the middle of a pair counts the bytes before the pair", () => {
    assert.equal(new Positions("x😀").toByte(2), 1);
});

test("a byte of a string's value is where its escape stands", () => {
    const value = '{"a":"ü€😀\n\\"x"}';
    for (const written of [JSON.stringify(value), JSON.stringify(value).replace("ü", "\\u00fc").replace("€", "\\u20ac").replace("😀", "\\ud83d\\ude00")]) {
        const text = `{"message":${written}}`;
        const start = text.indexOf(":") + 1;
        const byte = new TextEncoder().encode(value.slice(0, value.indexOf("x"))).length;
        assert.equal(ofByteInString(text, start, byte), text.lastIndexOf("x"));
        assert.equal(ofByteInString(text, start, 0), start + 1);
    }
});
