"""Records in, whether the pack's alerts are those that `tocsin explain` says each rule owes them.

An explanation reads a record in full and takes no short way past it, so it is a second opinion on what a
fast scan left out.
"""

import json
import subprocess

import rows


def _lines(command):
    done = subprocess.run(command, capture_output=True, check=True, stdin=subprocess.DEVNULL)
    return [json.loads(line) for line in done.stdout.splitlines() if line]


def compare(tools, path):
    """A sentence about it."""
    with open(path, "rb") as lines:
        ids = [json.loads(line)["eventID"] for line in lines]
    pack = ["--rules", str(rows.PACK)]
    rules = [rule["id"] for rule in _lines(rows.words(tools.tocsin, "rules", "--json", *pack))[0]["rules"]]
    owed = set()
    for rule in rules:
        for frame in _lines(rows.words(tools.tocsin, "explain", "--json", "--rule", rule, *pack, path)):
            said = frame["explanation"]
            if said["selects"] and not said["excepted"]:
                owed.add((rule, ids[frame["record"]]))
    alerts = _lines(rows.tocsin(tools, path, *pack))
    raised = {(alert["rule"]["id"], alert["event"]["eventID"]) for alert in alerts}
    same = owed == raised and len(raised) == len(alerts)
    verdict = "exactly those" if same else f"**not** those: {len(owed - raised)} missing, {len(raised - owed)} too many"
    return (f"On the first {len(ids)} records `tocsin explain` owes the {len(rules)} rules {len(owed)} alerts; "
            f"the scan raised {verdict}.")
