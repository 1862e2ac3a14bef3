"""What a command printed in, whether that is right out.

An answer is exact if the eventIDs are those of the manifest; where a tool prints no eventIDs, if the number is.
"""

import hashlib
import json


def fingerprint(ids):
    """As the manifest has it: SHA-256 of the sorted ids, each with a line feed."""
    digest = hashlib.sha256()
    for one in sorted(ids):
        digest.update(one.encode() + b"\n")
    return digest.hexdigest()


def _lines(path):
    with open(path, "rb") as lines:
        return [line for line in lines if line.strip()]


def _verdict(found, expected):
    return "exact" if found == expected else f"WRONG: {found} of {expected}"


def event_ids(path, manifest):
    """One eventID a line; those that Elastic's rule raises."""
    ids = [line.decode().strip().strip('"') for line in _lines(path)]
    if fingerprint(ids) == manifest["elastic_event_ids"]:
        return "exact"
    verdict = _verdict(len(ids), manifest["elastic"])
    return verdict if verdict != "exact" else "WRONG: as many, but others"


def lines_with_name(path, manifest):
    """Lines that hold the name: what a search for text is asked for, and not the rule's answer."""
    found = len(_lines(path))
    verdict = _verdict(found, manifest["with_name"])
    rule = manifest["elastic"]
    return f"{found} lines, not the {rule}" if verdict == "exact" else verdict


def inflated(path, manifest):
    """The number of bytes."""
    return _verdict(int(_lines(path)[0]), manifest["bytes"])


def plain_bytes(path, manifest):
    """The text itself."""
    return _verdict(path.stat().st_size, manifest["bytes"])


def _alerts(path):
    return [json.loads(line) for line in _lines(path)]


def _judge(ids_by_language, manifest):
    wrong = []
    if "kuery" in ids_by_language:
        ids = ids_by_language["kuery"]
        if fingerprint(ids) != manifest["elastic_event_ids"]:
            wrong.append(f"Elastic's rule {len(ids)} of {manifest['elastic']}")
    if "logpresso" in ids_by_language and len(ids_by_language["logpresso"]) != manifest["logpresso"]:
        wrong.append(f"Logpresso's rule {len(ids_by_language['logpresso'])} of {manifest['logpresso']}")
    return "WRONG: " + ", ".join(wrong) if wrong else "exact"


SEEDS = {
    "fbd44836-0d69-4004-a0b4-03c20370c435": "kuery",
    "logpresso-aws-configuration-recorder-stopped": "logpresso",
}


def seed_alerts(*languages):
    """Tocsin's alerts of the embedded rules in these languages; those of other rules are left out."""

    def read(path, manifest):
        found = {language: [] for language in languages}
        for alert in _alerts(path):
            language = SEEDS.get(alert["rule"]["id"])
            if language in found:
                found[language].append(alert["event"]["eventID"])
        return _judge(found, manifest)

    return read


def sigma_alerts(path, manifest):
    """rsigma's alerts of one rule, by the eventID of the record in them."""
    ids = [alert["event"]["eventID"] for alert in _alerts(path)]
    if fingerprint(ids) == manifest["elastic_event_ids"]:
        return "exact"
    return f"WRONG: {len(ids)} of {manifest['elastic']}"


def alert_counts(expected, title_of):
    """Alerts by rule, against numbers worked out beforehand, if they are known; `title_of` finds a rule's name in an alert."""

    def read(path, _manifest):
        if expected is None:
            return f"{len(_lines(path))} alerts"
        found = {}
        for alert in _alerts(path):
            title = title_of(alert)
            found[title] = found.get(title, 0) + 1
        if found == expected:
            return "exact"
        return _verdict(sum(found.values()), sum(expected.values())).replace("exact", "WRONG: other rules")

    return read


def native_count(which):
    """The number that detect-native prints first."""

    def read(path, manifest):
        return _verdict(int(_lines(path)[0].split()[0]), manifest[which])

    return read


def nothing(_path, _manifest):
    """Nothing is asked."""
    return "-"
