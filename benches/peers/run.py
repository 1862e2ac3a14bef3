#!/usr/bin/env python3
"""Tocsin and its peers on the same work: inputs are made, commands run in interleaved rounds, every answer is checked.

  python3 benches/peers/run.py --install            peers from the registries, then everything (half an hour)
  python3 benches/peers/run.py --size 50m           a quick look
  python3 benches/peers/run.py --records my-trail/  copies of these records instead of made-up ones
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys

import answers
import explained
import fluent_bit
import measure
import report
import rows
import sigma_rules
import tools as tools_module
import windows
from inputs import Inputs

TABLES = ("one", "written", "variants", "order", "many", "thousands", "gzip", "threads", "start", "memory", "shipper")
RG, INFLATE = "rg -F (the floor)", "libdeflate alone (the floor)"
# Bytes that who writes a log may write at a time.
PIECES = (4 << 10, 64 << 10)


def size(text):
    """Bytes: 50m, 1g."""
    found = re.fullmatch(r"(\d+)([kmg]?)", text.lower())
    if not found:
        raise argparse.ArgumentTypeError("expected a size such as 50m or 1g")
    return int(found[1]) * {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}[found[2]]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=size, default=10**9, help="of the main input, before compression [1g]")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--records", type=pathlib.Path, action="append", default=[],
                        help="NDJSON files or folders to copy records from [records made up by make-trail]")
    parser.add_argument("--rules", type=pathlib.Path, help="Sigma rules for the table `thousands` [made up]")
    parser.add_argument("--events", type=pathlib.Path, help="NDJSON of events for these rules, with --rules")
    parser.add_argument("--only", default=",".join(TABLES), help=f"tables, with commas between: {', '.join(TABLES)}")
    parser.add_argument("--skip", default="", help="rows to leave out whose names hold one of these texts, with commas between")
    parser.add_argument("--work", type=pathlib.Path, default=tools_module.REPO / "target/bench-peers", help="folder for inputs")
    parser.add_argument("--tools", type=pathlib.Path, help="folder for peers [the work folder's `tools`]")
    parser.add_argument("--install", action="store_true", help="bring missing peers from the registries")
    parser.add_argument("--tocsin", type=pathlib.Path, help="another build of the command [a release build is made]")
    parser.add_argument("--no-build", action="store_true", help="take the programs that are there")
    parser.add_argument("--fluent-bit-driver", metavar="COMMAND",
                        help="a command that calls a filter record by record in Fluent Bit's convention, for a guest that "
                             "does nothing and for Tocsin's, and prints `idle SECONDS` and `tocsin SECONDS`, a line each")
    parser.add_argument("--write", type=pathlib.Path, help="a page of Markdown with marks for results")
    return parser.parse_args()


class Bench:
    """One run of the script: options, tools, inputs, and the text of the report as it grows."""

    def __init__(self, options):
        self.options = options
        work = options.work.resolve()
        work.mkdir(parents=True, exist_ok=True)
        self.work, self.out = work, work / "out"
        folder = (options.tools or work / "tools").resolve()
        if options.install:
            tools_module.install(folder)
        if not options.no_build:
            tools_module.build()
        self.tools = tools_module.Tools(folder, options.tocsin, options.fluent_bit_driver)
        self.inputs = Inputs(work, self.tools.make_trail, options.records, options.size)
        self.targets, self.parts, self.skipped, self.loaded = report.Targets(), [], set(), []

    def measure(self, table, manifest, rounds=None):
        """Runs the rows of a table in turn, that many rounds."""
        measured = report.Measured()
        leave_out = [text for text in self.options.skip.split(",") if text]
        for one in table:
            if one.command is None:
                self.skipped.add(one.name)
        table = [one for one in table if one.command and not any(text in one.name for text in leave_out)]
        for turn in range(rounds or self.options.rounds):
            for one in table:
                if turn == 0:
                    print(f"  {one.name}", file=sys.stderr)
                sample = measure.run(one.command, self.out, env={**os.environ, **one.env} if one.env else None)
                measured.add(one.name, sample, self.answer(one, sample, manifest))
        self.loaded.append(measured.others())
        return measured

    def answer(self, one, sample, manifest):
        """What the row's answer is worth, a refused one included."""
        try:
            verdict = one.read(self.out, manifest)
        except (ValueError, KeyError, IndexError) as error:
            verdict = f"WRONG: unreadable ({type(error).__name__})"
        return verdict if sample.code == 0 else f"{verdict}, exit code {sample.code}"

    def add(self, title, *texts):
        self.parts.append(f"## {title}\n\n" + "\n\n".join(text for text in texts if text))
        print(f"\n{self.parts[-1]}\n", flush=True)

    def main_input(self):
        return self.inputs.get("trail.ndjson")

    def sigma(self, count, path):
        """A folder of so many Sigma rules, and what they must raise."""
        folder = self.work / f"sigma-{count}"
        return count, folder, sigma_rules.expected(path, sigma_rules.write(folder, count))

    # The tables.

    def one(self):
        file = self.main_input()
        measured = self.measure(rows.one_rule(self.tools, file), file.manifest)
        for name in ("Elastic's", "Logpresso's"):
            self.targets.at_most(f"one rule, {name}, times rg -F", 1.5, measured.ratio(f"tocsin, {name} rule", RG))
        self.targets.at_most("one rule, times grep -F and jq", 0.9, measured.ratio("tocsin, Elastic's rule", "grep -F, then jq"))
        self.add(f"One rule on {file.amount} of NDJSON", report.cpu_table(measured, RG))

    def written(self):
        lines = []
        for piece in PIECES:
            file, how = self.inputs.written(self.main_input(), piece), f"written {piece >> 10} KiB at a time"
            measured = self.measure(rows.near_the_floor(self.tools, file), file.manifest)
            for name in ("Elastic's", "Logpresso's"):
                ratio = measured.ratio(f"tocsin, {name} rule", RG)
                self.targets.at_most(f"one rule, {name}, times rg -F, on a file {how}", 1.5, ratio)
                lines.append([f"{how}, {name} rule"] + [report.number(measured.cpu(row)) for row in (RG, f"tocsin, {name} rule")]
                             + [f"{ratio:.2f}" if ratio else "-", measured.answer(f"tocsin, {name} rule")])
            file.path.unlink()
        self.add("One rule on a file as its writer left it in the page cache",
                 report.table(["file", "rg -F, CPU s", "tocsin, CPU s", "ratio", "answer"], lines))

    def variants(self):
        for variant, what in (("hits", "one record in 20 is a stop"), ("decoys", "one record in 4 is a decoy"),
                              ("escapes", "each record has a letter written as `\\u00hh`")):
            file = self.inputs.get(f"{variant}.ndjson", variant=variant, share=0.2)
            measured = self.measure(rows.variants(self.tools, file), file.manifest)
            self.add(f"One rule on {file.amount} where {what}", report.cpu_table(measured, RG))
            if variant == "hits":
                native = "tocsin's detector without a sandbox, its alerts written"
                self.targets.at_most(f"one rule where {what}, times {native}", 1.3,
                                     measured.ratio("tocsin, Elastic's rule", native))

    def order(self):
        own = "AWS's own order"
        files = {own: self.inputs.get("own.ndjson", share=0.5)}
        limits = {"sorted": ("sorted, as Vector writes them", 1.3), "dated": ("`date` first, as Fluent Bit writes them", 1.3),
                  "texts": ("the record a text in `message`", 2)}
        for variant, (what, _) in limits.items():
            files[what] = self.inputs.get(f"{variant}.ndjson", variant=variant, share=0.5)
        measured = self.measure(rows.orders(self.tools, files), None)
        # The files are as long, their records aren't: what counts is the time for a record.
        records = {what: file.manifest["records"] for what, file in files.items()}
        ratios = {what: measured.ratio(what, own) for what in files}
        ratios = {what: ratio and ratio * records[own] / records[what] for what, ratio in ratios.items()}
        lines = [[what, report.number(measured.cpu(what)), str(records[what]), f"{ratio:.2f}" if ratio else "-",
                  measured.answer(what)] for what, ratio in ratios.items()]
        for what, limit in limits.values():
            self.targets.at_most(f"one rule, a record's keys {what}, times {own}", limit, ratios[what])
        self.add(f"The order of keys: Elastic's rule on {files[own].amount}",
                 report.table(["keys", "CPU s", "records", "times, a record", "answer"], lines))

    def many(self):
        file = self.main_input()
        few, more = self.sigma(57, file.path), self.sigma(114, file.path)
        measured = self.measure(rows.many_rules(self.tools, file, [few, more]), file.manifest)
        pack, peer = "tocsin, the pack", "rsigma, 57 Sigma rules"
        self.targets.at_most("the pack, times rsigma with 57 rules", 0.1, measured.ratio(pack, peer))
        self.targets.at_most("the pack on 1 GB", 0.6, _scaled(measured.cpu(pack), file.gigabytes), " s")
        extra = measured.difference("tocsin, 114 Sigma rules", "tocsin, 57 Sigma rules")
        self.targets.at_most("each further rule and GB", 1, _scaled(extra, 57 * file.gigabytes / 1000), " ms")
        alerts = sum(few[2].values())
        note = f"The 57 Sigma rules raise {alerts} alerts here; the 57 more of the 114 raise none."
        self.add(f"Many rules on {file.amount}", report.cpu_table(measured), note, self.explained(file))

    def thousands(self):
        """As many rules as a vendor has, on events of Windows: as written here, or those of `--rules` on `--events`."""
        options = self.options
        rules, events, expected = windows.made(self.work / "thousands", options.rules, options.events)
        count = sum(1 for line in open(events, "rb"))
        times = 10
        many = self.work / "thousands" / "many.ndjson"
        many.write_bytes(events.read_bytes() * times)
        measured = self.measure(rows.thousands(self.tools, rules, {"once": events, "often": many}, expected, times), None)
        lines = []
        for tool in ("tocsin", "rsigma"):
            # Loading is in both, so it isn't in the difference.
            took = measured.difference(f"{tool}, often", f"{tool}, once")
            if took:
                load = measured.cpu(f"{tool}, once") - took / (times - 1)
                rate = count * (times - 1) / took
                lines.append([tool, f"{rate:,.0f}", report.number(load), measured.answer(f"{tool}, often")])
        both = [measured.difference(f"{tool}, often", f"{tool}, once") for tool in ("rsigma", "tocsin")]
        if all(both):
            self.targets.at_least("thousands of rules, times the rate of rsigma", 2, both[0] / both[1])
        what = f"the rules of {options.rules.name}" if options.rules else f"{windows.RULES} made-up Sigma rules"
        self.add(f"Thousands of rules: {what} on {count} events",
                 report.table(["tool", "records a CPU second, after loading", "loading, CPU s", "answer"], lines))

    def explained(self, file):
        """The pack's alerts on the first records, against what `tocsin explain` says of each rule and record."""
        sample = self.work / "explained.ndjson"
        with open(file.path, "rb") as lines:
            sample.write_bytes(b"".join(line for line, _ in zip(lines, range(3_500))))
        return explained.compare(self.tools, sample)

    def gzip(self):
        folder = self.inputs.get("gzip", form="gzip")
        packed = sum(file.stat().st_size for file in folder.path.iterdir()) / 1e6
        table = rows.gzip_files(self.tools, folder)
        measured = self.measure(table, folder.manifest)
        self.targets.at_most("200 gzip files, one rule, times libdeflate alone", 1.3,
                             measured.ratio("tocsin, Elastic's rule", INFLATE))
        self.add(f"200 gzip files ({packed:.0f} MB, {folder.amount} inflated)", report.cpu_table(measured, INFLATE))

    def threads(self):
        file = self.main_input()
        measured = self.measure(rows.threads(self.tools, file), file.manifest)
        scans = {name: file.gigabytes * (1 + name.endswith("commands")) for name in measured.names()}
        lines = [[name, f"{measured.wall(name):.2f}", f"{measured.cpu(name):.2f}", f"{scanned / measured.wall(name):.2f}",
                  measured.answer(name)] for name, scanned in scans.items()]
        others = measured.others()
        note = f"Everybody else kept {others:.2f} of {os.cpu_count()} processors busy meanwhile."
        for what in rows.SCANS:
            scan, target = f"tocsin, {what}", f"2 threads, {what}, times the throughput of one"
            gained, gain = (measured.speedup(f"{scan}, {two}", f"{scan}, 1 thread") for two in ("2 threads", "2 commands"))
            if others > 0.15:
                self.targets.not_judged(target, "at least 1.8", "the machine was loaded")
            else:
                self.targets.at_least(target, 1.8, gained)
            if gain:
                note += f" Two commands at once scan {2 * gain:.2f} times as much as one does, {what}."
        self.add("Threads (wall time)", report.table(["scan", "wall s", "CPU s", "GB/s", "answer"], lines), note)

    def start(self):
        path = self.inputs.one_record()
        manifest = {"elastic": 1, "logpresso": 1, "with_name": 1}
        manifest["elastic_event_ids"] = answers.fingerprint([json.loads(path.read_text())["eventID"]])
        table = rows.start(self.tools, path, self.work / "cold-cache")
        measured = self.measure(table, manifest, rounds=max(11, self.options.rounds))
        self.targets.at_most("from the start to the alert of one record", 15, measured.cpu("tocsin") * 1000, " ms CPU")
        lines = [[name, f"{measured.cpu(name) * 1000:.1f}", f"{measured.wall(name) * 1000:.1f}", measured.answer(name)]
                 for name in sorted(measured.names(), key=measured.cpu)]
        self.add("From the start to the alert of one record", report.table(["tool", "CPU ms", "wall ms", "answer"], lines))

    def memory(self):
        inputs = [("NDJSON", self.main_input()), ("a tenth of it", self.inputs.get("tenth.ndjson", share=0.1)),
                  ("one `Records` array on one line", self.inputs.get("records.json", form="records")),
                  ("gzip files", self.inputs.get("gzip", form="gzip"))]
        lines, peaks = [], []
        for what, file in inputs:
            for count in (1, 2):
                peak = max(measure.peak_memory(rows.tocsin(self.tools, file.path, threads=count), self.out) for _ in range(3))
                peaks.append(peak)
                lines.append([what, file.amount, str(count), f"{peak:.1f}"])
        self.targets.at_most("host's memory at any input", 40, max(peaks), " MB")
        self.add("Peak memory of the host, guests included", report.table(["input", "size", "threads", "MB resident"], lines))

    def shipper(self):
        what = "Fluent Bit, {}, no match, times a guest that does nothing"
        pairs = [("alerts", fluent_bit.ALERTS, fluent_bit.IDLE_DROPS), ("enrich", fluent_bit.ENRICH, fluent_bit.IDLE_PASSES)]
        if not self.tools.fluent_bit:
            self.skipped.add("Fluent Bit")
            for function, *_ in pairs:
                self.targets.not_judged(what.format(function), "at most 1.2", "no Fluent Bit is there")
            return
        shipper = fluent_bit.Shipper(self.tools, self.work / "fluent-bit")
        file = self.inputs.get("clean.ndjson", variant="clean", share=0.2)
        measured = self.measure(shipper.rows(file), file.manifest)
        hits = self.inputs.get("hits.ndjson", variant="hits", share=0.2)
        passed, due = shipper.alerts(hits), shipper.scanned(hits)
        note = f"Of {hits.manifest['records']} records, one in 20 a stop, {len(passed)} alerts come through, those that a scan raises."
        if passed != due:
            note = f"WRONG: {len(passed)} alerts come through where a scan raises {len(due)}, or others."
        for function, ours, idle in pairs:
            if passed == due:
                self.targets.at_most(what.format(function), 1.2, measured.ratio(ours, idle))
            else:
                self.targets.not_judged(what.format(function), "at most 1.2", "it lets others than the alerts through")
        records = f"{file.manifest['records']} records ({file.amount}) of which none matches the embedded rules"
        self.add(f"Fluent Bit, {records}", report.cpu_table(measured), note, self.calls())

    def calls(self):
        """The filter's calls alone, by the driver; nothing without one."""
        if not self.tools.fluent_bit_driver:
            return None
        found = {"idle": [], "tocsin": []}
        for _ in range(self.options.rounds):
            done = subprocess.run(["bash", "-c", self.tools.fluent_bit_driver], check=False, capture_output=True, text=True)
            if done.returncode:
                # No reason to lose the tables before.
                print(done.stderr, file=sys.stderr)
                return "The driver for the calls alone failed."
            for line in done.stdout.splitlines():
                name, _, seconds = line.rpartition(" ")
                if name in found:
                    found[name].append(float(seconds))
        idle, ours = map(measure.median, found.values())
        if not idle or not ours:
            return "The driver for the calls alone printed no times."
        return (f"The filter's calls alone, without all that Fluent Bit does with a record: {idle:.3f} s for a guest that "
                f"does nothing, {ours:.3f} s for Tocsin without a match, {ours / idle:.2f} times as much.")

    def run(self):
        for table in self.options.only.split(","):
            print(f"{table}:", file=sys.stderr)
            getattr(self, table)()
        what = "records copied with fresh ids from real ones" if self.options.records else "records made up by make-trail"
        head = report.heading(self.tools, f"{what}, seed {self.inputs.seed}, {self.options.size / 1e9:g} GB", self.options.rounds)
        load = f"Everybody else kept {max(self.loaded, default=0):.2f} of {os.cpu_count()} processors busy at the worst table's median."
        skipped = f"Not installed and left out: {', '.join(sorted(self.skipped))}." if self.skipped else ""
        text = "\n\n".join(part for part in (head, load, skipped, "## Targets\n\n" + self.targets.text(), *self.parts) if part)
        print(f"\n{self.targets.text()}\n")
        (self.work / "results.md").write_text(text + "\n", encoding="utf-8")
        print(f"all of it: {self.work / 'results.md'}")
        if self.options.write:
            report.put_into(self.options.write, re.sub("^## ", "### ", text, flags=re.MULTILINE))


def _scaled(seconds, gigabytes):
    return None if seconds is None else seconds / gigabytes


if __name__ == "__main__":
    chosen = arguments()
    unknown = set(chosen.only.split(",")) - set(TABLES)
    if unknown:
        sys.exit(f"no such table: {', '.join(sorted(unknown))}; there are {', '.join(TABLES)}")
    Bench(chosen).run()
