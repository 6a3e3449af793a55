"""Undo, flags, history and home in a real browser: by key, and without a script."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from annotation.actions.flags import answer_flag
from annotation.models import Assignment, Batch, BatchMember, Flag, Judgment, Skip
from tests.browser.conftest import DESKTOP, NARROWEST, PHONE

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
GOOD = {"answer-accuracy-A": "4", "answer-fluent-A": "true"}


@pytest.fixture
def batch(open_batch: Batch) -> Batch:
    """Its annotators have read what comes before the work."""
    BatchMember.objects.update(guidelines_read_at=timezone.now())
    return open_batch


def begin(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Enter")
    expect(page.locator("#left")).to_contain_text("left")


def heading(page: Page) -> Any:
    return page.locator("#item-heading")


def score(page: Page, level: str) -> None:
    """Accuracy and fluency by key, then on to the next."""
    page.keyboard.press(level)
    page.keyboard.press("1")
    expect(page.locator("#left")).to_have_text("Ready to submit")
    page.keyboard.press("Control+Enter")


def test_u_opens_the_last_submission_and_comes_back_to_the_draft(
    browse: Callable[..., Page], batch: Batch, ben: User
) -> None:
    page = browse(ben)
    begin(page)
    score(page, "4")
    expect(heading(page)).to_have_text("Item 2 of 12")
    page.keyboard.press("2")
    expect(page.locator("#savepill")).to_have_attribute("data-state", "saved")
    interrupted = page.url

    page.keyboard.press("u")
    expect(heading(page)).to_have_text("Submitted item")
    expect(page.locator("[name=answer-accuracy-A][value='4']")).to_be_checked()
    page.keyboard.press("1")
    page.keyboard.press("Control+Enter")

    expect(heading(page)).to_have_text("Item 2 of 12")
    assert page.url == interrupted
    expect(page.locator("[name=answer-accuracy-A][value='2']")).to_be_checked()
    assert Judgment.objects.count() == 2
    assert Judgment.objects.current().count() == 1


def test_u_again_goes_one_further_back_and_the_way_out_changes_nothing(
    browse: Callable[..., Page], batch: Batch, ben: User
) -> None:
    page = browse(ben)
    begin(page)
    for level, number in (("4", 2), ("3", 3)):
        score(page, level)
        expect(heading(page)).to_have_text(f"Item {number} of 12")
    interrupted = page.url
    page.keyboard.press("u")
    expect(page.locator("[name=answer-accuracy-A][value='3']")).to_be_checked()
    page.keyboard.press("u")
    expect(page.locator("[name=answer-accuracy-A][value='4']")).to_be_checked()
    page.get_by_role("link", name="Leave it as it was").click()
    expect(heading(page)).to_have_text("Item 3 of 12")
    assert page.url == interrupted
    assert Judgment.objects.count() == 2


def test_f_tells_the_manager_and_the_screen_stays_as_it_was(
    browse: Callable[..., Page], batch: Batch, ben: User
) -> None:
    page = browse(ben)
    begin(page)
    page.keyboard.press("4")
    page.keyboard.press("f")
    dialog = page.locator("#flag-dialog")
    expect(dialog).to_be_visible()
    page.keyboard.press("2")
    page.keyboard.press("Tab")
    page.keyboard.type("Is 3 a slip? f u 1")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(dialog).to_be_hidden()
    state = page.locator("#flag-state")
    expect(state).to_contain_text("The manager is told: The rubric is unclear here.")
    expect(heading(page)).to_have_text("Item 1 of 12")
    expect(page.locator("[name=answer-accuracy-A][value='4']")).to_be_checked()
    flag = Flag.objects.get()
    assert (flag.kind, flag.text) == ("unclear_rubric", "Is 3 a slip? f u 1")
    page.keyboard.press("1")  # The keys are the screen's again.
    expect(page.locator("#left")).to_have_text("Ready to submit")


def test_flag_and_skip_goes_to_the_next(
    browse: Callable[..., Page], batch: Batch, ben: User
) -> None:
    page = browse(ben)
    begin(page)
    first = page.url
    page.keyboard.press("f")
    page.get_by_role("button", name="Flag and skip").click()
    expect(page.locator("#flag-dialog")).to_be_visible()  # No kind is chosen yet.
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    page.keyboard.press("1")
    page.get_by_role("button", name="Flag and skip").click()
    expect(heading(page)).to_be_visible()
    page.wait_for_function("first => location.href !== first", arg=first)
    assert Skip.objects.count() == 1
    assert Flag.objects.count() == 1
    assert (
        page.evaluate("Object.keys(localStorage).filter(k => k.includes('draft'))")
        == []
    )


def test_flagging_without_a_script_keeps_what_was_entered(
    browse: Callable[..., Page], batch: Batch, ben: User
) -> None:
    page = browse(ben, javascript=False)
    page.goto("/")
    page.get_by_role("button", name=re.compile("Start|Resume")).first.click()
    page.locator("[name=answer-accuracy-A][value='4']").check()
    page.locator("#note-box summary").click()
    page.locator("#note").fill("Half a thought.")
    page.get_by_role("button", name="Flag", exact=True).locator(
        "visible=true"
    ).last.click()
    page.get_by_label("The item is broken").check()
    page.get_by_role("button", name="Flag", exact=True).click()
    expect(page.locator("#flag-state")).to_contain_text("The item is broken.")
    expect(page.locator("[name=answer-accuracy-A][value='4']")).to_be_checked()
    expect(page.locator("#note")).to_have_value("Half a thought.")
    assert Flag.objects.get().kind == "broken_item"


def test_undo_without_a_script(
    browse: Callable[..., Page], batch: Batch, ben: User
) -> None:
    page = browse(ben, javascript=False)
    page.goto("/")
    page.get_by_role("button", name=re.compile("Start|Resume")).first.click()
    for name, value in GOOD.items():
        page.locator(f"[name={name}][value='{value}']").check()
    page.get_by_role("button", name=re.compile("Submit and next")).click()
    expect(heading(page)).to_have_text("Item 2 of 12")
    page.get_by_role("link", name=re.compile("^Undo")).click()
    expect(heading(page)).to_have_text("Submitted item")
    page.locator("[name=answer-accuracy-A][value='1']").check()
    page.get_by_role("button", name=re.compile("Submit again")).click()
    expect(heading(page)).to_have_text("Item 2 of 12")
    assert Judgment.objects.count() == 2


def test_home_by_key(
    browse: Callable[..., Page],
    batch: Batch,
    pair_batch: Batch,
    ben: User,
) -> None:
    BatchMember.objects.update(guidelines_read_at=timezone.now())
    page = browse(ben)
    page.goto("/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("[data-row]").nth(1).locator("[data-open]")).to_be_focused()
    page.keyboard.press("k")
    expect(page.locator("[data-row]").nth(0).locator("[data-open]")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("o")
    expect(page.locator("#judge")).to_be_visible()
    assert Assignment.objects.get().batch == pair_batch


def test_a_break_and_back(browse: Callable[..., Page], batch: Batch, ben: User) -> None:
    page = browse(ben)
    begin(page)
    address = page.url
    page.get_by_role("button", name="Break").click()
    expect(page.get_by_role("heading", name="Take your break")).to_be_visible()
    page.get_by_role("button", name="Go on").click()
    expect(heading(page)).to_have_text("Item 1 of 12")
    assert page.url == address


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE, NARROWEST], ids=str)
def test_every_screen_of_mine_is_accessible_and_fits(
    browse: Callable[..., Page],
    signed_in: Any,
    claim: Any,
    batch: Batch,
    ben: User,
    ada: User,
    flag: Flag,
    scheme: str,
    size: Any,
) -> None:
    ben_s = signed_in(ben)
    ben_s.post(flag.assignment.get_absolute_url(), GOOD | {"elapsed_ms": "190000"})
    answer_flag(flag=flag, answer="It is mended.", by=ada)
    here = claim(ben, batch)
    ben_s.post(f"/assignments/{here.pk}/flags/", {"kind": "harmful_content"})
    mine = flag.assignment.get_absolute_url()
    page = browse(ben, scheme=scheme, size=size)
    addresses = [
        "/",
        "/mine/",
        "/mine/?words=nothing",
        f"/batches/{batch.pk}/mine/?show=flagged",
        f"{mine}mine/",
        f"{mine}flags/",
        here.get_absolute_url(),
        f"/batches/{batch.pk}/break/",
        f"/batches/{batch.pk}/finished/",
    ]
    looked_at(page, addresses)
    manager = browse(ada, scheme=scheme, size=size)
    shows = ("waiting", "answered", "skips")
    looked_at(manager, [f"/batches/{batch.pk}/flags/?show={show}" for show in shows])


def looked_at(page: Page, addresses: list[str]) -> None:
    for address in addresses:
        page.goto(address)
        found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"]) for v in found] == [], address
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= page.viewport_size["width"], address  # type: ignore[index]
