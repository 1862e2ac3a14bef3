"""The module that the package was built with."""

from pathlib import Path


def path() -> Path:
    """Where the file `tocsin.wasm` is."""
    return Path(__file__).with_name("tocsin.wasm")
