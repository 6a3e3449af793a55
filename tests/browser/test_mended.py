"""The small ways in which a judging screen keeps keys, words and strips true."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from annotation.models import Assignment, Batch, BatchMember, Flag, Judgment, Skip
from tests.browser.test_content import batch_of
from tests.browser.test_controls import SAFE, TRUE, assign, enter, select
from tests.browser.test_judging import begin, heading, wait_for
from tests.conftest import PASSWORD

__all__ = ["assign", "batch_of"]  # Fixtures.

NOISE = "htmx:|ERR_|Response Status|Failed to load resource"
SCORE = {
    "key": "score",
    "question": "How many points?",
    "scale": {"kind": "numeric", "min": 0, "max": 100},
}
CLEAR = {
    "key": "clear",
    "question": "Is it clear?",
    "scale": {"kind": "binary"},
    "rationale": "required",
}


@pytest.fixture(autouse=True)
def _welcomed(open_batch: Batch) -> None:
    BatchMember.objects.update(guidelines_read_at=timezone.now())


def test_after_a_rationale_the_next_digit_answers_the_next_question(
    browse: Callable[..., Page], assign: Callable[..., Assignment], ben: User
) -> None:
    page = browse(ben)
    enter(page, assign("scoring", [CLEAR, SAFE], 1))
    page.keyboard.press("1")
    expect(page.locator("#rationale-clear-A")).to_be_focused()
    page.keyboard.type("1 or 2 slips")
    page.keyboard.press("Escape")
    expect(page.locator("#criterion-safe")).to_be_focused()
    page.keyboard.press("2")
    expect(page.locator("#answer-clear-A-1")).to_be_checked()
    expect(page.locator("#answer-safe-A-2")).to_be_checked()

    page.keyboard.press("k")
    page.keyboard.press("w")
    page.keyboard.press("Escape")
    expect(page.locator("#criterion-clear")).to_be_focused()  # It was there before.


def test_after_the_evidence_the_next_digit_answers_the_next_question(
    browse: Callable[..., Page], assign: Callable[..., Assignment], ben: User
) -> None:
    page = browse(ben)
    enter(page, assign("scoring", [TRUE, SAFE], 1))
    page.keyboard.press("1")
    select(page, "within", "30 days")
    page.keyboard.press("h")
    expect(page.locator("#criterion-safe")).to_have_class(re.compile("--current"))
    page.keyboard.press("2")
    expect(page.locator("#answer-true-A-1")).to_be_checked()
    expect(page.locator("#answer-safe-A-2")).to_be_checked()


def test_after_a_skip_nothing_says_submitted(
    browse: Callable[..., Page], open_batch: Batch, ben: User
) -> None:
    page = browse(ben)
    begin(page)
    undo = page.locator(".undo")
    for key in ["4", "1", "Control+Enter"]:
        page.keyboard.press(key)
    expect(heading(page)).to_have_text("Item 2 of 12")
    expect(undo).to_have_text(
        re.compile(r"^Submitted\.\s+Undo\s+u$"), use_inner_text=True
    )

    first = page.url
    page.keyboard.press("s")
    page.keyboard.press("2")
    page.locator("#skip-dialog [type=submit]").click()
    page.wait_for_function("first => location.href !== first", arg=first)
    expect(undo).to_have_text(re.compile(r"^Skipped\.\s+Last"), use_inner_text=True)
    assert Skip.objects.count() == 1

    page.keyboard.press("4")
    expect(undo).to_have_text(re.compile(r"^Last submission\s+u$"), use_inner_text=True)


def test_a_strip_goes_when_the_server_takes_things_again(
    browse: Callable[..., Page], open_batch: Batch, ben: User
) -> None:
    page = browse(ben, expect=NOISE)
    begin(page)
    for key in ["4", "1"]:
        page.keyboard.press(key)
    pill = page.locator("#savepill")
    expect(pill).to_have_attribute("data-state", "saved")
    page.context.set_offline(True)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#trouble")).to_contain_text("cannot be reached")
    page.locator("[name=answer-accuracy-A][value='5']").check()
    expect(pill).to_have_attribute("data-state", "offline")
    page.context.set_offline(False)
    expect(pill).to_have_attribute("data-state", "saved")
    expect(page.locator("#trouble")).to_be_hidden()
    assert not Judgment.objects.exists()


def test_signed_out_goes_when_one_signed_in_again(
    browse: Callable[..., Page], open_batch: Batch, ben: User
) -> None:
    page = browse(ben, expect="403")
    begin(page)
    for key in ["4", "1"]:
        page.keyboard.press(key)
    pill = page.locator("#savepill")
    expect(pill).to_have_attribute("data-state", "saved")
    Session.objects.all().delete()
    page.keyboard.press("Control+Enter")
    strip = page.locator("#notice")
    expect(strip).to_contain_text("You are signed out")
    with page.context.expect_page() as opened:
        strip.get_by_role("link").click()
    door = opened.value
    door.locator("[name=login]").fill(ben.email)
    door.locator("[name=password]").fill(PASSWORD)
    door.get_by_role("button", name="Sign in").click()
    expect(door).to_have_url(re.compile("/$"))
    page.bring_to_front()
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(pill).to_have_attribute("data-state", "saved")
    expect(strip).to_have_count(0)


def test_a_number_off_the_range_is_said_at_once_and_does_not_count(
    browse: Callable[..., Page], assign: Callable[..., Assignment], ben: User
) -> None:
    page = browse(ben)
    enter(page, assign("scoring", [SCORE, SAFE], 1))
    page.keyboard.type("880")
    said = page.locator(".number__wrong")
    expect(said).to_have_text("More than 100: this does not count yet.")
    expect(page.locator("#left")).to_have_text("1 answer left")
    page.locator("#note-box summary").click()
    page.keyboard.press("Control+Enter")
    field = page.locator("#answer-score-A")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    assert not Judgment.objects.exists()
    field.fill("88")
    expect(said).to_be_hidden()
    expect(page.locator("#left")).to_have_text("Ready to submit")
    page.keyboard.press("Control+Enter")
    wait_for(Judgment.objects.exists)


def test_w_without_a_rationale_writes_the_note(
    browse: Callable[..., Page], assign: Callable[..., Assignment], ben: User
) -> None:
    page = browse(ben)
    enter(page, assign("scoring", [SAFE | {"rationale": "none", "required": True}], 1))
    page.keyboard.type("wss12")
    expect(page.locator("#note")).to_have_value("ss12")
    expect(page.locator("#note-why")).to_contain_text("takes no rationale")
    expect(page.locator("#judge :checked")).to_have_count(0)


@pytest.mark.parametrize(("count", "opened"), [(2, 2), (50, 1)])
def test_t_opens_the_context_and_closes_it(
    browse: Callable[..., Page], batch_of: Any, ben: User, count: int, opened: int
) -> None:
    documents = [{"title": f"D {n}", "content": "Words."} for n in range(count)]
    open_ones = "[data-documents] > details[open]"
    batch = batch_of(["Yes.", "No."], context=documents)
    BatchMember.objects.update(guidelines_read_at=timezone.now())
    page = browse(ben)
    page.goto("/")
    page.locator(f"form[action*='{batch.pk}']").get_by_role("button").first.click()
    expect(page.locator("#left")).to_contain_text("left")
    page.keyboard.press("t")
    expect(page.locator(open_ones)).to_have_count(opened)
    expect(page.locator(open_ones).first).to_be_in_viewport()
    expect(page.locator("[data-documents] summary kbd")).to_have_text(["t"])
    page.keyboard.press("t")
    expect(page.locator(open_ones)).to_have_count(0)


def test_control_enter_sends_the_flag_one_writes(
    browse: Callable[..., Page], open_batch: Batch, ben: User
) -> None:
    page = browse(ben)
    begin(page)
    for key in ["4", "1", "f", "2"]:
        page.keyboard.press(key)
    page.locator("#flag-text").fill("Which scale?")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#flag-dialog")).to_be_hidden()
    assert Flag.objects.get().text == "Which scale?"
    assert not Judgment.objects.exists()


def test_a_formula_never_falls_to_a_text_font() -> None:
    """A text font without √ would draw nothing: `math` stands before any."""
    rules = Path("static/css/judging.css").read_text(encoding="utf-8")
    [fonts] = re.findall(r"\.out math \{[^}]*font-family: ([^;]+);", rules)
    assert fonts.endswith('"Noto Sans Math", math, var(--read)')
