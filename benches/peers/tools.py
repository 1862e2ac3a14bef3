"""A folder in, the tools to measure out: where each is, and which are missing.

`install` brings what registries have: crates by cargo, Python's packages by pip. jq and grep are the system's.
"""

import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
REPO = HERE.parent.parent

# The newest release that the workspace's minimum Rust version compiles.
RSIGMA = "0.23.0"


class Tools:
    """Paths of programs; None for those that aren't there."""

    def __init__(self, folder, tocsin=None, fluent_bit_driver=None):
        self.folder = folder
        built = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", REPO / "target")) / "release"
        self.tocsin = pathlib.Path(tocsin) if tocsin else built / "tocsin"
        self.make_trail = built / "make-trail"
        self.detect_native = built / "detect-native"
        self.inflate, self.idle_guest = built / "inflate", built / "idle-guest"
        self.vrl = self._own("vrl-build/release/peer-vrl")
        self.rg, self.jaq, self.rsigma = (self._find(name) for name in ("rg", "jaq", "rsigma"))
        self.jq, self.grep, self.zcat = (self._find(name) for name in ("jq", "grep", "zcat"))
        self.python = self._own("venv/bin/python") or pathlib.Path(sys.executable)
        self.fluent_bit = shutil.which("fluent-bit") or self._own("fluent-bit-build/bin/fluent-bit")
        self.fluent_bit_driver = fluent_bit_driver

    def _own(self, path):
        path = self.folder / path
        return path if path.exists() else None

    def _find(self, name):
        return self._own(f"bin/{name}") or shutil.which(name)

    def python_has(self, module):
        """Whether the Python that peers run with can import a module."""
        done = subprocess.run([str(self.python), "-c", f"import {module}"], check=False,
                              stderr=subprocess.DEVNULL)
        return self.python if done.returncode == 0 else None

    def versions(self):
        """What each tool says of itself, for the record."""
        asked = {
            "tocsin": [self.tocsin, "--version"], "ripgrep": [self.rg, "--version"],
            "grep": [self.grep, "--version"], "jq": [self.jq, "--version"], "jaq": [self.jaq, "--version"],
            "rsigma": [self.rsigma, "--version"], "Fluent Bit": [self.fluent_bit, "--version"],
            "Python": [self.python, "--version"],
            "DuckDB": [self.python_has("duckdb"), "-c", "import duckdb; print(duckdb.__version__)"],
            "orjson": [self.python_has("orjson"), "-c", "import orjson; print(orjson.__version__)"],
        }
        found = {}
        for name, command in asked.items():
            if command[0]:
                text = subprocess.run([str(part) for part in command], check=False, capture_output=True,
                                      text=True, stdin=subprocess.DEVNULL).stdout
                found[name] = text.splitlines()[0].split("(")[0].strip() if text else "?"
        if self.vrl:
            lock = (HERE / "vrl/Cargo.lock").read_text().split('name = "vrl"\nversion = "')
            found["VRL"] = lock[1].split('"')[0] if len(lock) > 1 else "?"
        return found


def build():
    """The command and the programs of this folder, apart, so that nothing is compiled a second time."""
    subprocess.run(["cargo", "build", "--release", "--locked"], cwd=REPO, check=True)
    subprocess.run(["cargo", "build", "--release", "--locked", "-p", "tocsin-benches", "--bins"], cwd=REPO, check=True)


def install(folder):
    """Peers into `folder`; those that are there stay. One that fails is named and left out."""
    folder.mkdir(parents=True, exist_ok=True)
    root = ["cargo", "install", "--locked", "--root", str(folder)]
    wanted = [
        ("bin/rg", root + ["ripgrep"]),
        ("bin/jaq", root + ["jaq"]),
        ("bin/rsigma", root + ["rsigma", "--version", RSIGMA]),
        ("venv/bin/python", [sys.executable, "-m", "venv", str(folder / "venv")]),
        ("venv/done", ["bash", "-c", f"'{folder}/venv/bin/pip' install -q duckdb orjson && touch '{folder}/venv/done'"]),
        ("vrl-build/release/peer-vrl", ["cargo", "build", "--release", "--locked", "--manifest-path",
                                        str(HERE / "vrl/Cargo.toml"), "--target-dir", str(folder / "vrl-build")]),
        ("fluent-bit-build/bin/fluent-bit", ["bash", str(HERE / "fluent-bit/build.sh"), str(folder / "fluent-bit-build")]),
    ]
    for path, command in wanted:
        if not (folder / path).exists() and subprocess.run(command, check=False).returncode != 0:
            print(f"not installed: {path}", file=sys.stderr)
