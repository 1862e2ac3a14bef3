#!/usr/bin/env bash
# The workflow's own `run:` steps, in their order, as a runner runs them (`bash -e`), in a repository of
# rules: all must pass with the pack, and the right one must fail with a broken rule or a failing test.
# The step that builds Tocsin is left out; the command under test stands in for what it installs.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/../common.sh"
if ! python3 -c 'import yaml' 2>/dev/null; then
    if [ "${CI:-}" = true ]; then
        python3 -m pip install -q pyyaml
    else
        echo "github-actions: skipped, Python's yaml isn't installed (pip install pyyaml)"
        exit 0
    fi
fi

mkdir -p "$work/bin" "$work/repository"
ln -s "$tocsin" "$work/bin/tocsin"

# Runs the steps in a folder; prints the name of the one that fails, or "passed".
run_steps() {
    (cd "$1" && PATH="$work/bin:$PATH" python3 - "$here/rules.yml") <<'PYTHON'
import os, subprocess, sys, yaml

with open(sys.argv[1], encoding="utf-8") as file:
    workflow = yaml.safe_load(file)
# YAML 1.1 takes the key `on` for a truth value.
triggers = workflow.get("on", workflow.get(True))
assert set(triggers) == {"push", "pull_request"}, triggers
(job,) = workflow["jobs"].values()
environment = dict(os.environ, **{name: str(value) for name, value in workflow["env"].items()})
ran = []
for step in job["steps"]:
    assert ("run" in step) != ("uses" in step), step
    if "run" not in step or step["name"] == "Build Tocsin":
        continue
    ran.append(step["name"])
    done = subprocess.run(["bash", "-e", "-c", step["run"]], env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        print(step["name"])
        print(done.stdout, done.stderr, file=sys.stderr)
        break
else:
    assert ran == ["Check", "Test", "Compile"], ran
    print("passed")
PYTHON
}

outcome() { [ "$(run_steps "$work/repository" 2>"$work/log.steps")" = "$1" ]; }

cp -r "$repository/rules/pack" "$work/repository/rules"
expect "the pack passes" outcome passed
test -s "$work/repository/rules.wasm"
"$tocsin" scan --module "$work/repository/rules.wasm" "$repository/examples" >/dev/null

rule=$(find "$work/repository/rules/elastic" -name '*.toml' | sort | head -n 1)
cp "$rule" "$work/rule"
# What the first test expects, the other way around.
sed -i '0,/^matches = true/s//matches = false/' "$rule"
expect "a failing test stops it" outcome Test
sed 's/^event\.dataset:aws\.cloudtrail and/event.dataset:(aws.cloudtrail and/' "$work/rule" >"$rule"
expect "a broken rule stops it" outcome Check
cp "$work/rule" "$rule"
expect "and it passes again" outcome passed
