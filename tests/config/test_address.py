"""Where the server listens, and the address that people are given."""

from __future__ import annotations

from typing import Any

import pytest

from config.serving.address import base_url, parse


@pytest.mark.parametrize(
    ("bind", "expected"),
    [
        ("127.0.0.1:8000", ("127.0.0.1", 8000)),
        ("[::1]:80", ("::1", 80)),
        ("9000", ("127.0.0.1", 9000)),
        (":9000", ("127.0.0.1", 9000)),
    ],
)
def test_an_address_is_a_host_and_a_port(bind: str, expected: tuple[str, int]) -> None:
    assert parse(bind) == expected


@pytest.mark.parametrize("bind", ["", "here", "127.0.0.1:", "127.0.0.1:0", "a:70000"])
def test_anything_else_is_refused_with_an_example(bind: str) -> None:
    with pytest.raises(ValueError, match=r"127\.0\.0\.1:8000"):
        parse(bind)


@pytest.mark.parametrize(
    ("bind", "hosts", "https", "printed"),
    [
        ("127.0.0.1:8000", ["localhost"], False, "http://127.0.0.1:8000"),
        ("[::1]:8000", ["localhost"], False, "http://[::1]:8000"),
        ("0.0.0.0:8000", ["judges.lan"], False, "http://judges.lan:8000"),
        (
            "127.0.0.1:8000",
            [".example.org", "t.example.org"],
            True,
            "https://t.example.org",
        ),
    ],
)
def test_people_are_given_an_address_that_works(
    settings: Any, bind: str, hosts: list[str], https: bool, printed: str
) -> None:
    settings.ALLOWED_HOSTS, settings.HTTPS = hosts, https
    assert base_url(bind) == printed
