"""A fixture for pytest: whether a record raises an alert.

    # conftest.py
    pytest_plugins = ["pytest_tocsin"]

    # test_rules.py
    def test_the_recorder_is_watched(tocsin):
        tocsin.raises({"eventSource": "config.amazonaws.com", ...}, rule="a8c97a14-...")

The module is named by the option `--tocsin-module`, the setting `tocsin_module` or the environment variable
TOCSIN_MODULE, and is otherwise the installed package's own; the setting `tocsin_rules` names rule files, which then take the place of the module's.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tocsin_scan import Alert, Detector, Module, TocsinError, packaged_module

Record = Mapping[str, Any] | str | bytes


class Tocsin:
    """A detector for assertions."""

    def __init__(self, module: Module) -> None:
        self.detector = Detector(module)

    def rules(self, *texts: str | Path) -> None:
        """Replaces the rules: paths of rule files, or the text of Elastic's and Logpresso's TOML."""
        documents = [
            (str(text), text.read_text(encoding="utf-8")) if isinstance(text, Path) else (f"rule-{place}.toml", text)
            for place, text in enumerate(texts)
        ]
        self.detector.configure(rules=documents)

    def alerts(self, record: Record) -> list[Alert]:
        """The alerts of a record, or of a batch of any shape; a record that can't be read fails the test."""
        detection = self.detector.detect(_bytes(record))
        if detection.errors:
            reasons = [f"record {error.record}, byte {error.offset}: {error.reason}" for error in detection.errors]
            reasons += [f"{more.count} more: {more.reason}" for more in detection.more_errors]
            pytest.fail("the record can't be read:\n  " + "\n  ".join(reasons), pytrace=False)
        return detection.alerts

    def raises(self, record: Record, rule: str | None = None, **fields: Any) -> Alert:
        """Asserts that the record raises an alert, by the rule of this id and with these fields; gives it.

        A field with a dot in its name is passed as `**{"user.name": "alice"}`.
        """
        __tracebackhide__ = True
        alerts = self.alerts(record)
        found = [alert for alert in alerts if rule in (None, alert.rule)]
        if not found:
            pytest.fail(self._silence(record, rule, alerts), pytrace=False)
        best = min(found, key=lambda alert: len(_differences(alert, fields)))
        if wrong := _differences(best, fields):
            lines = [f"the alert of {best.rule} has other fields:", *wrong]
            pytest.fail("\n  ".join(lines), pytrace=False)
        return best

    def silent(self, record: Record, rule: str | None = None) -> None:
        """Asserts that the record raises no alert, or none by the rule of this id."""
        __tracebackhide__ = True
        found = [alert for alert in self.alerts(record) if rule in (None, alert.rule)]
        if found:
            lines = [f"{alert.rule}: {_printable(alert.alert['message'])}" for alert in found]
            pytest.fail("\n  ".join(["the record raises an alert:", *lines]), pytrace=False)

    def _silence(self, record: Record, rule: str | None, others: list[Alert]) -> str:
        """Why there is no alert: each rule's query, clause by clause."""
        known = [known["id"] for known in self.detector.rules()]
        if rule is not None and rule not in known:
            return f"there is no rule {rule}; the rules are:\n  " + "\n  ".join(known)
        lines = [f"no alert by {rule or 'any rule'}"]
        lines += [f"  but one by {alert.rule}: {_printable(alert.alert['message'])}" for alert in others]
        # More than a few rules would be more than anybody reads.
        for asked in [rule] if rule else known[:3]:
            try:
                explanations = self.detector.explain(asked, _bytes(record))
            except TocsinError as error:
                return "\n".join([*lines, f"  {error}"])
            for explanation in explanations:
                lines += ["", *_explained(asked, explanation)]
        return "\n".join(lines)


def _explained(rule: str, explanation: dict[str, Any]) -> list[str]:
    lines = [f"{rule} selects the record: {str(explanation['selects']).lower()}"]
    if explanation.get("undecided"):
        lines.append("  the rule takes more steps than it may, and is undecided")
    if explanation.get("untrusted"):
        lines.append("  its log source is CloudTrail, and the record's sender isn't known to be AWS")
    if explanation["excepted"]:
        lines.append("  one of its exceptions holds the alert back")
    for node in explanation["nodes"]:
        truth = "undecided" if node.get("undecided") else str(node["truth"]).lower()
        words = [truth, node.get("text", node["kind"])]
        if node.get("missing"):
            words.append("(no value)")
        elif values := node.get("values"):
            words.append("(" + ", ".join(_shown(value["value"]) for value in values) + ")")
        lines.append("  " * (node["depth"] + 1) + " ".join(words))
    return lines


def _differences(alert: Alert, fields: Mapping[str, Any]) -> list[str]:
    has = alert.alert.get("fields", {})
    return [
        f"{name}: expected {_json(value)}, found {_json(has.get(name))}"
        for name, value in fields.items()
        if has.get(name) != value
    ]


def _shown(value: Any) -> str:
    return _printable(value) if isinstance(value, str) else _json(value)


def _json(value: Any) -> str:
    """The value as JSON; numbers that Python has no type of its own for stand as texts."""
    try:
        return json.dumps(value, default=str)
    except RecursionError:
        return "(a value that nests too deep to be shown)"


def _printable(text: str) -> str:
    """A text of the record, for a person: a terminal would obey some characters, and nobody sees others."""
    return "".join(c if c.isprintable() else f"\\u{{{ord(c):x}}}" for c in text)


def _bytes(record: Record) -> bytes:
    if isinstance(record, bytes):
        return record
    return record.encode() if isinstance(record, str) else json.dumps(dict(record)).encode()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--tocsin-module", metavar="FILE", help="the Tocsin module, a .wasm file")
    parser.addini("tocsin_module", "the Tocsin module, a .wasm file")
    parser.addini("tocsin_rules", "rule files in place of the module's rules", type="paths", default=[])


@pytest.fixture(scope="session")
def tocsin_module(pytestconfig: pytest.Config) -> Module:
    """The module, compiled once."""
    named = pytestconfig.getoption("--tocsin-module") or pytestconfig.getini("tocsin_module")
    named = named or os.environ.get("TOCSIN_MODULE") or packaged_module()
    if not named:
        raise pytest.UsageError("no Tocsin module: pass --tocsin-module FILE, or set TOCSIN_MODULE")
    try:
        return Module.load(Path(named))
    except (OSError, TocsinError) as error:
        raise pytest.UsageError(f"{named}: {error}") from error


@pytest.fixture
def tocsin(tocsin_module: Module, pytestconfig: pytest.Config) -> Tocsin:
    """A detector of its own for each test."""
    detector = Tocsin(tocsin_module)
    if rules := pytestconfig.getini("tocsin_rules"):
        detector.rules(*rules)
    return detector
