#!/usr/bin/env python3
"""How many instructions the detector executes on fixed inputs, beside the numbers kept in instructions.toml.

  python3 benches/instructions.py          counts, compares; exit code 1 if a case grew by more than half
  python3 benches/instructions.py --save   keeps the counts of this run

The detector runs as native code under valgrind's callgrind. A case's number is that of its input less that of an
empty file, so rules are read and memory is set up in neither. Instructions say nothing of caches and waiting, but
they hardly differ from run to run, on a loaded machine neither. Another compiler makes other instructions:
then, and if an input changed, the difference is printed and nothing fails.
"""

import argparse
import hashlib
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "peers"))
import windows  # noqa: E402
REPO = HERE.parent
KEPT = HERE / "instructions.toml"
PROGRAMS = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", REPO / "target")) / "release"
# What costs half as much again is a change that somebody should have meant.
DRASTIC = 50.0

# Name, what make-trail makes (variant, form, size), rules.
CASES = [
    ("embedded rules, plain records", "clean", "ndjson", "2m", []),
    ("embedded rules, mixed", "mixed", "ndjson", "2m", []),
    ("embedded rules, mixed, one document", "mixed", "records", "2m", []),
    ("embedded rules, a decoy in 4", "decoys", "ndjson", "1m", []),
    ("embedded rules, escapes", "escapes", "ndjson", "1m", []),
    ("embedded rules, a hit in 20", "hits", "ndjson", "1m", []),
    ("the pack, mixed", "mixed", "ndjson", "1m", ["--rules", str(REPO / "rules/pack")]),
]
# As many made-up Sigma rules as vendors publish for Windows, on events in that shape and on CloudTrail's records.
MANY = "3,000 Sigma rules"


def instructions(folder, file, rules):
    """What one run of detect-native executes."""
    out = folder / "callgrind.out"
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", str(PROGRAMS / "detect-native"),
               *rules, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    found = re.search(r"^summary: (\d+)", out.read_text(), re.MULTILINE) if done.returncode == 0 else None
    if not found:
        sys.exit(f"{' '.join(command)}\n{done.stderr}")
    return int(found[1])


def counted(name, file, number):
    """A case as it is kept."""
    text = file.read_bytes()
    return {
        "name": name,
        "bytes": len(text),
        "input": hashlib.sha256(text).hexdigest()[:16],
        "instructions": number,
    }


def count(folder):
    """The cases with their counts."""
    empty = folder / "empty.ndjson"
    empty.write_bytes(b"")
    setup, counts = {}, []
    for name, variant, form, size, rules in CASES:
        file = folder / f"{variant}-{size}.{form}"
        subprocess.run([str(PROGRAMS / "make-trail"), "--out", str(file), "--size", size, "--seed", "1",
                        "--variant", variant, "--form", form], check=True, stdout=subprocess.DEVNULL)
        key = tuple(rules)
        if key not in setup:
            setup[key] = instructions(folder, empty, rules)
        counts.append(counted(name, file, instructions(folder, file, rules) - setup[key]))
    many, events, _ = windows.made(folder / "many", None, None)
    many = ("--rules", str(many))
    setup[many] = instructions(folder, empty, many)
    for what, file in (("Windows", pathlib.Path(events)), ("plain records", folder / "clean-2m.ndjson")):
        counts.append(counted(f"{MANY}, {what}", file, instructions(folder, file, many) - setup[many]))
    for name, key in (
        ("reading the embedded rules", ()),
        ("reading the pack", tuple(CASES[-1][4])),
        (f"reading {MANY}", many),
    ):
        counts.append({"name": name, "bytes": 0, "input": "", "instructions": setup[key]})
    return counts


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--save", action="store_true", help="keep the counts of this run")
    save = parser.parse_args().save
    subprocess.run(["cargo", "build", "--release", "--locked", "-p", "tocsin-benches", "--bins"], cwd=REPO, check=True)
    compiler = subprocess.run(["rustc", "--version"], cwd=REPO, check=True, capture_output=True, text=True).stdout.strip()
    with tempfile.TemporaryDirectory() as folder:
        counts = count(pathlib.Path(folder))
    kept = tomllib.loads(KEPT.read_text()) if KEPT.exists() else {"compiler": "", "case": []}
    known = {case["name"]: case for case in kept["case"]}
    drastic = []
    print(f"{'case':34} {'instructions':>14} {'a byte':>7} {'kept':>14} {'change':>8}")
    for case in counts:
        now, old = case["instructions"], known.get(case["name"])
        each = f"{now / case['bytes']:.2f}" if case["bytes"] else ""
        line = f"{case['name']:34} {now:14,} {each:>7}"
        if old is None or old["input"] != case["input"]:
            print(f"{line} {'-':>14} {'new' if old is None else 'input!':>8}")
            continue
        change = 100 * (now - old["instructions"]) / old["instructions"]
        print(f"{line} {old['instructions']:14,} {change:+7.1f}%")
        if change > DRASTIC:
            drastic.append(case["name"])
    if save:
        text = ["# What `python3 benches/instructions.py --save` counted; see there what a case is.",
                f'compiler = "{compiler}"']
        for case in counts:
            text += ["", "[[case]]", f'name = "{case["name"]}"', f'bytes = {case["bytes"]}',
                     f'input = "{case["input"]}"', f'instructions = {case["instructions"]}']
        KEPT.write_text("\n".join(text) + "\n")
        print(f"kept in {KEPT.relative_to(REPO)}")
    elif kept["compiler"] != compiler:
        print(f"kept counts are of {kept['compiler'] or 'no run'}, this is {compiler}: no more than a look")
    elif drastic:
        sys.exit(f"more than {DRASTIC:.0f} % slower: {', '.join(drastic)}. If that is meant, keep it with --save")


if __name__ == "__main__":
    main()
