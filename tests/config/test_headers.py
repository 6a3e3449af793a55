"""What every response carries, whoever asks and however it ends."""

from __future__ import annotations

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db

PATHS = ["/", "/healthz", "/nowhere/", "/api/v1/me", "/api/v1/nowhere", "/%00"]


@pytest.mark.parametrize("path", PATHS)
def test_nothing_foreign_is_loaded_or_run(client: Client, path: str) -> None:
    policy = client.get(path).headers["Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))

    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == "'self'"
    assert rules["frame-ancestors"] == rules["base-uri"] == "'none'"
    assert "unsafe" not in policy
    assert "http" not in policy


@pytest.mark.parametrize("path", PATHS)
def test_browsers_are_told_to_trust_little(client: Client, path: str) -> None:
    headers = client.get(path).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/", "/nowhere/"])
def test_pages_hold_no_inline_script_or_style(client: Client, path: str) -> None:
    page = client.get(path, follow=True).content.decode()
    assert " style=" not in page
    assert "<style" not in page
    assert " onclick=" not in page
    tags = [tag.partition(">")[0] for tag in page.split("<script")[1:]]
    assert all(" src=" in tag or 'type="application/json"' in tag for tag in tags)
