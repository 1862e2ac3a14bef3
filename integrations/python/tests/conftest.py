"""The fixtures of the plugin itself, and pytest inside pytest."""

import os
from pathlib import Path

import pytest

pytest_plugins = ["pytest_tocsin", "pytester"]

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[2]


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The two files, for pytest inside pytest."""
    monkeypatch.setenv("PYTHONPATH", str(HERE.parent))


@pytest.fixture
def module_file() -> str:
    return os.environ["TOCSIN_MODULE"]


@pytest.fixture
def repository() -> Path:
    return REPOSITORY
