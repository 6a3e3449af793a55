"""A language that is written from right to left: nothing hides, nothing hangs out."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import User
from annotation.models import Batch

pytestmark = pytest.mark.django_db(transaction=True)

SIZES = [{"width": 1280, "height": 800}, {"width": 390, "height": 844}]
# Which side a thing is on, and what hangs out of the page (scrolling boxes may).
HANGING_OUT = """
() => {
  const width = document.documentElement.clientWidth;
  const scrolls = (e) => {
    for (let up = e.parentElement; up; up = up.parentElement) {
      const { overflowX } = getComputedStyle(up);
      if (["auto", "scroll", "hidden", "clip"].includes(overflowX)) return true;
    }
    return false;
  };
  return [...document.querySelectorAll("main *, header *")].filter((e) => {
    const box = e.getBoundingClientRect();
    const isHidden = e.closest(".visually-hidden, .skip-link, [hidden]")
      ?? e.closest("dialog:not([open]), details:not([open])");
    const isOut = box.left < -1 || box.right > width + 1;
    return box.width > 0 && !isHidden && !scrolls(e) && isOut;
  }).map((e) => `${e.tagName}.${e.className.baseVal ?? e.className}`).slice(0, 5);
}
"""
SCROLLS_SIDEWAYS = (
    "document.documentElement.scrollWidth - document.documentElement.clientWidth"
)
CSS = Path(__file__).resolve().parents[2] / "static/css"
PHYSICAL = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right)"
    r"(?:-\w+)?|left|right|float: (?:left|right)|text-align: (?:left|right)|"
    r"(?:border-(?:top|bottom)-(?:left|right)-radius))\s*[:;]"
)


@pytest.fixture
def in_arabic(settings: Any, ada: User, ben: User) -> None:
    """Arabic without a catalogue of ours: texts stay English, the layout turns."""
    settings.LANGUAGES = [*settings.LANGUAGES, ("ar", "العربيّة")]
    User.objects.filter(pk__in=[ada.pk, ben.pk]).update(language="ar")


def expect_turned(page: Page) -> None:
    html = page.locator("html")
    expect(html).to_have_attribute("dir", "rtl")
    expect(html).to_have_attribute("lang", "ar")
    brand = page.locator(".brand").bounding_box()
    assert brand
    middle = (page.viewport_size or {"width": 0})["width"] / 2
    assert brand["x"] + brand["width"] > middle, "The brand begins the line."
    assert page.evaluate(SCROLLS_SIDEWAYS) <= 0
    assert page.evaluate(HANGING_OUT) == []


def look(page: Page, name: str) -> None:
    """For a person's eyes, where a folder for pictures is named."""
    if folder := os.environ.get("TOUCHSTONE_LOOK"):
        width = (page.viewport_size or {"width": 0})["width"]
        page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size["width"]))
def test_an_annotators_screens_turn_round(
    browse: Callable[..., Page],
    open_batch: Batch,
    ben: User,
    in_arabic: None,
    size: dict[str, int],
) -> None:
    page = browse(ben, size=size)
    page.goto("/")
    expect_turned(page)
    look(page, "rtl-home")
    page.locator("main form button, main a.btn--primary").first.click()
    expect(page.locator("#judge")).to_be_visible()
    expect_turned(page)
    look(page, "rtl-scoring")
    page.goto("/settings/")
    expect_turned(page)
    look(page, "rtl-settings")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size["width"]))
def test_a_pair_turns_round(
    browse: Callable[..., Page],
    pair_batch: Batch,
    ben: User,
    in_arabic: None,
    size: dict[str, int],
) -> None:
    """A is where reading begins: on the right."""
    page = browse(ben, size=size)
    page.goto("/")
    page.locator("main form button, main a.btn--primary").first.click()
    expect(page.locator("#judge")).to_be_visible()
    expect_turned(page)
    look(page, "rtl-pair")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size["width"]))
def test_a_managers_screens_turn_round(
    browse: Callable[..., Page],
    scored_batch: Batch,
    ada: User,
    in_arabic: None,
    size: dict[str, int],
) -> None:
    page = browse(ada, size=size)
    project = scored_batch.project_id
    for name, address in [
        ("project", f"/projects/{project}/"),
        ("batch", scored_batch.get_absolute_url()),
        ("agreement", f"/batches/{scored_batch.pk}/agreement/"),
        ("members", f"/projects/{project}/members/"),
        ("rubric", reverse("rubrics:version", args=[scored_batch.rubric_version_id])),
    ]:
        page.goto(address)
        expect_turned(page)
        look(page, f"rtl-{name}")


@pytest.mark.parametrize("path", sorted(CSS.glob("*.css")), ids=lambda path: path.name)
def test_styles_name_no_side(path: Path) -> None:
    """Logical properties only: start and end, inline and block."""
    lines = path.read_text().splitlines()
    assert [line.strip() for line in lines if PHYSICAL.search(line)] == []
