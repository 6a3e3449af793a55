"""Judging in a real browser: by key, with drafts, through trouble, without a script."""

from __future__ import annotations

import re
from collections.abc import Callable
from time import monotonic, sleep
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, Route, expect

from accounts.models import User
from annotation.models import Answer, Assignment, Batch, Judgment, Skip
from tests.browser.conftest import DESKTOP, NARROWEST, PHONE
from tests.conftest import PASSWORD

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SAVED = re.compile(r"Saved\s+\d\d:\d\d:\d\d")


def begin(page: Page, left: str = "left") -> None:
    """From home to the first item; its script has begun when it says what is left."""
    page.goto("/")
    page.get_by_role("button", name=re.compile("Start|Resume")).first.click()
    expect(page.locator("#judge")).to_be_visible()
    expect(page.locator("#left")).to_contain_text(left)


def heading(page: Page) -> Any:
    return page.locator("#item-heading")


def values(judgment: Judgment) -> dict[str, str]:
    rows = Answer.objects.filter(judgment=judgment).select_related("criterion", "level")
    return {row.criterion.key: row.level.value for row in rows if row.level}


def wait_for(question: Callable[[], object]) -> None:
    """Until the server has it; the screen may not say so a second time."""
    end = monotonic() + 5
    while not question():
        assert monotonic() < end
        sleep(0.05)


def drop(route: Route) -> None:
    route.abort("connectionfailed")


def test_an_item_is_scored_with_the_keyboard_alone(
    browse: Callable[..., Page], open_batch: Batch, ben: User
) -> None:
    page = browse(ben)
    page.goto("/")
    page.keyboard.press("Enter")
    expect(heading(page)).to_have_text("Item 1 of 12")
    expect(page.locator("#left")).to_have_text("2 answers left")

    page.keyboard.press("4")
    expect(page.locator("#criterion-fluent")).to_have_class(re.compile("--current"))
    page.keyboard.press("1")
    expect(page.locator("#left")).to_have_text("Ready to submit")
    page.keyboard.press("Control+Enter")

    expect(heading(page)).to_have_text("Item 2 of 12")
    expect(heading(page)).to_be_focused()
    judgment = Judgment.objects.get(assignment__annotator=ben)
    assert values(judgment) == {"accuracy": "4", "fluent": "true"}
    assert judgment.elapsed_ms is not None
    kept = page.evaluate("Object.keys(localStorage)")
    assert not [name for name in kept if name.startswith("touchstone:draft:")]


def test_a_pair_is_judged_by_one_key(
    browse: Callable[..., Page], pair_batch: Batch, ben: User
) -> None:
    page = browse(ben)
    begin(page)
    page.keyboard.press("a")
    page.keyboard.press("Control+Enter")
    expect(heading(page)).to_have_text("Item 2 of 6")

    judgment = Judgment.objects.get(assignment__annotator=ben)
    left = judgment.assignment.side_order[0]
    assert values(judgment) == {"overall": ["first", "second"][left]}


def test_both_kinds_of_question_are_answered_side_by_side(
    browse: Callable[..., Page], mixed_batch: Batch, ben: User
) -> None:
    page = browse(ben)
    begin(page)
    for key in ["5", "2", "x", "Enter"]:
        page.keyboard.press(key)
    expect(heading(page)).to_have_text("Item 2 of 6")

    judgment = Judgment.objects.get(assignment__annotator=ben)
    scores = {a.output_id: a.level.value for a in judgment.answers.all() if a.output_id}
    outputs = judgment.assignment.unit.unit_outputs.order_by("position")
    shown = [outputs[place].output_id for place in judgment.assignment.side_order]
    assert [scores[output] for output in shown] == ["5", "2"]
    assert values(judgment)["overall"] == "both_bad"


def test_enter_leads_to_what_is_missing(
    browse: Callable[..., Page], open_batch: Batch, ben: User
) -> None:
    page = browse(ben)
    begin(page)
    page.keyboard.press("j")
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    expect(page.locator("#criterion-accuracy")).to_be_focused()
    assert not Judgment.objects.exists()


def test_a_draft_survives_a_reload(
    browse: Callable[..., Page], open_batch: Batch, ben: User
) -> None:
    page = browse(ben)
    begin(page)
    page.keyboard.press("3")
    page.keyboard.press("n")
    page.keyboard.type("Ask the author.")
    expect(page.locator("#savepill")).to_have_text(SAVED)
    wait_for(lambda: Assignment.objects.get(draft_version__gt=0).draft["note"])

    page.reload()
    expect(page.get_by_label("Note to the")).to_have_value("Ask the author.")
    expect(page.locator("[name=answer-accuracy-A][value='3']")).to_be_checked()
    expect(page.locator("#left")).to_have_text("1 answer left")


def test_offline_work_is_kept_and_sent_later(
    browse: Callable[..., Page], open_batch: Batch, ben: User
) -> None:
    page = browse(ben, expect="Failed to load resource")
    begin(page)
    page.context.set_offline(True)
    page.keyboard.press("2")
    expect(page.locator("#savepill")).to_have_text("Offline, kept here")
    assert not Assignment.objects.filter(draft_version__gt=0).exists()

    page.context.set_offline(False)
    expect(page.locator("#savepill")).to_have_text(SAVED)
    saved = Assignment.objects.get(draft_version__gt=0)
    assert saved.draft["answers"] == {"accuracy": {"A": 2}}


def test_work_that_was_never_sent_is_there_when_the_page_opens_again(
    browse: Callable[..., Page], open_batch: Batch, ben: User
) -> None:
    page = browse(ben, expect="Failed to load resource")
    begin(page)
    address = page.url
    page.context.set_offline(True)
    page.keyboard.press("2")
    expect(page.locator("#savepill")).to_have_text("Offline, kept here")
    warnings: list[str] = []
    page.once("dialog", lambda dialog: (warnings.append(dialog.type), dialog.accept()))
    page.goto("about:blank")
    assert warnings == ["beforeunload"]

    page.context.set_offline(False)
    page.goto(address)
    expect(page.locator("[name=answer-accuracy-A][value='2']")).to_be_checked()
    # Sent by the page that was left, once it could, or by the one that was opened.
    expect(page.locator("#savepill")).to_have_text(re.compile("^Saved"))
    assert Assignment.objects.get(draft_version__gt=0).draft["answers"]


def test_two_tabs_are_asked_which_draft_stays(
    browse: Callable[..., Page], open_batch: Batch, ben: User
) -> None:
    page = browse(ben, expect="409")
    begin(page)
    other = page.context.new_page()
    other.goto(page.url)
    other.keyboard.press("5")
    expect(other.locator("#savepill")).to_have_text(SAVED)

    page.keyboard.press("1")
    expect(page.locator("#savepill")).to_have_text("Conflict")
    page.get_by_role("button", name="Keep mine").click()
    expect(page.locator("#savepill")).to_have_text(SAVED)
    saved = Assignment.objects.get(draft_version__gt=0)
    assert saved.draft["answers"] == {"accuracy": {"A": 1}}

    other.keyboard.press("1")  # Fluent; the other tab is the one behind now.
    expect(other.locator("#savepill")).to_have_text("Conflict")
    other.get_by_role("button", name="Reload theirs").click()
    expect(other.locator("[name=answer-accuracy-A][value='1']")).to_be_checked()
    expect(other.locator("[name=answer-fluent-A]:checked")).to_have_count(0)


def test_what_is_refused_stays_on_the_screen(
    browse: Callable[..., Page], open_batch: Batch, ben: User
) -> None:
    page = browse(ben, expect="422")
    begin(page)
    page.keyboard.press("3")
    page.locator("#answer-remark-A").fill("A remark.")
    page.keyboard.press("Control+Enter")

    expect(page.locator("#form-errors")).to_be_focused()
    expect(page.locator("#criterion-fluent .field__errors")).to_be_visible()
    expect(page.locator("[name=answer-accuracy-A][value='3']")).to_be_checked()
    expect(page.locator("#answer-remark-A")).to_have_value("A remark.")
    assert not Judgment.objects.exists()

    page.locator("[name=answer-fluent-A][value=true]").check()
    page.keyboard.press("Control+Enter")
    expect(heading(page)).to_have_text("Item 2 of 12")


@pytest.mark.parametrize("trouble", ["network", "500", "empty"])
def test_a_submission_that_fails_loses_nothing_and_can_be_sent_again(
    browse: Callable[..., Page], open_batch: Batch, ben: User, trouble: str
) -> None:
    replies: dict[str, Callable[[Route], None]] = {
        "network": drop,
        "500": lambda route: route.fulfill(status=500, body="Broken."),
        "empty": lambda route: route.fulfill(status=200, body=""),
    }
    page = browse(ben, expect="htmx:|ERR_CONNECTION_FAILED|Response Status|500")
    begin(page)
    for key in ["4", "1"]:
        page.keyboard.press(key)
    page.locator("#answer-remark-A").fill("Worth keeping.")
    first = page.url
    is_submission = re.compile(r"/assignments/[^/]+/$")
    page.route(is_submission, replies[trouble])
    page.keyboard.press("Control+Enter")

    again = page.get_by_role("button", name="Try again")
    expect(again).to_be_visible()
    expect(page.locator("#answer-remark-A")).to_have_value("Worth keeping.")
    assert page.url == first
    assert not Judgment.objects.exists()

    page.unroute(is_submission)
    again.click()
    expect(heading(page)).to_have_text("Item 2 of 12")
    assert Judgment.objects.count() == 1


def test_who_was_signed_out_signs_in_beside_and_loses_nothing(
    browse: Callable[..., Page], open_batch: Batch, ben: User
) -> None:
    page = browse(ben, expect="403")
    begin(page)
    Session.objects.all().delete()
    page.keyboard.press("4")
    expect(page.locator("#savepill")).to_contain_text("Signed out, kept here")
    page.keyboard.press("1")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("You are signed out")
    expect(page.locator("[name=answer-accuracy-A][value='4']")).to_be_checked()
    assert not Judgment.objects.exists()

    with page.context.expect_page() as opened:
        page.locator("#savepill").get_by_role("link").click()
    door = opened.value
    door.locator("[name=login]").fill(ben.email)
    door.locator("[name=password]").fill(PASSWORD)
    door.get_by_role("button", name="Sign in").click()
    expect(door).to_have_url(re.compile("/$"))

    page.bring_to_front()
    page.keyboard.press("Control+Enter")
    expect(heading(page)).to_have_text("Item 2 of 12")
    assert Judgment.objects.get().assignment.annotator == ben


def test_keys_write_while_one_writes(
    browse: Callable[..., Page], open_batch: Batch, ben: User
) -> None:
    page = browse(ben)
    begin(page)
    page.keyboard.press("n")
    page.keyboard.type("1 s ? x j")
    expect(page.locator("#note")).to_have_value("1 s ? x j")
    expect(page.locator("#judge :checked")).to_have_count(0)
    expect(page.locator("#skip-dialog")).to_be_hidden()

    page.keyboard.press("Escape")
    page.keyboard.press("5")
    expect(page.locator("[name=answer-accuracy-A][value='5']")).to_be_checked()


def test_arrows_move_inside_a_scale_and_do_not_leave_it(
    browse: Callable[..., Page], open_batch: Batch, ben: User
) -> None:
    page = browse(ben)
    begin(page)
    page.locator("[name=answer-accuracy-A][value='2']").check()
    page.keyboard.press("ArrowDown")
    expect(page.locator("[name=answer-accuracy-A][value='3']")).to_be_checked()
    expect(page.locator("#criterion-accuracy")).to_have_class(re.compile("--current"))


def test_a_click_is_not_lost_when_another_question_opens(
    browse: Callable[..., Page], open_batch: Batch, ben: User
) -> None:
    page = browse(ben)
    begin(page)
    place = page.locator("label:has([name=answer-fluent-A][value=true])").bounding_box()
    assert place
    page.mouse.click(place["x"] + 10, place["y"] + 10)
    expect(page.locator("[name=answer-fluent-A][value=true]")).to_be_checked()
    expect(page.locator("#criterion-fluent")).to_have_class(re.compile("--current"))


def test_an_item_is_skipped_with_a_reason_by_key(
    browse: Callable[..., Page], open_batch: Batch, ben: User
) -> None:
    page = browse(ben)
    begin(page)
    page.keyboard.press("s")
    page.keyboard.press("2")
    page.locator("#skip-words").fill("Half is cut off.")
    first = page.url
    page.keyboard.press("Enter")
    expect(page).not_to_have_url(first)
    expect(heading(page)).to_be_visible()
    assert Skip.objects.get().reason == "The item is broken or empty. Half is cut off."


def test_all_of_it_works_without_a_script(
    browse: Callable[..., Page], open_batch: Batch, ben: User
) -> None:
    page = browse(ben, javascript=False, expect="422")
    begin(page, left="")
    page.get_by_role("button", name="Submit").click()
    expect(page.locator("#form-errors")).to_be_visible()
    page.locator("[name=answer-accuracy-A][value='2']").check()
    page.locator("[name=answer-fluent-A][value=false]").check()
    page.locator("#note-box summary").click()
    page.locator("#note").fill("By hand.")
    page.get_by_role("button", name="Submit").click()
    expect(heading(page)).to_have_text("Item 2 of 12")
    judgment = Judgment.objects.get()
    assert values(judgment) == {"accuracy": "2", "fluent": "false"}
    assert judgment.note == "By hand."

    page.get_by_role("button", name="Skip").click()
    page.get_by_label("The item is broken or empty").check()
    page.get_by_role("button", name="Skip and next").click()
    expect(heading(page)).to_be_visible()
    assert Skip.objects.count() == 1


def test_the_end_of_a_batch_says_so(
    browse: Callable[..., Page], open_batch: Batch, ben: User
) -> None:
    page = browse(ben)
    begin(page)
    for number in range(1, 13):
        expect(heading(page)).to_have_text(f"Item {number} of 12")
        expect(page.locator("#left")).to_have_text("2 answers left")
        for key in ["4", "1", "Control+Enter"]:
            page.keyboard.press(key)
    expect(page.get_by_role("heading", level=1)).to_have_text("That is all for now")
    assert Judgment.objects.count() == 12


SCREENS = ["home", "open_batch", "pair_batch", "mixed_batch", "finished"]


@pytest.fixture
def screens(
    open_batch: Batch,
    pair_batch: Batch,
    mixed_batch: Batch,
    ben: User,
    claim: Callable[..., Assignment],
) -> dict[str, str]:
    batches = {
        "open_batch": open_batch,
        "pair_batch": pair_batch,
        "mixed_batch": mixed_batch,
    }
    addresses = {n: claim(ben, b).get_absolute_url() for n, b in batches.items()}
    finished = f"/batches/{open_batch.pk}/finished/"
    return addresses | {"home": "/", "finished": finished}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_no_screen_shuts_anybody_out(
    browse: Callable[..., Page],
    screens: dict[str, str],
    ben: User,
    size: dict[str, int],
    scheme: str,
) -> None:
    page = browse(ben, size=size, scheme=scheme)
    for name in SCREENS:
        page.goto(screens[name])
        faults(page, name)
    page.goto(screens["open_batch"])
    page.get_by_role("button", name="Skip").click()
    faults(page, "skip dialog")


def faults(page: Page, where: str) -> None:
    found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
    assert not found, [(where, v["id"], v["nodes"][0]["html"]) for v in found]


def test_the_narrowest_screen_does_not_scroll_sideways(
    browse: Callable[..., Page], screens: dict[str, str], ben: User
) -> None:
    page = browse(ben, size=NARROWEST)
    for name in SCREENS:
        page.goto(screens[name])
        excess = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert excess <= 0, name
