#!/usr/bin/env python3
"""Scans files of AWS CloudTrail records with a Tocsin module: records in, alerts out.

    pip install wasmtime
    python tocsin_scan.py --module tocsin.wasm trail/*.json.gz

One file, one dependency: it can be copied into a project, and shows how a host of its own speaks the
module's interface (docs/abi.md). The three classes below are that host; the rest is the command.

Exit codes: 0 ran, 1 some input failed, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import math
import os
import re
import struct
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, cast

from wasmtime import Config, Engine, Func, Instance, Memory, Store, Trap
from wasmtime import Module as Compiled

ABI_VERSION = 1

OK, BAD_ARGUMENT, BAD_BATCH, BAD_CONFIGURATION, LIMIT_EXCEEDED, INTERNAL = 0, 1, 2, 3, 4, 255


class TocsinError(Exception):
    """The module can't be used, or has refused a call."""


class RulesError(TocsinError):
    """Rules that the module refuses, with what is wrong and where."""

    def __init__(self, diagnostics: list[dict[str, Any]]) -> None:
        self.diagnostics = diagnostics
        super().__init__("\n".join(map(show_diagnostic, diagnostics)))


@dataclass(frozen=True)
class Answer:
    """What a call of the module answers: docs/abi.md, "The answer"."""

    status: int
    count: int
    text: bytes


class Module:
    """A module, compiled once. It is cheap to start several instances of it."""

    def __init__(self, data: bytes) -> None:
        self.sha256 = hashlib.sha256(data).hexdigest()
        config = Config()
        # Compiling takes a second or more; the next run finds the machine code in the user's cache folder.
        config.cache = True
        self.engine = Engine(config)
        try:
            self.compiled = Compiled(self.engine, data)
        except Exception as error:
            raise TocsinError(f"this isn't a WebAssembly module: {error}") from error

    @classmethod
    def load(cls, path: Path) -> Module:
        return cls(path.read_bytes())


class Tocsin:
    """One instance of a module: the calls of docs/abi.md, bytes in and bytes out."""

    def __init__(self, module: Module) -> None:
        self._store = Store(module.engine)
        # The module imports nothing, so there is nothing to give it.
        self._exports = Instance(self._store, module.compiled, []).exports(self._store)
        self._memory = cast(Memory, self._exports["memory"])
        version = self._call("tocsin_abi_version")
        if version != ABI_VERSION:
            raise TocsinError(f"the module speaks version {version} of the interface, not {ABI_VERSION}")

    def describe(self) -> Answer:
        return self._answer(self._call("tocsin_describe"))

    def configure(self, document: bytes) -> Answer:
        return self._pass("tocsin_configure", document)

    def detect(self, batch: bytes) -> Answer:
        return self._pass("tocsin_detect", batch)

    def explain(self, rule: bytes, batch: bytes) -> Answer:
        return self._pass("tocsin_explain", rule, batch)

    def _pass(self, name: str, *arguments: bytes) -> Answer:
        """Calls an export with arguments that are copied into the module's memory."""
        places: list[int] = []
        for argument in arguments:
            address = self._call("malloc", len(argument))
            if address == 0:
                raise TocsinError(f"the module has no memory for {len(argument)} bytes")
            self._memory.write(self._store, argument, address)
            places += [address, len(argument)]
        answer = self._answer(self._call(name, *places))
        for address in places[::2]:
            self._call("free", address)
        return answer

    def _answer(self, header: int) -> Answer:
        """Copies an answer out: header and text are the module's until the next call."""
        integers = self._memory.read(self._store, header, header + 16)
        status, address, length, count = struct.unpack("<IIII", integers)
        return Answer(status, count, bytes(self._memory.read(self._store, address, address + length)))

    def _call(self, name: str, *arguments: int) -> int:
        function = cast("Func | None", self._exports.get(name))
        if function is None:
            raise TocsinError(f"the module has no `{name}`")
        try:
            result = function(self._store, *arguments)
        except Trap as error:
            # Never expected; the instance's state is unknown after it.
            raise TocsinError(f"the module has trapped in `{name}`: {error}") from error
        # Integers come back signed; an address above 2 GiB is negative then.
        return int(result or 0) & 0xFFFF_FFFF


@dataclass(frozen=True)
class Alert:
    record: int  # index in the batch
    rule: str  # the rule's id
    id: str
    text: str  # the alert as the module has written it: its copy of the record is the record's own bytes

    @cached_property
    def alert(self) -> Any:
        """An object, or for the format `text` a string. Read when it is asked for: most are only printed."""
        return read_json(self.text)


@dataclass(frozen=True)
class RecordError:
    record: int  # index in the batch
    offset: int  # the byte of the batch where reading failed
    reason: str
    rule: str | None = None  # the rule that couldn't judge the record, if it is about one


@dataclass(frozen=True)
class MoreErrors:
    """Errors of one reason that have no frame of their own."""

    reason: str
    count: int
    first: int  # index of the first such record in the batch
    last: int


@dataclass(frozen=True)
class Detection:
    alerts: list[Alert]
    errors: list[RecordError]
    more_errors: list[MoreErrors]
    records: int


class Detector:
    """An instance whose answers are read: rules and records in, alerts out."""

    def __init__(self, module: Module) -> None:
        self.tocsin = Tocsin(module)

    def description(self) -> dict[str, Any]:
        """What the module says about itself."""
        return _read(self.tocsin.describe())

    def rules(self) -> list[dict[str, Any]]:
        """The rules that the module has now."""
        return list(self.description()["rules"])

    def configure(
        self,
        rules: Iterable[tuple[str, str]] | None = None,
        add: Iterable[tuple[str, str]] = (),
        format: str | None = None,
        error_frames: int | None = None,
    ) -> list[dict[str, Any]]:
        """Replaces the rules or adds some, each a name and a text; gives the warnings about them.

        Raises `RulesError` if there is an error; nothing has changed then.
        """
        document: dict[str, Any] = {"add": _documents(add)}
        if rules is not None:
            document["rules"] = _documents(rules)
        options = {"format": format, "error_frames": error_frames}
        if options := {name: value for name, value in options.items() if value is not None}:
            document["options"] = options
        answer = self.tocsin.configure(json.dumps(document).encode())
        if answer.status == BAD_CONFIGURATION:
            raise RulesError(json.loads(answer.text)["diagnostics"])
        return list(_read(answer)["diagnostics"])

    def detect(self, batch: bytes) -> Detection:
        """Judges a batch: any shape of records that docs/abi.md accepts."""
        answer = self.tocsin.detect(batch)
        if answer.status not in (OK, BAD_BATCH) and not answer.text.startswith(b'{"record"'):
            _read(answer)
        alerts, errors, more_errors, records = [], [], [], 0
        # Frames end with a line feed. Whatever else ends a line elsewhere may stand inside of an alert.
        for line in answer.text.decode().split("\n"):
            # The alert comes last, and in no text before it do quotes stand unescaped.
            head, is_alert, alert = line.partition(',"alert":')
            if is_alert:
                frame = json.loads(head + "}")
                alerts.append(Alert(frame["record"], frame["rule"], frame["id"], alert.removesuffix("}")))
            elif line:
                frame = json.loads(line)
                if "summary" in frame:
                    records = frame["summary"]["records"]
                elif "error" in frame:
                    error = frame["error"]
                    errors.append(RecordError(frame["record"], error["offset"], error["reason"], error.get("rule")))
                elif "errors" in frame:
                    more = frame["errors"]
                    more_errors.append(MoreErrors(more["reason"], more["count"], more["first"], more["last"]))
        return Detection(alerts, errors, more_errors, records)

    def explain(self, rule: str, batch: bytes) -> list[dict[str, Any]]:
        """Says of each record why the rule of this id does or doesn't select it."""
        answer = self.tocsin.explain(rule.encode(), batch)
        if answer.status not in (OK, BAD_BATCH):
            _read(answer)
        frames = [read_json(line) for line in answer.text.decode().split("\n") if line]
        return [frame["explanation"] for frame in frames if "explanation" in frame]


def _documents(documents: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "text": text} for name, text in documents]


def _read(answer: Answer) -> dict[str, Any]:
    """An answer's object; raises the reason if the call was refused."""
    document = cast("dict[str, Any]", json.loads(answer.text))
    if answer.status != OK:
        raise TocsinError(f"status {answer.status}: {document.get('reason', document)}")
    return document


def _integer(digits: str) -> Any:
    try:
        return int(digits)
    except ValueError:
        # Python refuses to read more than some thousand digits as an integer.
        return Decimal(digits)


def _fraction(digits: str) -> Any:
    number = float(digits)
    return number if math.isfinite(number) else Decimal(digits)


_DECODER = json.JSONDecoder(strict=False, parse_int=_integer, parse_float=_fraction)
_TOKEN = re.compile(r'[ \t\r\n]*([\[\]{},:"]|[^\s\[\]{},:"]+)')


def read_json(text: str) -> Any:
    """A JSON text's value, however deep it nests and however large its numbers are."""
    try:
        return _DECODER.decode(text)
    except RecursionError:
        return _deep(text)


def _deep(text: str) -> Any:
    """The same without recursion, for what nests deeper than Python's own reader goes."""
    root: list[Any] = []
    open_ones: list[tuple[Any, str | None]] = [(root, None)]  # containers, each with the key at hand
    at = 0
    while match := _TOKEN.match(text, at):
        token, at = match[1], match.end()
        into, key = open_ones[-1]
        if token in ",:":
            continue
        if token in "]}":
            if len(open_ones) == 1:
                break
            open_ones.pop()
            continue
        if token == '"':
            value, at = _DECODER.raw_decode(text, at - 1)
            if isinstance(into, dict) and key is None:
                open_ones[-1] = into, value
                continue
        elif token in "[{":
            value = [] if token == "[" else {}
        else:
            value = _DECODER.decode(token)
        if isinstance(into, dict):
            into[key] = value
            open_ones[-1] = into, None
        else:
            into.append(value)
        if token in "[{":
            open_ones.append((value, None))
    if at < len(text.rstrip()) or len(open_ones) != 1 or len(root) != 1:
        raise ValueError("this isn't one JSON value")
    return root[0]


def show_diagnostic(found: dict[str, Any]) -> str:
    """A diagnostic as compilers print them."""
    place = f"{found['document']}:{found['line']}:{found['column']}"
    hint = f"\n  hint: {found['hint']}" if found.get("hint") else ""
    return f"{place}: {found['severity']}: {found['message']} [{found['code']}]{hint}"


# ---------------------------------------------------------------------------------------------- the command

BATCH_BYTES = 1 << 20

# Errors of a batch that are told one by one; the others are counted.
ERROR_FRAMES = 10


def batches(stream: BinaryIO, size: int = BATCH_BYTES) -> Iterator[tuple[int, bytes]]:
    """Cuts a stream into batches of whole lines, each with the offset where it begins.

    A line that doesn't stand alone (a document over several lines, such as CloudTrail's own files when
    pretty-printed) can't be cut without reading it: such a stream is one batch.
    """
    offset, batch = 0, stream.read(size)
    first = batch.split(b"\n", 1)[0].strip().removeprefix(b"\xef\xbb\xbf")
    if not _is_object(first):
        batch += stream.read()
        if batch:
            yield 0, batch
        return
    while batch:
        batch += stream.readline()
        yield offset, batch
        offset += len(batch)
        batch = stream.read(size)


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(read_json(line.decode(errors="replace")), dict)
    except ValueError:
        return False


GZIP = b"\x1f\x8b"


class Unpacked(io.RawIOBase):
    """What a gzip file holds: all its members, as far as they go. Then `damage` says what is wrong, if anything is."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.damage: str | None = None
        self._packed = b""
        self._member = zlib.decompressobj(zlib.MAX_WBITS | 16)
        self._ended = False

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self.file.close()
        super().close()

    def readinto(self, buffer: Any) -> int:
        while not self._ended:
            self._packed = self._packed or self.file.read(BATCH_BYTES)
            if not self._packed:
                self._end("the gzip stream is cut off")
                break
            try:
                plain = self._member.decompress(self._packed, len(buffer))
            except zlib.error as error:
                self._end(f"the gzip stream is damaged: {error}")
                break
            self._packed = self._member.unconsumed_tail
            if self._member.eof:
                self._next_member()
            if plain:
                buffer[: len(plain)] = plain
                return len(plain)
        return 0

    def _next_member(self) -> None:
        """Another member may follow, or zero bytes that fill a block."""
        packed = self._member.unused_data
        while not (packed := packed.lstrip(b"\0")):
            if not (packed := self.file.read(BATCH_BYTES)):
                return self._end(None)
        if len(packed) < len(GZIP):
            packed += self.file.read(1)
        if not packed.startswith(GZIP):
            return self._end("bytes that aren't gzip's stand behind the gzip stream, and aren't read")
        self._packed, self._member = packed, zlib.decompressobj(zlib.MAX_WBITS | 16)

    def _end(self, damage: str | None) -> None:
        self.damage, self._ended = damage, True


@contextmanager
def opened(path: Path, error: Callable[[str], None]) -> Iterator[BinaryIO]:
    """A file, unpacked if it is gzip's, whatever its name is. `error` is told in the end what it doesn't hold whole."""
    with path.open("rb") as file:
        gzipped = file.read(2) == GZIP
        file.seek(0)
        if not gzipped:
            yield file
            return
        unpacked = Unpacked(file)
        yield cast(BinaryIO, io.BufferedReader(unpacked, BATCH_BYTES))
        if unpacked.damage:
            error(f"{path}: {unpacked.damage}")


def scan(
    detector: Detector,
    path: Path,
    alert: Callable[[Alert], None],
    error: Callable[[str], None],
) -> None:
    """Judges a file's records; `error` is told what failed, and where."""
    with opened(path, error) as stream:
        for offset, batch in batches(stream):
            detection = detector.detect(batch)
            for found in detection.alerts:
                alert(found)
            for failed in detection.errors:
                line = 1 + batch.count(b"\n", 0, failed.offset)
                place = f"byte {offset + failed.offset}"
                by = f", rule {failed.rule}" if failed.rule else ""
                error(f"{path}: record {failed.record} of a batch, line {line} of it, {place}{by}: {failed.reason}")
            for more in detection.more_errors:
                error(f"{path}: {more.count} more of the records {more.first} to {more.last} of a batch: {more.reason}")


def packaged_module() -> Path | None:
    """The module of the installed package; nothing where this file was copied."""
    try:
        from tocsin_module import path
    except ImportError:
        return None
    return path() if path().exists() else None


def parser() -> argparse.ArgumentParser:
    arguments = argparse.ArgumentParser(description="Scan AWS CloudTrail records with a Tocsin module.")
    arguments.add_argument("files", nargs="*", type=Path, help="NDJSON or JSON files, gzipped or not")
    own = packaged_module()
    arguments.add_argument(
        "--module", type=Path, default=own, required=own is None, help="the module, a .wasm file"
    )
    arguments.add_argument(
        "--rules", type=Path, nargs="+", default=[], metavar="FILE", help="rule files to use beside the module's"
    )
    arguments.add_argument("--no-default-rules", action="store_true", help="use none but those of --rules")
    arguments.add_argument("--format", choices=["json", "text", "ecs", "ocsf"], default="json")
    arguments.add_argument("--sha256", action="store_true", help="print the module's fingerprint and end")
    return arguments


def main(argv: list[str] | None = None) -> int:
    arguments = parser().parse_args(argv)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")

    def say(text: str) -> None:
        print(text, file=sys.stderr)

    try:
        module = Module.load(arguments.module)
        if arguments.sha256:
            print(module.sha256)
            return 0
        if not arguments.files:
            say("no files to scan; --help tells the usage")
            return 2
        detector = Detector(module)
        rules = [(str(path), path.read_text(encoding="utf-8")) for path in arguments.rules]
        mine = {"rules": rules} if arguments.no_default_rules else {"add": rules}
        # An older module doesn't know the option.
        bounds_errors = "error_frames" in detector.description()["options"]
        error_frames = ERROR_FRAMES if bounds_errors else None
        for warning in detector.configure(**mine, format=arguments.format, error_frames=error_frames):
            say(show_diagnostic(warning))
    except (OSError, UnicodeDecodeError, TocsinError) as error:
        say(f"error: {error}")
        return 2
    say(f"module {arguments.module}, sha256 {module.sha256}, {len(detector.rules())} rules")

    failed = False

    def fail(text: str) -> None:
        nonlocal failed
        failed = True
        say(f"error: {text}")

    def alert(found: Alert) -> None:
        # Alerts of the format `text` are lines already; the others are printed as they came.
        print(found.alert if isinstance(found.alert, str) else found.text)

    for path in arguments.files:
        try:
            scan(detector, path, alert, fail)
        except BrokenPipeError:
            return _closed()
        except (OSError, TocsinError) as reason:
            fail(f"{path}: {reason}")
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        return _closed()
    except OSError as reason:
        fail(f"the alerts can't be written: {reason}")
        _drop_output()
    return 1 if failed else 0


def _closed() -> int:
    """Somebody has seen enough (`| head`): a normal end."""
    _drop_output()
    return 0


def _drop_output() -> None:
    """What still waits to be written goes nowhere: Python would fail at it once more on its way out."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def entry() -> None:
    """The command `tocsin-scan` of the installed package."""
    sys.exit(main())


if __name__ == "__main__":
    entry()
