"""Tools and inputs in, the rows of each table out: a name, a command, and how its answer is read."""

import dataclasses
import shlex
import subprocess

from answers import (alert_counts, event_ids, inflated, lines_with_name, native_count, nothing, seed_alerts,
                     sigma_alerts)
from tools import HERE, REPO

NAME = "StopConfigurationRecorder"
JQ = f'select(.eventName == "{NAME}" and .eventSource == "config.amazonaws.com" and .errorCode == null) | .eventID'
VRL = f'.eventName == "{NAME}" && .eventSource == "config.amazonaws.com" && .errorCode == null'
ELASTIC = REPO / "rules/builtin/aws-configuration-recorder-stopped.elastic.toml"
LOGPRESSO = REPO / "rules/builtin/aws-configuration-recorder-stopped.logpresso.toml"
PACK = REPO / "rules/pack"
SIGMA = HERE / "recorder-stopped.yml"
RSIGMA = ("engine", "eval", "--include-event", "--output-format", "ndjson")


@dataclasses.dataclass
class Row:
    """A command to measure. `command` is None if its tool is missing."""

    name: str
    command: list | str | None
    read: object = nothing
    env: dict | None = None


def row(name, tool, command, read, **more):
    """A row, or one that is skipped because the tool is missing."""
    return Row(name, command if tool else None, read, **more)


def shell(*parts):
    """A line for bash of words and `|`."""
    return " ".join("|" if part == "|" else shlex.quote(str(part)) for part in parts)


def words(*parts):
    """A command as a list of strings."""
    return [str(part) for part in parts]


def tocsin(tools, path, *options, threads=1):
    """A scan by so many detectors."""
    return words(tools.tocsin, "scan", "--threads", threads, *options, path)


def only(*rules):
    """The options for these rules and no others."""
    return ["--no-default-rules", *(part for rule in rules for part in ("--rules", rule))]


def one_rule(tools, file):
    """Everybody who can answer one rule on NDJSON."""
    python = tools.python
    rows = [
        row("rg -F (the floor)", tools.rg, words(tools.rg, "-F", NAME, file.path), lines_with_name),
        row("grep -F", tools.grep, words("env", "LC_ALL=C", tools.grep, "-F", NAME, file.path), lines_with_name),
        row("grep -F, then jq", tools.grep and tools.jq,
            shell("LC_ALL=C", tools.grep, "-F", NAME, file.path, "|", tools.jq, "-r", JQ).replace("'LC_ALL=C'", "LC_ALL=C"),
            event_ids),
        Row("tocsin, Elastic's rule", tocsin(tools, file.path, *only(ELASTIC)), seed_alerts("kuery")),
        Row("tocsin, Logpresso's rule", tocsin(tools, file.path, *only(LOGPRESSO)), seed_alerts("logpresso")),
        Row("tocsin, both", tocsin(tools, file.path), seed_alerts("kuery", "logpresso")),
        Row("tocsin's detector without a sandbox", words(tools.detect_native, "--rules", ELASTIC, file.path),
            native_count("elastic")),
        Row("tocsin's detector without a sandbox, its alerts written",
            words(tools.detect_native, "--alerts", "--rules", ELASTIC, file.path), seed_alerts("kuery")),
    ]
    for option in ("--strict",):
        if offers(tools, option):
            rows.append(Row(f"tocsin {option}, Elastic's rule", tocsin(tools, file.path, option, *only(ELASTIC)),
                            seed_alerts("kuery")))
    return rows + [
        row("DuckDB, columns given", tools.python_has("duckdb"), words(python, HERE / "scan_duckdb.py", file.path), event_ids),
        row("Python, orjson", tools.python_has("orjson"), words(python, HERE / "scan_json.py", "orjson", file.path), event_ids),
        Row("Python, json", words(python, HERE / "scan_json.py", "json", file.path), event_ids),
        row("VRL", tools.vrl, words(tools.vrl, VRL, file.path), event_ids),
        row("rsigma", tools.rsigma, rsigma(tools, SIGMA, file.path), sigma_alerts),
        row("jaq", tools.jaq, words(tools.jaq, "-r", JQ, file.path), event_ids),
        row("jq", tools.jq, words(tools.jq, "-r", JQ, file.path), event_ids),
    ]


def of_one_rule(tools, file, names):
    """Those with these names of everybody who can answer one rule."""
    return [one for one in one_rule(tools, file) if one.name in names]


def variants(tools, file):
    """Those near the floor, on an input that is hard on them."""
    return of_one_rule(tools, file, ("rg -F (the floor)", "grep -F, then jq", "tocsin, Elastic's rule", "tocsin, both",
                                     "tocsin's detector without a sandbox",
                                     "tocsin's detector without a sandbox, its alerts written", "Python, orjson"))


def near_the_floor(tools, file):
    """The floor, and each seed rule."""
    return of_one_rule(tools, file, ("rg -F (the floor)", "tocsin, Elastic's rule", "tocsin, Logpresso's rule"))


def orders(tools, files):
    """Elastic's rule on the same records with their keys in other orders; `files` by what they hold."""
    def read(manifest):
        return lambda path, _manifest: seed_alerts("kuery")(path, manifest)

    return [Row(what, tocsin(tools, file.path, *only(ELASTIC)), read(file.manifest)) for what, file in files.items()]


def thousands(tools, rules, files, expected, times):
    """Both engines with a vendor's number of rules, on events once and several times."""
    rows = []
    for often, path in files.items():
        due = {rule: alerts * (times if often == "often" else 1) for rule, alerts in expected.items()} if expected else None
        rows.append(Row(f"tocsin, {often}", tocsin(tools, path, *only(rules)),
                        alert_counts(due, lambda alert: alert["rule"]["name"])))
        rows.append(row(f"rsigma, {often}", tools.rsigma, rsigma(tools, rules, path),
                        alert_counts(due, lambda alert: alert.get("rule_title"))))
    return rows


def rsigma(tools, rules, path):
    """rsigma over NDJSON, its alerts with the record, as Tocsin's have it."""
    return words(tools.rsigma, *RSIGMA, "-r", rules, "-e", f"@{path}")


def many_rules(tools, file, sets):
    """The pack, and the same Sigma rules for both engines; `sets` are (count, folder, expected alerts)."""
    pack = seed_alerts("kuery", "logpresso")
    rows = [
        Row("tocsin, the pack", tocsin(tools, file.path, "--rules", PACK), pack),
        Row("tocsin's detector without a sandbox, the pack", words(tools.detect_native, "--rules", PACK, file.path)),
    ]
    for count, folder, expected in sets:
        by_rule = alert_counts(expected, lambda alert: alert["rule"]["name"])
        rows.append(Row(f"tocsin, {count} Sigma rules", tocsin(tools, file.path, *only(folder)), by_rule))
    for count, folder, expected in sets:
        by_title = alert_counts(expected, lambda alert: alert.get("rule_title"))
        rows.append(row(f"rsigma, {count} Sigma rules", tools.rsigma, rsigma(tools, folder, file.path), by_title))
    return rows


def gzip_files(tools, folder):
    """Everybody who can answer one rule on CloudTrail's own files."""
    files = sorted(folder.path.iterdir())
    python = tools.python
    return [
        Row("libdeflate alone (the floor)", words(tools.inflate, folder.path), inflated),
        row("zcat alone", tools.zcat, shell(tools.zcat, *files) + " > /dev/null", nothing),
        Row("tocsin, Elastic's rule", tocsin(tools, folder.path, *only(ELASTIC)), seed_alerts("kuery")),
        Row("tocsin, the pack", tocsin(tools, folder.path, "--rules", PACK), seed_alerts("kuery", "logpresso")),
        row("Python, orjson", tools.python_has("orjson"), words(python, HERE / "scan_json.py", "orjson", *files), event_ids),
        row("zcat, then jaq", tools.zcat and tools.jaq,
            shell(tools.zcat, *files, "|", tools.jaq, "-r", ".Records[] | " + JQ), event_ids),
        row("zcat, then jq", tools.zcat and tools.jq,
            shell(tools.zcat, *files, "|", tools.jq, "-r", ".Records[] | " + JQ), event_ids),
        row("DuckDB on gzip, columns given", tools.python_has("duckdb"), words(python, HERE / "scan_duckdb.py", *files), event_ids),
        row("zcat, then rsigma", tools.zcat and tools.rsigma,
            f"for file in {shlex.quote(str(folder.path))}/*; do {shlex.quote(str(tools.zcat))} \"$file\"; echo; done | "
            + shell(tools.rsigma or "", *RSIGMA, "-r", SIGMA, "--jq", ".Records[]"), sigma_alerts),
    ]


def start(tools, path, cold):
    """From the start to the alert of a file of one record."""
    python = tools.python
    return [
        Row("tocsin", tocsin(tools, path), seed_alerts("kuery", "logpresso")),
        Row("tocsin, the pack", tocsin(tools, path, "--rules", PACK), seed_alerts("kuery", "logpresso")),
        Row("tocsin, nothing cached", f"rm -rf {shlex.quote(str(cold))}; " + shell(*tocsin(tools, path)),
            seed_alerts("kuery", "logpresso"), env={"XDG_CACHE_HOME": str(cold)}),
        row("rg -F", tools.rg, words(tools.rg, "-F", NAME, path), nothing),
        row("jq", tools.jq, words(tools.jq, "-r", JQ, path), event_ids),
        row("jaq", tools.jaq, words(tools.jaq, "-r", JQ, path), event_ids),
        row("VRL", tools.vrl, words(tools.vrl, VRL, path), event_ids),
        row("rsigma", tools.rsigma, rsigma(tools, SIGMA, path), sigma_alerts),
        Row("Python, json", words(python, HERE / "scan_json.py", "json", path), event_ids),
        row("DuckDB", tools.python_has("duckdb"), words(python, HERE / "scan_duckdb.py", path), event_ids),
    ]


SCANS = {"Elastic's rule": only(ELASTIC), "the pack": ["--rules", PACK]}


def threads(tools, file):
    """The same scan by one detector and by two; and twice by one, as two commands at once, which have nothing in common."""
    rows = []
    for what, options in SCANS.items():
        one, two = (tocsin(tools, file.path, *options, threads=count) for count in (1, 2))
        rows += [Row(f"tocsin, {what}, 1 thread", one, seed_alerts("kuery")),
                 Row(f"tocsin, {what}, 2 threads", two, seed_alerts("kuery")),
                 Row(f"tocsin, {what}, 2 commands", f"{shell(*one)} > /dev/null & {shell(*one)} > /dev/null; wait")]
    return rows


_OFFERED = {}


def offers(tools, option):
    """Whether `tocsin scan` knows an option."""
    if "help" not in _OFFERED:
        done = subprocess.run(words(tools.tocsin, "scan", "--help"), capture_output=True, text=True, check=False)
        _OFFERED["help"] = done.stdout
    return option in _OFFERED["help"].split()
