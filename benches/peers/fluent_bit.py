"""Modules and a file in, a Fluent Bit that filters the file's records through each of them out.

It reads the file, parses each line, and throws away what is left; it ends with the file. What it prints isn't an
answer, so what comes through is compared once with a scan.
"""

import dataclasses
import json
import pathlib
import re
import subprocess

from rows import PACK, Row, tocsin, words

PARSERS = """[PARSER]
    Name        cloudtrail
    Format      json
    Time_Key    eventTime
    Time_Format %Y-%m-%dT%H:%M:%SZ
    Time_Keep   On
"""

PIPELINE = """[SERVICE]
    Flush        1
    Log_Level    error
    Parsers_File {folder}/parsers.conf
[INPUT]
    Name              tail
    Tag               cloudtrail
    Path              {input}
    Parser            cloudtrail
    Read_from_Head    On
    Exit_On_Eof       On
    Buffer_Chunk_Size 256k
    Buffer_Max_Size   8M
"""

FILTER = """[FILTER]
    Name          wasm
    Match         *
    Wasm_Path     {module}
    Function_Name tocsin_fluentbit_{function}
    Event_Format  json
"""

OUTPUT = """[OUTPUT]
    Name  {output}
    Match *
"""

PASSED = """    Path  {folder}
    File  passed
"""

NONE, IDLE_DROPS, IDLE_PASSES = "no filter", "alerts, a guest that does nothing", "enrich, a guest that does nothing"
ALERTS, ENRICH, MANY = "alerts, tocsin", "enrich, tocsin", "alerts, tocsin with the pack"


@dataclasses.dataclass
class Shipper:
    """A Fluent Bit, and a folder for its configurations and modules."""

    tools: object
    folder: pathlib.Path

    def __post_init__(self):
        self.folder.mkdir(exist_ok=True)
        (self.folder / "parsers.conf").write_text(PARSERS, encoding="utf-8")
        for name, command in (("idle", [self.tools.idle_guest]), ("tocsin", [self.tools.tocsin, "module", "-o"]),
                              ("pack", [self.tools.tocsin, "compile", PACK, "-o"])):
            subprocess.run(words(*command, self._module(name)), check=True, stdout=subprocess.DEVNULL)

    def _module(self, name):
        return self.folder / f"{name}.wasm"

    def _command(self, name, file, module=None, function=None, output="null"):
        text = PIPELINE.format(folder=self.folder, input=file.path)
        if module:
            text += FILTER.format(module=self._module(module), function=function)
        text += OUTPUT.format(output=output)
        if output == "file":
            text += PASSED.format(folder=self.folder)
        path = self.folder / f"{name}.conf"
        path.write_text(text, encoding="utf-8")
        return words(self.tools.fluent_bit, "-q", "-c", path)

    def rows(self, file):
        """What each filter costs on a file."""
        rows = ((NONE, None, None), (IDLE_DROPS, "idle", "alerts"), (ALERTS, "tocsin", "alerts"), (MANY, "pack", "alerts"),
                (IDLE_PASSES, "idle", "enrich"), (ENRICH, "tocsin", "enrich"))
        return [Row(name, self._command(f"row-{at}", file, module, function), _silence)
                for at, (name, module, function) in enumerate(rows)]

    def alerts(self, file):
        """The ids of the alerts that come through with the embedded rules."""
        passed = self.folder / "passed"
        passed.unlink(missing_ok=True)
        subprocess.run(self._command("passed", file, "tocsin", "alerts", "file"), check=False, stdout=subprocess.DEVNULL)
        # A Fluent Bit that can't do it is no reason to lose the tables before.
        text = passed.read_bytes() if passed.exists() else b""
        return sorted(re.findall(rb'"id":"([0-9a-f]{64})"', text))

    def scanned(self, file):
        """The ids of the alerts that the command raises."""
        out = subprocess.run(tocsin(self.tools, file.path), check=True, capture_output=True).stdout
        return sorted(json.loads(line)["id"].encode() for line in out.splitlines())


def _silence(path, _):
    """Fluent Bit says nothing if all is well."""
    said = pathlib.Path(f"{path}.err").read_text(encoding="utf-8", errors="replace").strip()
    return f"WRONG: {said.splitlines()[0]}" if said else "-"
