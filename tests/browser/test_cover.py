"""The cover over disturbing content, in real Chromium: by key, and without scripts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from annotation.models import Dataset
from tests.annotation.test_warnings import WORDS, warned
from tests.browser.conftest import DESKTOP, NARROWEST

pytestmark = pytest.mark.django_db(transaction=True)

CONTENT = ["What now?", "Answer of 0.", "Answer of 1."]


@pytest.fixture(params=["scoring", "pairwise", "both"])
def path(
    request: pytest.FixtureRequest,
    send: Any,
    blank: Dataset,
    make_batch: Any,
    rubric_version: Any,
    pairwise_version: Any,
    mixed_version: Any,
    claim: Any,
    ben: User,
) -> str:
    """Where Ben finds a covered unit, in each layout."""
    send([warned()])
    version = {
        "scoring": rubric_version,
        "pairwise": pairwise_version,
        "both": mixed_version,
    }[request.param]
    layout = "scoring" if request.param == "scoring" else "pairwise"
    batch = make_batch(blank, version, layout=layout)
    return str(claim(ben, batch).get_absolute_url())


def is_covered(page: Page) -> None:
    expect(page.get_by_text(WORDS)).to_be_visible()
    read = page.locator("body").aria_snapshot()
    for words in CONTENT:
        for found in page.get_by_text(words).all():
            expect(found).to_be_hidden()
        assert words not in read
    expect(page.get_by_role("button", name="Skip")).to_be_visible()


def is_open(page: Page) -> None:
    expect(page.locator(".specimen .out").first).to_be_visible()
    assert "Answer of" in page.locator("body").aria_snapshot()


def test_the_content_is_covered_until_a_key_shows_it(
    browse: Callable[..., Page], path: str, ben: User
) -> None:
    page = browse(ben)
    page.goto(path)
    is_covered(page)
    page.keyboard.press("o")
    is_open(page)
    page.reload()
    is_open(page)
    page.keyboard.press("o")
    is_covered(page)
    page.reload()
    is_covered(page)


@pytest.mark.parametrize("size", [DESKTOP, NARROWEST])
def test_the_cover_opens_without_a_script(
    browse: Callable[..., Page], path: str, ben: User, size: dict[str, int]
) -> None:
    page = browse(ben, javascript=False, size=size)
    page.goto(path)
    is_covered(page)
    page.get_by_label("Show this content").check()
    is_open(page)
    page.get_by_label("Show this content").uncheck()
    is_covered(page)


def test_another_persons_browser_covers_it_anew(
    browse: Callable[..., Page], path: str, ben: User
) -> None:
    page = browse(ben)
    page.goto(path)
    page.keyboard.press("o")
    is_open(page)
    other = browse(ben)
    other.goto(path)
    is_covered(other)
