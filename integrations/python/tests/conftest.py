"""The fixtures of the plugin itself, and pytest inside pytest."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest_plugins = ["pytest_tocsin", "pytester"]

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[2]


@pytest.fixture
def module_file() -> str:
    return os.environ["TOCSIN_MODULE"]


@pytest.fixture
def repository() -> Iterator[Path]:
    yield REPOSITORY
