"""Out: Sigma rules in the shape and number that vendors publish for Windows, events for them, and what each must find.

Published rules mostly want parts of a command line, the end of a program's path, or a few words of a script; many
have several of these, some have an exception, some search the whole event.
"""

import json
import random

RULES, EVENTS = 3_000, 2_000

PROGRAMS = """cmd powershell pwsh rundll32 regsvr32 mshta wscript cscript certutil bitsadmin schtasks reg sc net net1 wmic
msbuild installutil regasm cmstp msiexec nltest whoami systeminfo tasklist procdump ntdsutil vssadmin wbadmin bcdedit fsutil
curl forfiles conhost svchost explorer winword excel outlook notepad""".split()
WORDS = """download string invoke expression hidden encoded bypass nop noni command payload shadow delete create service start
query add user localgroup administrators export import save hklm software microsoft windows currentversion run policies lsass
dump minidump ticket kerberos token impersonate mimi inject remote thread session winrm share admin temp appdata roaming public
programdata startup task schedule trigger action http https base64 frombase64 gzip stream memory reflection assembly load""".split()
GLUE = [" -", " /", "\\", ".", " ", "=", ":", "-", "_"]


def _phrase(dice, words=3):
    """A piece of a command line that isn't likely to be another one's."""
    text = dice.choice(WORDS)
    for _ in range(words - 1):
        text += dice.choice(GLUE) + dice.choice(WORDS)
    return text + f"{dice.randrange(1000):03}"


class Rule:
    """A rule: parts of which one must be in the command line, ends of which one the image must have, an exception."""

    def __init__(self, dice, number):
        self.title = f"Made-up rule {number}"
        self.parts = [_phrase(dice) for _ in range(dice.choice((1, 1, 2, 4, 8)))]
        self.all_parts = len(self.parts) > 1 and dice.random() < 0.2
        self.images = tuple(f"\\{dice.choice(PROGRAMS)}.exe" for _ in range(dice.choice((1, 1, 2, 3))))
        self.exception = _phrase(dice, 2) if dice.random() < 0.3 else None
        self.number = number

    def text(self):
        lines = "".join(f"            - '{part}'\n" for part in self.parts)
        images = "".join(f"            - '{image}'\n" for image in self.images)
        modifier = "contains|all" if self.all_parts else "contains"
        filtered = f"    filter:\n        ParentCommandLine|contains: '{self.exception}'\n" if self.exception else ""
        condition = "selection and not filter" if self.exception else "selection"
        return (f"title: {self.title}\nid: 00000000-0000-4000-8000-{self.number:012}\nstatus: test\n"
                "description: Made up.\nauthor: Tocsin\ndate: 2026-03-01\n"
                "logsource:\n    category: process_creation\n    product: windows\ndetection:\n    selection:\n"
                f"        Image|endswith:\n{images}        CommandLine|{modifier}:\n{lines}{filtered}"
                f"    condition: {condition}\nlevel: medium\n")

    def selects(self, image, line, parent):
        """Whether it selects an event with these values, in small letters."""
        if not image.endswith(self.images):
            return False
        some = all if self.all_parts else any
        return some(part in line for part in self.parts) and not (self.exception and self.exception in parent)


def _event(dice, rule=None):
    """A flattened event of Sysmon about a process; one that a rule selects, if it is given."""
    image = f"\\{dice.choice(PROGRAMS)}.exe" if rule is None else dice.choice(rule.images)
    extra = "" if rule is None else " ".join(rule.parts if rule.all_parts else rule.parts[:1])
    return {
        "EventID": 1, "Channel": "Microsoft-Windows-Sysmon/Operational", "Provider_Name": "Microsoft-Windows-Sysmon",
        "UtcTime": f"2026-03-14 09:{dice.randrange(60):02}:{dice.randrange(60):02}.{dice.randrange(1000):03}",
        "ProcessGuid": "{%08x-0000-0000-0000-%012x}" % (dice.randrange(1 << 32), dice.randrange(1 << 48)),
        "ProcessId": str(dice.randrange(20_000)), "Image": f"C:\\Windows\\System32{image}",
        "FileVersion": "10.0.17763.1 (WinBuild.160101.0800)", "Description": "Host Process", "Product": "Windows",
        "Company": "Microsoft Corporation", "OriginalFileName": image[1:],
        "CommandLine": f"C:\\Windows\\System32{image} {' '.join(dice.choice(WORDS) for _ in range(12))} {extra}".strip(),
        "CurrentDirectory": "C:\\Windows\\System32\\", "User": f"EXAMPLE\\user{dice.randrange(50)}",
        "LogonId": hex(dice.randrange(1 << 20)), "IntegrityLevel": dice.choice(("Medium", "High", "System")),
        "Hashes": f"SHA256={dice.randrange(1 << 256):064x},IMPHASH={dice.randrange(1 << 128):032x}",
        "ParentImage": f"C:\\Windows\\{dice.choice(PROGRAMS)}.exe",
        "ParentCommandLine": f"{dice.choice(PROGRAMS)}.exe {' '.join(dice.choice(WORDS) for _ in range(4))}",
        "Computer": f"host{dice.randrange(200)}.example.com",
    }


def made(folder, rules, events):
    """The folder of rules, the file of events, and the alerts by title; given ones, whose alerts aren't known, if there are."""
    if rules:
        if not events:
            raise SystemExit("--rules needs --events: NDJSON that these rules are for")
        folder.mkdir(parents=True, exist_ok=True)
        return rules, events, None
    dice = random.Random(1)
    written = [Rule(dice, number) for number in range(RULES)]
    (folder / "rules").mkdir(parents=True, exist_ok=True)
    for rule in written:
        (folder / "rules" / f"{rule.number:04}.yml").write_text(rule.text())
    # Some alert more than once, as the events of an attack do.
    all_events = [_event(dice, dice.choice(written) if dice.random() < 0.3 else None) for _ in range(EVENTS)]
    path = folder / "events.ndjson"
    path.write_text("".join(json.dumps(event, separators=(",", ":")) + "\n" for event in all_events))
    counts = {}
    for event in all_events:
        values = [event[field].lower() for field in ("Image", "CommandLine", "ParentCommandLine")]
        for rule in written:
            if rule.selects(*values):
                counts[rule.title] = counts.get(rule.title, 0) + 1
    return folder / "rules", path, counts
