#!/usr/bin/env python3
"""Makes triage.svg, the picture in the README, from what the command prints on a terminal of 150 columns.

    python3 docs/images/make.py target/release/tocsin
"""

import html
import os
import pty
import re
import sys
from pathlib import Path

COLUMNS, ADVANCE, LINE = 150, 7.25, 18
COLOURS = {"31": "#ff7b72", "33": "#f0b72f", "35": "#e2a5ff", "36": "#6fd3ee"}
COMMAND = "scan --quiet --format table --dedup --rules rules logs/calls.ndjson"


def printed(command: str) -> str:
    """What the command prints on a terminal."""
    folder = Path(__file__).parents[2] / "cli/tests/transcripts/trail"
    chunks: list[bytes] = []

    def read(descriptor: int) -> bytes:
        chunk = os.read(descriptor, 65536)
        chunks.append(chunk)
        return b""

    shell = f"cd {folder} && stty rows 40 cols {COLUMNS} && TERM=xterm {Path(command).resolve()} {COMMAND}"
    pty.spawn(["sh", "-c", shell], read)
    return b"".join(chunks).decode().replace("\r\n", "\n")


def spans(line: str) -> str:
    """A line's text, its colours as spans."""
    colour, text = None, []
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        if code := re.fullmatch(r"\x1b\[([0-9;]*)m", part):
            last = code[1].split(";")[-1]
            colour = COLOURS.get(last, None if last in ("", "0") else colour)
        elif part:
            safe = html.escape(part)
            text.append(f'<tspan fill="{colour}" font-weight="bold">{safe}</tspan>' if colour else safe)
    return "".join(text)


def main() -> None:
    lines = [f"$ tocsin {COMMAND}", *printed(sys.argv[1]).splitlines()]
    width, height = round(COLUMNS * ADVANCE + 32), LINE * len(lines) + 28
    rows = [
        f'<text x="16" y="{LINE * place + 28}" xml:space="preserve">{spans(line)}</text>'
        for place, line in enumerate(lines)
    ]
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" font-size="12" '
        f'font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" fill="#e6edf3">\n'
        f'<title>A table of alerts in a terminal</title>\n'
        f'<rect width="100%" height="100%" rx="8" fill="#0d1117"/>\n' + "\n".join(rows) + "\n</svg>\n"
    )
    Path(__file__).with_name("triage.svg").write_text(svg)


main()
