"""The conformance suite's driver in Python: requests on standard input, replies on standard output, as
README.md describes them. It calls modules through the example of integrations/python."""

import struct
import sys
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "integrations" / "python"))

from tocsin_scan import Answer, Module, Tocsin  # noqa: E402

modules: list[Module] = []
instances: dict[int, Tocsin] = {}
started = 0


def perform(kind: str, number: int, first: bytes, second: bytes) -> Answer:
    global started
    match kind:
        case "l":
            modules.append(Module(first))
            return Answer(len(modules) - 1, 0, b"")
        case "s":
            started += 1
            instances[started] = Tocsin(modules[number])
            return Answer(started, 0, b"")
        case "e":
            del instances[number]
            return Answer(0, 0, b"")
        case "d":
            return instances[number].describe()
        case "c":
            return instances[number].configure(first)
        case "j":
            return instances[number].detect(first)
        case "x":
            return instances[number].explain(first, second)
    raise ValueError(f"no request begins with {kind}")


def reply(request: bytes) -> bytes:
    kind, number, size = struct.unpack_from("<cII", request)
    try:
        answer = perform(kind.decode(), number, request[9 : 9 + size], request[9 + size :])
        return struct.pack("<BII", 0, answer.status, answer.count) + answer.text
    except Exception:
        return struct.pack("<BII", 1, 0, 0) + traceback.format_exc().encode()


def main() -> None:
    streams = sys.stdin.buffer, sys.stdout.buffer
    while length := streams[0].read(4):
        message = reply(streams[0].read(*struct.unpack("<I", length)))
        streams[1].write(struct.pack("<I", len(message)))
        streams[1].write(message)
        streams[1].flush()


main()
