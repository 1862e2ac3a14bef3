#!/usr/bin/env bash
# Builds the wheel, installs it into an environment of its own, and uses it as a user would: what is tested is what a
# user gets.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
export PATH=$folder/venv/bin:$PATH
wheel=$(PYTHON=$folder/venv/bin/python "$here/pack.sh")
pip install --quiet --disable-pip-version-check "$wheel" pytest
cp "$here/../../examples/recorder.ndjson" "$folder"
cd "$folder"
test "$(tocsin-scan --format text recorder.ndjson 2>/dev/null | wc -l)" = 5
cat > test_rules.py <<'TEST'
def test_the_recorder_is_watched(tocsin):
    record = {"eventVersion": "1.09", "eventSource": "config.amazonaws.com", "eventName": "StopConfigurationRecorder"}
    tocsin.raises(record, rule="fbd44836-0d69-4004-a0b4-03c20370c435")
    tocsin.silent({"eventName": "ListBuckets"})
TEST
python -m pytest -q test_rules.py
echo "tocsin-detector: the scanner and the fixture work as installed"
