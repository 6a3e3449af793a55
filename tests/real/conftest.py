"""The public datasets that lie beside the project; never copied into it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

BESIDE = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of datasets: TOUCHSTONE_TEST_DATA, else ../shared/data."""
    named = os.environ.get("TOUCHSTONE_TEST_DATA")
    if named:
        return Path(named)  # Named and absent is a failure, not a reason to skip.
    if not BESIDE.is_dir():
        pytest.skip("No datasets: set TOUCHSTONE_TEST_DATA to their folder.")
    return BESIDE
