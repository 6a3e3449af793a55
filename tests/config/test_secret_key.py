"""The installation's secret: made once, kept private, the same for all processes."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.secret_key import read_or_make_secret_key, read_secret_key


def test_it_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "data" / "secret_key"
    key = read_or_make_secret_key(path)

    assert len(key) >= 50
    assert read_or_make_secret_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]


def test_many_that_start_at_once_agree(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: read_or_make_secret_key(path), range(64)))
    assert len(keys) == 1


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "secret_key"
    read_or_make_secret_key(path)
    path.chmod(mode)

    with pytest.raises(ImproperlyConfigured, match="chmod 600"):
        read_or_make_secret_key(path)


def test_a_containers_secret_may_be_readable_inside(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"
    path.write_text("k" * 64 + "\n")
    path.chmod(0o444)

    assert read_secret_key(path, private=False) == "k" * 64


def test_a_short_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"
    path.write_text("short")
    path.chmod(0o600)

    with pytest.raises(ImproperlyConfigured, match="fewer than 50"):
        read_secret_key(path)
