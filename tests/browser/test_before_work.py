"""The whole road before the work in a real browser: by keyboard, and with no script."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from accounts.models import User
from annotation.actions.calibration import Round, move_calibration
from annotation.models import Assignment, Batch, CalibrationComment, Judgment
from tests.annotation.before_work import RIGHT, WRONG, judge, training
from tests.browser.conftest import DESKTOP, NARROWEST, PHONE

pytestmark = pytest.mark.django_db(transaction=True)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture
def batch(make_batch: Any, dataset: Any, rubric_version: Any) -> Batch:
    """Three training items (one may be wrong), two to calibrate, seven of work."""
    made: Batch = make_batch(
        dataset,
        rubric_version,
        newcomers=True,
        name="Parcel answers",
        guidelines="# Judge the answer\n\nRead the **notes** first.",
        training=training(3, pass_mark=0.6),
        calibration=Round(2),
    )
    return made


def heading(page: Page) -> Any:
    return page.get_by_role("heading", level=1)


def answer(page: Page, *keys: str) -> None:
    """A digit for each criterion, then submit; the script has begun when it says so."""
    expect(page.locator("#left")).to_have_text("2 answers left")
    for key in keys:
        page.keyboard.press(key)
    page.keyboard.press("Control+Enter")


def begin(page: Page, key: str = "Enter") -> None:
    page.goto("/")
    with page.expect_navigation(wait_until="load"):
        page.keyboard.press(key)


def on(page: Page) -> None:
    """Enter presses the one button that has the focus."""
    expect(page.locator(".before__go .btn").first).to_be_focused()
    with page.expect_navigation(wait_until="load"):
        page.keyboard.press("Enter")


def test_from_guidelines_to_the_pool_with_the_keyboard_alone(
    browse: Callable[..., Page], batch: Batch, ada: User, ben: User, cleo: User
) -> None:
    page = browse(ben)
    begin(page)
    expect(heading(page)).to_have_text("Parcel answers")
    expect(page.get_by_role("heading", name="Judge the answer")).to_be_visible()
    on(page)

    for number, keys in enumerate([("4", "1"), ("1", "2"), ("4", "1")], start=1):
        expect(heading(page)).to_have_text(f"Training item {number} of 3")
        answer(page, *keys)
        wrong = number == 2
        expect(heading(page)).to_have_text("Not as we see it" if wrong else "All right")
        on(page)
    expect(heading(page)).to_have_text("Training passed")
    on(page)

    for number in (1, 2):
        expect(heading(page)).to_have_text(f"Calibration item {number} of 2")
        answer(page, "5", "1")
    expect(heading(page)).to_have_text("Waiting for the others")

    for _ in range(3):
        judge(cleo, batch, RIGHT)
    for _ in range(2):
        judge(cleo, batch, WRONG)
    move_calibration(batch=batch, to="discussion", by=ada)
    on(page)
    expect(heading(page)).to_have_text("How far apart we are")
    expect(page.get_by_role("img", name="1: 1")).to_have_count(2)
    comment = page.get_by_label("Your comment on item 1")
    while not comment.evaluate("field => field === document.activeElement"):
        page.keyboard.press("Shift+Tab")
    page.keyboard.type("The notes say otherwise.")
    page.keyboard.press("Tab")
    with page.expect_navigation(wait_until="load"):
        page.keyboard.press("Enter")
    expect(page.get_by_text("The notes say otherwise.")).to_be_visible()
    assert CalibrationComment.objects.get().author == ben

    move_calibration(batch=batch, to="closed", by=ada)
    begin(page)
    expect(heading(page)).to_have_text(re.compile(r"Item 1 of "))
    answer(page, "3", "1")
    expect(heading(page)).to_have_text(re.compile(r"Item 2 of "))
    assert Judgment.objects.filter(assignment__annotator=ben).count() == 6


def test_the_same_road_without_a_script(
    browse: Callable[..., Page], batch: Batch, ada: User, ben: User, cleo: User
) -> None:
    page = browse(ben, javascript=False)
    page.goto("/")
    page.get_by_role("button", name="Start").first.click()
    page.get_by_role("button", name="Start").click()
    for number in range(1, 4):
        expect(heading(page)).to_have_text(f"Training item {number} of 3")
        choose(page, "2" if number == 2 else "4")
        page.get_by_role("button", name="Check my answer").click()
        if number < 3:
            page.get_by_role("button", name="Next").click()
    page.get_by_role("link", name="See the result").click()
    expect(heading(page)).to_have_text("Training passed")
    page.get_by_role("button", name="Begin the work").click()
    for _ in range(2):
        expect(heading(page)).to_have_text(re.compile("Calibration item"))
        choose(page, "5")
        page.get_by_role("button", name="Submit and next").click()
    expect(heading(page)).to_have_text("Waiting for the others")

    for _ in range(5):
        judge(cleo, batch, RIGHT)
    manager = browse(ada, javascript=False)
    manager.goto(batch.get_absolute_url())
    manager.get_by_role("link", name="See the round").click()
    manager.get_by_role("button", name="Open the discussion").click()
    manager.get_by_label("Your comment on item 2").fill("Look at the anchors.")
    manager.get_by_role("button", name="Add the comment").last.click()
    page.get_by_role("link", name="Look again").click()
    expect(page.get_by_text("Look at the anchors.")).to_be_visible()
    manager.get_by_role("button", name="Close the round").click()
    page.reload()
    page.get_by_role("button", name="On to the work").click()
    expect(heading(page)).to_have_text(re.compile(r"Item 1 of "))


def choose(page: Page, accuracy: str) -> None:
    page.locator(f"[name=answer-accuracy-A][value='{accuracy}']").check()
    page.locator("[name=answer-fluent-A][value='true']").check()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, NARROWEST], ids=["desktop", "narrowest"])
def test_every_screen_before_the_work_is_accessible(
    browse: Callable[..., Page],
    batch: Batch,
    staged_draft: Batch,
    ada: User,
    ben: User,
    cleo: User,
    scheme: str,
    size: dict[str, int],
) -> None:
    page = browse(ben, scheme=scheme, size=size)
    look(page, f"/batches/{batch.pk}/welcome/")
    judge(ben, batch, WRONG)
    trained = Assignment.objects.get(annotator=ben, state="submitted")
    look(page, f"/assignments/{trained.pk}/feedback/")
    judge(ben, batch)
    judge(ben, batch)
    look(page, f"/batches/{batch.pk}/training/")
    for _ in range(5):
        judge(cleo, batch)
    judge(ben, batch)
    judge(ben, batch, WRONG)
    look(page, f"/batches/{batch.pk}/calibration/")
    move_calibration(batch=batch, to="discussion", by=ada)
    look(page, f"/batches/{batch.pk}/calibration/")

    manager = browse(ada, scheme=scheme, size=size)
    look(manager, f"/batches/{batch.pk}/")
    look(manager, f"/batches/{batch.pk}/calibration/")
    look(manager, f"/batches/{batch.pk}/guidelines/")
    look(manager, f"/batches/{staged_draft.pk}/training/items/")
    item = staged_draft.units.get(kind="training")
    look(manager, f"/training-items/{item.pk}/")


def look(page: Page, address: str) -> None:
    page.goto(address)
    found = Axe().run(page, options={"runOnly": RULES})
    assert found.violations_count == 0, f"{address}: {found.generate_report()}"
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide, f"{address} scrolls sideways"


def test_on_a_phone_the_button_stays_in_sight(
    browse: Callable[..., Page], batch: Batch, ben: User
) -> None:
    page = browse(ben, size=PHONE)
    page.goto(f"/batches/{batch.pk}/welcome/")
    expect(page.get_by_role("button", name="Start")).to_be_in_viewport()
    assert page.evaluate("scrollY") == 0
