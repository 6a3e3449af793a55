"""Questions that hang on another's answer, in a real browser."""

from __future__ import annotations

from collections.abc import Callable

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from accounts.models import User
from annotation.models import Answer, Assignment, Batch, Dataset
from rubrics.models import RubricVersion
from tests.annotation.test_conditions import chained, gated_pairs
from tests.browser.conftest import NARROWEST
from tests.browser.test_judging import RULES, wait_for

__all__ = ["chained", "gated_pairs"]


def seen(page: Page) -> list[str]:
    """The keys of the questions that are on the screen."""
    script = """all => all.filter((one) => one.checkVisibility())
        .map((one) => one.dataset.control)"""
    found: list[str] = page.locator("[data-control]").evaluate_all(script)
    return [name.removeprefix("answer-") for name in found]


def test_a_question_comes_and_goes_with_the_answer_that_opens_it(
    browse: Callable[..., Page],
    make_batch: Callable[..., Batch],
    dataset: Dataset,
    chained: RubricVersion,
    claim: Callable[..., Assignment],
    ben: User,
) -> None:
    mine = claim(ben, make_batch(dataset, chained))
    page = browse(ben)
    page.goto(mine.get_absolute_url())
    left = page.locator("#left")
    expect(left).to_have_text("1 answer left")
    assert seen(page) == ["answered-A"]

    page.keyboard.press("1")  # Yes: the next question is there, and is the current one.
    expect(left).to_have_text("1 answer left")
    assert seen(page) == ["answered-A", "well-A"]
    expect(page.get_by_text("1 more question", exact=True)).to_be_attached()
    page.keyboard.press("2")
    page.keyboard.press("2")
    assert seen(page) == ["answered-A", "well-A", "flaws-A", "rude-A"]
    found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
    assert [one["id"] for one in found] == []

    rude = page.get_by_role("spinbutton", name="How rude?")
    rude.fill("4")
    page.locator("#answer-answered-A-2").check()
    expect(left).to_have_text("Ready to submit")
    assert seen(page) == ["answered-A"]
    page.locator("#answer-answered-A-1").check()
    expect(rude).to_have_value("4")  # It was only away.

    page.locator("#criterion-answered").focus()
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    wait_for(Answer.objects.exists)
    assert Answer.objects.get().criterion.key == "answered"


def test_of_a_pair_each_side_is_asked_by_its_own_answer(
    browse: Callable[..., Page],
    make_batch: Callable[..., Batch],
    dataset: Dataset,
    gated_pairs: RubricVersion,
    claim: Callable[..., Assignment],
    ben: User,
) -> None:
    mine = claim(ben, make_batch(dataset, gated_pairs, layout="pairwise"))
    page = browse(ben, size=NARROWEST)
    page.goto(mine.get_absolute_url())
    expect(page.locator("#left")).to_have_text("3 answers left")
    assert seen(page) == ["answered-A", "answered-B", "alike"]
    page.locator("#answer-answered-B-1").check()
    page.locator("#answer-alike-2").check()
    assert seen(page) == [
        *("each-A", "each-B", "answered-A", "answered-B", "well-B", "alike"),
    ]
    page.locator("#answer-alike-1").check()
    assert seen(page) == ["answered-A", "answered-B", "well-B", "alike", "better"]


def test_without_a_script_every_question_is_there_and_says_when(
    browse: Callable[..., Page],
    make_batch: Callable[..., Batch],
    dataset: Dataset,
    chained: RubricVersion,
    claim: Callable[..., Assignment],
    ben: User,
) -> None:
    mine = claim(ben, make_batch(dataset, chained))
    page = browse(ben, javascript=False)
    page.goto(mine.get_absolute_url())
    well = page.get_by_role("group", name="How well?")
    expect(well).to_contain_text("Only when “Does it answer?” is Yes.")
    page.locator("#answer-well-A-3").check()
    page.locator("#answer-answered-A-2").check()
    page.get_by_role("button", name="Submit and next").click()
    expect(page.get_by_text("Item 2 of")).to_be_visible()
    assert Answer.objects.get().criterion.key == "answered"
