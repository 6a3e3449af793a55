"""Tasks around the judging, done by keyboard alone, with scripts and without."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from annotation.models import Batch, Judgment
from annotation.models.batch import BatchMember
from tests.conftest import PASSWORD

MOST_STOPS = 120
with_and_without_scripts = pytest.mark.parametrize("javascript", [True, False])


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus; fail if the way does not lead there."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"Tab never reached {target}")


def submit(page: Page, name: str) -> None:
    tab_to(page, page.get_by_role("button", name=name, exact=True))
    page.keyboard.press("Enter")


@with_and_without_scripts
def test_signing_in(browse: Callable[..., Page], ben: User, javascript: bool) -> None:
    page = browse(ben, javascript=javascript)
    page.context.clear_cookies()
    page.goto("/")
    tab_to(page, page.get_by_label("E-mail address"))
    page.keyboard.type(ben.email)
    tab_to(page, page.get_by_label("Password", exact=True))
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Home")).to_be_visible()


@with_and_without_scripts
def test_changing_ones_settings(
    browse: Callable[..., Page], ben: User, javascript: bool
) -> None:
    page = browse(ben, javascript=javascript)
    page.goto("/settings/")
    tab_to(page, page.get_by_label("Language of the interface"))
    page.keyboard.type("Deutsch")
    tab_to(page, page.get_by_label("Suggest a break"))
    page.keyboard.press("Control+a")
    page.keyboard.type("25")
    submit(page, "Save")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ihre Einstellungen")
    ben.refresh_from_db()
    assert (ben.language, ben.break_minutes) == ("de", 25)


@with_and_without_scripts
def test_changing_a_judgment_out_of_the_history(
    browse: Callable[..., Page], open_batch: Batch, ben: User, javascript: bool
) -> None:
    BatchMember.objects.update(guidelines_read_at=open_batch.created_at)
    page = browse(ben, javascript=javascript)
    page.goto("/")
    tab_to(page, page.locator("[data-open]").first)
    page.keyboard.press("Enter")
    expect(page.locator("#item-heading")).to_contain_text("Item 1")
    choose(page, "accuracy", "4")
    choose(page, "fluent", "true")
    leave(page)

    page.goto("/mine/")
    tab_to(page, page.locator(".mine__open").first)
    page.keyboard.press("Enter")
    expect(page.locator("#item-heading")).to_have_text("Submitted item")
    tab_to(page, page.locator("[name=answer-accuracy-A]:checked"))
    page.keyboard.press("ArrowLeft")
    leave(page)
    assert [j.number for j in Judgment.objects.order_by("number")] == [1, 2]
    current = Judgment.objects.current().get()
    answer = current.answers.get(criterion__key="accuracy")
    assert answer.level is not None
    assert answer.level.value == "3"


def choose(page: Page, criterion: str, value: str) -> None:
    """Go to the scale by Tab, then along it by arrows, as every browser lets one."""
    steps = page.locator(f"[name=answer-{criterion}-A]")
    values = [step.get_attribute("value") for step in steps.all()]
    tab_to(page, steps.first)
    page.keyboard.press("Space")
    for _ in range(values.index(value)):
        page.keyboard.press("ArrowRight")
    expect(steps.nth(values.index(value))).to_be_checked()


def leave(page: Page) -> None:
    """Submit, and wait until the answer is on the screen."""
    before = page.url
    tab_to(page, page.get_by_role("button", name="Submit"))
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url != before)
