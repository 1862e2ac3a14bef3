"""A command in, what it cost out: CPU seconds of all its processes, wall seconds, peak memory."""

import dataclasses
import os
import resource
import statistics
import subprocess
import time


@dataclasses.dataclass
class Sample:
    """One run. `others` is how many processors everybody else kept busy meanwhile."""

    cpu: float
    wall: float
    others: float
    code: int


def _busy():
    """Seconds that all processors together were busy since the machine started."""
    with open("/proc/stat", encoding="ascii") as stat:
        ticks = [int(field) for field in stat.readline().split()[1:9]]
    return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")


def run(command, out, env=None):
    """Runs a command (a list, or a line for bash) with its output in the file `out`, errors beside it."""
    if isinstance(command, str):
        command = ["bash", "-c", command]
    with open(out, "wb") as stdout, open(f"{out}.err", "wb") as stderr:
        busy, before, start = _busy(), resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        code = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr,
                              env=env, check=False).returncode
        wall = time.monotonic() - start
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    others = max(0.0, (_busy() - busy - cpu) / wall) if wall > 0.05 else 0.0
    return Sample(cpu, wall, others, code)


def peak_memory(command, out):
    """The most memory, in MB, that one process (a list) held, asked every few milliseconds.

    What wait() reports of a child is never less than this script's own memory, so it isn't used here.
    """
    peak = 0
    with open(out, "wb") as stdout, open(f"{out}.err", "wb") as stderr:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr)
        while process.poll() is None:
            try:
                with open(f"/proc/{process.pid}/status", encoding="utf-8") as status:
                    fields = [line.split() for line in status if line.startswith("VmHWM:")]
                peak = max([peak] + [int(field[1]) for field in fields])
            except (FileNotFoundError, ProcessLookupError):
                pass
            time.sleep(0.002)
    return peak / 1000 * 1.024


def median(values):
    """The median, or None of nothing."""
    values = list(values)
    return statistics.median(values) if values else None


def spread(values):
    """From the least to the most."""
    return f"{min(values):.2f} to {max(values):.2f}"
