"""Measured rows in, tables and the list of targets out, in Markdown."""

import datetime
import os
import pathlib
import platform

from measure import median

BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"


def machine():
    """Processor, cores, memory, system."""
    info = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = next((line.split(":", 1)[1].strip() for line in info.splitlines() if line.startswith("model name")),
                 platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.release().split('-')[0]}"


def table(head, lines):
    """A table of Markdown; all columns but the first and last to the right."""
    align = ["---"] + ["---:"] * (len(head) - 2) + ["---"]
    return "\n".join("| " + " | ".join(line) + " |" for line in [head, align, *lines])


def cpu_table(measured, floor=None):
    """Name, median CPU seconds, spread, ratio to the floor, answer; in the order of cost."""
    least = measured.cpu(floor) if floor else None
    lines = []
    for name in sorted(measured.names(), key=measured.cpu):
        samples = measured.samples[name]
        values = [sample.cpu for sample in samples]
        line = [name, number(measured.cpu(name)), f"{number(min(values))} to {number(max(values))}"]
        if floor:
            line.append(f"{measured.cpu(name) / least:.2f}" if least else "-")
        lines.append(line + [measured.answer(name)])
    return table(["tool", "CPU s", "spread"] + ([f"times {floor.split(' (')[0]}"] if floor else []) + ["answer"], lines)


def number(seconds):
    """Seconds with as many places as they deserve."""
    if seconds is None:
        return "-"
    return f"{seconds:.2f}" if seconds >= 0.1 else f"{seconds:.4f}"


class Targets:
    """What is asked for, what was measured, and whether that is enough."""

    def __init__(self):
        self.lines = []

    def at_most(self, what, limit, value, unit=""):
        self._add(what, f"at most {limit}{unit}", value, unit, value is not None and value <= limit)

    def at_least(self, what, limit, value, unit=""):
        self._add(what, f"at least {limit}{unit}", value, unit, value is not None and value >= limit)

    def not_judged(self, what, limit, why):
        self.lines.append([what, limit, "-", why])

    def _add(self, what, limit, value, unit, met):
        shown = "-" if value is None else f"{value:.3g}{unit}"
        self.lines.append([what, limit, shown, "not measured" if value is None else "met" if met else "**missed**"])

    def text(self):
        return table(["target", "limit", "measured", ""], self.lines)


class Measured:
    """Samples and answers of the rows of a table."""

    def __init__(self):
        self.samples, self.answers, self.skipped = {}, {}, []

    def add(self, name, sample, answer):
        self.samples.setdefault(name, []).append(sample)
        known = self.answers.setdefault(name, [])
        if answer not in known:
            known.append(answer)

    def names(self):
        return list(self.samples)

    def cpu(self, name):
        return median(sample.cpu for sample in self.samples.get(name, []))

    def wall(self, name):
        return median(sample.wall for sample in self.samples.get(name, []))

    def others(self):
        return median(sample.others for samples in self.samples.values() for sample in samples) or 0.0

    def answer(self, name):
        return "; ".join(self.answers[name])

    def ratio(self, name, floor):
        """Median of the rounds' ratios: a round's runs stand side by side."""
        return median(one.cpu / least.cpu for one, least in self._pairs(name, floor) if least.cpu)

    def speedup(self, name, slow):
        """Median of the rounds' ratios of wall times: how many times faster."""
        return median(other.wall / one.wall for one, other in self._pairs(name, slow) if one.wall)

    def difference(self, name, less):
        """Median of the rounds' differences."""
        return median(one.cpu - other.cpu for one, other in self._pairs(name, less))

    def _pairs(self, name, other):
        """What two rows took, round by round; what failed took no time that says anything."""
        pairs = zip(self.samples.get(name, []), self.samples.get(other, []))
        return [(one, two) for one, two in pairs if one.code == two.code == 0]


def heading(tools, inputs, rounds, when=None):
    """Machine, date, versions and input."""
    when = when or datetime.date.today().isoformat()
    versions = ", ".join(f"{name} {version}" if name not in version else version
                         for name, version in tools.versions().items())
    return (f"{when}, {machine()}. Medians of {rounds} interleaved rounds, CPU seconds (user and system, of "
            f"all processes of a command), files in the page cache.\n\nVersions: {versions}.\n\nInput: {inputs}.")


def put_into(path, text):
    """Replaces what stands between the marks of a page."""
    page = path.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    path.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")
