"""The command: files of any kind in, alerts, errors and exit codes out."""

import gzip
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tocsin_scan import Detector, Module, RulesError, batches, main

STOP = {
    "eventVersion": "1.09",
    "eventSource": "config.amazonaws.com",
    "eventName": "StopConfigurationRecorder",
    "eventTime": "2026-03-14T09:20:00Z",
    "eventID": "one",
    "recipientAccountId": "111122223333",
}
LIST = {"eventVersion": "1.09", "eventSource": "s3.amazonaws.com", "eventName": "ListBuckets"}

RULE = """
[rule]
rule_id = "mine"
name = "Buckets Listed"
language = "kuery"
severity = "low"
query = "event.action:ListBuckets"
"""


class Run:
    """The command, as it is called in a shell."""

    def __init__(self, module: str, capfd: pytest.CaptureFixture[str]) -> None:
        self.module, self.capfd = module, capfd

    def __call__(self, *arguments: object) -> tuple[int, list[str], str]:
        code = main(["--module", self.module, *map(str, arguments)])
        out, err = self.capfd.readouterr()
        return code, out.splitlines(), err


@pytest.fixture
def run(module_file: str, capfd: pytest.CaptureFixture[str]) -> Run:
    return Run(module_file, capfd)


def lines(*records: object) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


CONTENTS = {
    "lines": lines(LIST, STOP, LIST),
    "one document": json.dumps({"Records": [LIST, STOP]}).encode(),
    "pretty": json.dumps({"Records": [LIST, STOP]}, indent=2).encode(),
    "an array": json.dumps([STOP], indent=2).encode(),
    "a byte order mark": b"\xef\xbb\xbf" + lines(STOP),
    "no line end": lines(STOP).rstrip(),
}


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
def test_every_kind_of_file(run: Run, tmp_path: Path, content: bytes, packed: bool) -> None:
    file = tmp_path / "trail"
    file.write_bytes(gzip.compress(content) if packed else content)
    code, alerts, _ = run(file)
    assert code == 0
    assert [json.loads(alert)["event"]["eventID"] for alert in alerts] == ["one", "one"]


def test_the_examples_give_what_the_readme_says(run: Run, repository: Path) -> None:
    code, alerts, _ = run("--format", "text", repository / "examples" / "recorder.ndjson")
    assert code == 0
    assert len(alerts) == 5
    assert alerts[0].startswith("2026-03-14T09:20:00Z high AWS Configuration Recorder Stopped:")


def test_an_alert_holds_the_record_byte_for_byte(run: Run, tmp_path: Path) -> None:
    record = json.dumps(STOP).replace('"one"', '"\\u006fne", "n": 1.50, "s": "\\ud800"')
    (tmp_path / "trail").write_text(record)
    _, alerts, _ = run(tmp_path / "trail")
    assert all(record in alert for alert in alerts)


def test_what_cannot_be_read_is_told_with_its_place(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "trail"
    file.write_bytes(lines(LIST) + b'{"eventName":\n' + lines(STOP))
    code, alerts, err = run(file)
    assert (code, len(alerts)) == (1, 2)
    assert f"{file}: record 1 of a batch, line 2 of it, byte " in err


def test_a_broken_gzip_file_fails_and_the_next_is_scanned(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(lines(STOP) * 10_000)[:-20])
    (tmp_path / "b").write_bytes(lines(STOP))
    code, alerts, err = run(tmp_path / "a.gz", tmp_path / "b")
    assert code == 1 and len(alerts) >= 2
    assert str(tmp_path / "a.gz") in err


def test_a_cut_gzip_file_gives_what_it_holds(run: Run, tmp_path: Path) -> None:
    """The file's last record isn't whole, and the damage is told; a member behind it may be whole again."""
    packed = gzip.compress(lines(STOP) + bytes(range(32, 127)) * 99)
    for name, content, told in [
        ("cut", packed[:-12], "cut off"),
        ("damaged", packed[:-30] + b"\xff" * 22 + packed[-8:], "damaged"),
        ("tail", gzip.compress(lines(STOP)) + b"no gzip", "behind the gzip stream"),
        ("short tail", gzip.compress(lines(STOP)) + b"x", "behind the gzip stream"),
    ]:
        (tmp_path / name).write_bytes(content)
        code, alerts, err = run(tmp_path / name)
        assert (code, len(alerts)) == (1, 2), (name, err)
        assert f"error: {tmp_path / name}: " in err and told in err, (name, err)


@pytest.mark.parametrize("behind", [b"", b"\0" * 5000], ids=["members", "zero bytes"])
def test_all_members_of_a_gzip_file(run: Run, tmp_path: Path, behind: bytes) -> None:
    (tmp_path / "trail").write_bytes(gzip.compress(lines(LIST)) + gzip.compress(lines(STOP)) + behind)
    code, alerts, _ = run(tmp_path / "trail")
    assert (code, len(alerts)) == (0, 2)


HOSTILE = {
    "line separators": '"\u2028\u2029\x85"',
    "escaped separators": json.dumps("\u2028\u2029\x85\x0b\x0c\x1c"),
    "a lone surrogate": '"\\ud800"',
    "depth": "[" * 100_000 + "]" * 100_000,
    "objects": '{"a":' * 100_000 + "1" + "}" * 100_000,
    "a long number": "9" * 10_000,
    "a large number": "1e999",
    "a small number": "-1e-999",
    "what looks like a frame": json.dumps('","alert":{"x":1}}\n{"summary":'),
}


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
def test_any_value_inside_a_record(run: Run, tmp_path: Path, value: str, module_file: str) -> None:
    record = '{"requestParameters":%s,%s' % (value, json.dumps(STOP)[1:])
    (tmp_path / "trail").write_text(record + "\n" + json.dumps(STOP), encoding="utf-8")
    code, _, err = run(tmp_path / "trail")
    assert code == 0, err
    detection = Detector(Module.load(Path(module_file))).detect(record.encode())
    assert len(detection.alerts) == 2
    assert all(alert.alert["event"]["eventID"] == "one" for alert in detection.alerts)
    assert all("requestParameters" in alert.alert["event"] for alert in detection.alerts)


def test_junk_is_told_in_a_few_lines(run: Run, tmp_path: Path) -> None:
    (tmp_path / "trail").write_bytes(b"x\n" * 1_000 + lines(STOP))
    code, alerts, err = run(tmp_path / "trail")
    assert (code, len(alerts)) == (1, 2)
    assert len(err.splitlines()) < 20 and "990 more of the records 10 to 999" in err


def test_broken_output_is_an_error_and_a_closed_pipe_is_none(tmp_path: Path, module_file: str) -> None:
    (tmp_path / "trail").write_bytes(lines(STOP) * 2_000)
    script = Path(__file__).parents[1] / "tocsin_scan.py"
    command = [sys.executable, str(script), "--module", module_file, str(tmp_path / "trail")]
    with open("/dev/full", "wb") as full:
        ran = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert ran.returncode == 1 and "Traceback" not in ran.stderr, ran.stderr
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as reader:
        assert reader.stdout is not None and reader.stdout.readline()
        reader.stdout.close()
        assert reader.wait() == 0


def test_rules_beside_the_modules_and_instead_of_them(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(RULE)
    (tmp_path / "trail").write_bytes(lines(STOP, LIST))
    code, alerts, _ = run(tmp_path / "trail", "--rules", tmp_path / "mine.toml")
    assert (code, len(alerts)) == (0, 3)
    code, alerts, _ = run(tmp_path / "trail", "--no-default-rules", "--rules", tmp_path / "mine.toml")
    assert [json.loads(alert)["rule"]["id"] for alert in alerts] == ["mine"]


def test_wrong_rules_are_wrong_usage(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(RULE.replace("event.action:ListBuckets", "event.action: ("))
    code, alerts, err = run(tmp_path / "trail", "--rules", tmp_path / "mine.toml")
    assert (code, alerts) == (2, [])
    assert f"{tmp_path / 'mine.toml'}:7:" in err and "kql" in err


@pytest.mark.parametrize("arguments", [[], ["--module", "no-such-file", "x"], ["--unknown"]])
def test_wrong_usage(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        raise SystemExit(main(arguments))
    assert ended.value.code == 2


def test_a_file_that_is_no_module(tmp_path: Path) -> None:
    (tmp_path / "x.wasm").write_bytes(b"not wasm")
    assert main(["--module", str(tmp_path / "x.wasm"), "trail"]) == 2


def test_the_fingerprint(run: Run, module_file: str) -> None:
    digest = hashlib.sha256(Path(module_file).read_bytes()).hexdigest()
    assert run("--sha256")[:2] == (0, [digest])


def test_a_large_file_is_cut_at_line_ends(tmp_path: Path, module_file: str) -> None:
    content = lines(LIST, STOP) * 20_000
    (tmp_path / "trail").write_bytes(content)
    with (tmp_path / "trail").open("rb") as stream:
        cut = list(batches(stream))
    assert b"".join(batch for _, batch in cut) == content
    assert len(cut) > 3
    assert all(batch.endswith(b"\n") and content[at:].startswith(batch[:100]) for at, batch in cut)
    detector = Detector(Module.load(Path(module_file)))
    assert sum(len(detector.detect(batch).alerts) for _, batch in cut) == 40_000


def test_refused_rules_leave_the_former_ones(module_file: str) -> None:
    detector = Detector(Module.load(Path(module_file)))
    with pytest.raises(RulesError) as refused:
        detector.configure(rules=[("mine.toml", "[rule")])
    assert refused.value.diagnostics[0]["document"] == "mine.toml"
    assert len(detector.rules()) == 2
