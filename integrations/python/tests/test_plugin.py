"""The fixture: what it asserts, and what it says where that doesn't hold."""

from pathlib import Path

import pytest

from pytest_tocsin import Tocsin

STOP = """{"eventVersion": "1.09", "eventSource": "config.amazonaws.com", "eventName": "StopConfigurationRecorder",
    "userIdentity": {"userName": "alice"}, "recipientAccountId": "111122223333"}"""

RULE = """
[rule]
rule_id = "mine"
name = "Mine"
language = "kuery"
severity = "low"
query = "event.action:StopConfigurationRecorder and user.name:alice"
"""


def test_a_record_that_raises(tocsin: Tocsin) -> None:
    tocsin.rules(RULE)
    alert = tocsin.raises(STOP, rule="mine", **{"user.name": "alice"})
    assert alert.alert["rule"]["name"] == "Mine"
    tocsin.silent({"eventName": "ListBuckets"})


def test_rules_from_the_repository(tocsin: Tocsin, repository: Path) -> None:
    tocsin.rules(repository / "rules/pack/elastic/organization-left.toml")
    tocsin.silent(STOP)


def failure(pytester: pytest.Pytester, assertion: str) -> str:
    """What pytest prints of a test with the assertion."""
    pytester.makepyfile(f"RULE = '''{RULE}'''\nSTOP = '''{STOP}'''\ndef test(tocsin):\n    tocsin.rules(RULE)\n    {assertion}")
    result = pytester.runpytest_subprocess("-p", "pytest_tocsin")
    result.assert_outcomes(failed=1)
    return result.stdout.str()


def test_silence_is_explained_clause_by_clause(pytester: pytest.Pytester) -> None:
    said = failure(pytester, "tocsin.raises(STOP.replace('alice', 'bob'), rule='mine')")
    assert "no alert by mine" in said
    assert "true event.action:StopConfigurationRecorder (StopConfigurationRecorder)" in said
    assert "false user.name:alice (bob)" in said


def test_a_missing_value_is_named(pytester: pytest.Pytester) -> None:
    said = failure(pytester, "tocsin.raises({'eventVersion': '1', 'eventName': 'x'})")
    assert "false user.name:alice (no value)" in said


def test_an_unknown_rule_is_told(pytester: pytest.Pytester) -> None:
    assert "there is no rule yours; the rules are:\n  mine" in failure(pytester, "tocsin.raises(STOP, rule='yours')")


def test_other_fields_are_told(pytester: pytest.Pytester) -> None:
    said = failure(pytester, "tocsin.raises(STOP, rule='mine', **{'user.name': 'bob'})")
    assert 'user.name: expected "bob", found "alice"' in said


def test_an_alert_too_many_is_told(pytester: pytest.Pytester) -> None:
    assert "the record raises an alert:\n  mine: " in failure(pytester, "tocsin.silent(STOP)")


def test_a_record_that_cannot_be_read_is_told(pytester: pytest.Pytester) -> None:
    assert "the record can't be read:\n  record 0, byte " in failure(pytester, "tocsin.silent('{\"a\":')")


def test_without_a_module_the_usage_is_told(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOCSIN_MODULE")
    pytester.makepyfile("def test(tocsin): pass")
    result = pytester.runpytest_subprocess("-p", "pytest_tocsin")
    assert "no Tocsin module: pass --tocsin-module FILE" in result.stdout.str() + result.stderr.str()


def test_rules_by_the_setting(pytester: pytest.Pytester) -> None:
    pytester.makefile(".toml", mine=RULE)
    pytester.makeini("[pytest]\ntocsin_rules = mine.toml\n")
    pytester.makepyfile(f"def test(tocsin): tocsin.raises('''{STOP}''', rule='mine')")
    pytester.runpytest_subprocess("-p", "pytest_tocsin").assert_outcomes(passed=1)
