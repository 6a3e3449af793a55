"""What goes wrong on the way: the text stays, and one sentence says what to do."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, Route, expect

from accounts.models import User
from annotation.models import Assignment, Batch, Judgment
from tests.browser.test_judging import begin, heading
from tests.conftest import PASSWORD

IS_SUBMISSION = re.compile(r"/assignments/[^/]+/$")
NOISE = "htmx:|ERR_|Response Status|Failed to load resource"


@pytest.fixture
def page(browse: Callable[..., Page], open_batch: Batch, ben: User) -> Page:
    """Ben's, an item answered and a remark written."""
    page = browse(ben, expect=NOISE)
    begin(page)
    for key in ["4", "1"]:
        page.keyboard.press(key)
    page.locator("#answer-remark-A").fill("Worth keeping.")
    return page


def nothing_is_lost(page: Page) -> None:
    expect(page.locator("#answer-remark-A")).to_have_value("Worth keeping.")
    expect(page.locator("[name=answer-accuracy-A][value='4']")).to_be_checked()
    assert not Judgment.objects.exists()


TROUBLES: dict[str, tuple[dict[str, object] | None, str]] = {
    "network": (None, "Touchstone cannot be reached."),
    "500": ({"status": 500, "body": "Broken."}, "Something went wrong on our side."),
    "502": ({"status": 502, "body": "<h1>Bad gateway"}, "restarting or too busy"),
    "504": ({"status": 504, "body": "<h1>Timeout"}, "restarting or too busy"),
    "429": ({"status": 429, "body": ""}, "too many requests"),
    "empty": ({"status": 200, "body": ""}, "no page of Touchstone's"),
    "a proxy's page": (
        {"status": 200, "body": "<h1>Sign in to the hotel's network</h1>"},
        "no page of Touchstone's",
    ),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_failed_submission_says_what_happened_and_is_sent_again_by_key(
    page: Page, trouble: str
) -> None:
    answer, sentence = TROUBLES[trouble]

    def fail(route: Route) -> None:
        if answer is None:
            route.abort("connectionfailed")
        else:
            route.fulfill(**answer)  # type: ignore[arg-type]

    first = page.url
    page.route(IS_SUBMISSION, fail)
    page.keyboard.press("Control+Enter")
    alert = page.locator("#trouble")
    expect(alert).to_contain_text(sentence)
    expect(alert).to_contain_text("What you entered is still on this page.")
    nothing_is_lost(page)
    assert page.url == first

    page.unroute(IS_SUBMISSION)
    alert.get_by_role("button", name="Try again").focus()
    page.keyboard.press("Enter")
    expect(heading(page)).to_have_text("Item 2 of 12")
    expect(heading(page)).to_be_focused()
    expect(alert).to_be_hidden()
    assert Judgment.objects.count() == 1


def test_an_answer_that_was_lost_on_the_way_counts_once(page: Page) -> None:
    def lose(route: Route) -> None:
        route.fetch()
        route.abort("connectionreset")

    page.route(IS_SUBMISSION, lose)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#trouble")).to_be_visible()
    expect(page.locator("#answer-remark-A")).to_have_value("Worth keeping.")
    page.unroute(IS_SUBMISSION)
    page.keyboard.press("Control+Enter")
    expect(heading(page)).to_have_text("Item 2 of 12")
    assert Judgment.objects.count() == 1


def test_what_takes_long_says_so_and_can_be_sent_again(
    browse: Callable[..., Page], open_batch: Batch, ben: User
) -> None:
    page = browse(ben, expect=NOISE)
    page.clock.install()
    begin(page)
    for key in ["4", "1"]:
        page.keyboard.press(key)
    waiting: list[Route] = []
    page.route(IS_SUBMISSION, lambda route: waiting.append(route), times=1)
    page.keyboard.press("Control+Enter")
    busy = page.locator("#busy")
    page.clock.run_for(300)
    expect(busy).to_be_hidden()
    page.clock.run_for(200)
    expect(busy).to_be_visible()
    expect(busy).not_to_contain_text("working")
    page.clock.run_for(4_000)
    expect(busy).to_contain_text("Still working…")
    page.clock.run_for(6_000)
    expect(page.locator("#trouble")).to_contain_text("This takes longer than usual")
    expect(page.locator("[name=answer-accuracy-A][value='4']")).to_be_checked()

    page.get_by_role("button", name="Try again").click()
    expect(heading(page)).to_have_text("Item 2 of 12")
    expect(busy).to_be_hidden()
    assert Judgment.objects.count() == 1


def test_what_was_refused_and_mended_says_so_no_more(
    browse: Callable[..., Page], open_batch: Batch, ben: User
) -> None:
    page = browse(ben, expect=NOISE)
    begin(page)
    page.keyboard.press("3")
    page.keyboard.press("Control+Enter")
    banner = page.locator("#form-errors")
    expect(banner).to_be_focused()
    expect(page.locator("#criterion-fluent")).to_have_class(re.compile("--error"))

    page.locator("[name=answer-fluent-A][value=true]").check()
    expect(banner).to_have_count(0)
    expect(page.locator("#criterion-fluent")).not_to_have_class(re.compile("--error"))
    expect(page.locator(".field__errors")).to_have_count(0)
    expect(page.locator("#busy")).to_be_hidden()
    page.keyboard.press("Control+Enter")
    expect(heading(page)).to_have_text("Item 2 of 12")


def test_another_judgment_in_another_tab_is_shown_and_nothing_is_overwritten(
    page: Page,
) -> None:
    other = page.context.new_page()
    other.goto(page.url)
    other.locator("[name=answer-accuracy-A][value='2']").check()
    other.locator("[name=answer-fluent-A][value=false]").check()
    other.get_by_role("button", name="Submit and next").click()
    expect(heading(other)).to_have_text("Item 2 of 12")

    page.bring_to_front()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert").first).to_contain_text("another judgment")
    expect(page.locator("#answer-remark-A")).to_have_value("Worth keeping.")
    assert Judgment.objects.current().get().number == 1
    page.get_by_role("button", name="Submit again").click()
    expect(heading(page)).to_have_text("Item 2 of 12")
    assert Judgment.objects.current().get().number == 2


def test_a_batch_that_was_archived_meanwhile_says_so(
    page: Page, open_batch: Batch
) -> None:
    Batch.objects.filter(pk=open_batch.pk).update(state="archived")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert").first).to_contain_text("archived")
    nothing_is_lost(page)


def test_who_was_signed_out_submits_again_with_one_button(
    page: Page, ben: User
) -> None:
    Session.objects.all().delete()
    page.keyboard.press("Control+Enter")
    notice = page.locator("#notice")
    expect(notice).to_contain_text("You are signed out")
    nothing_is_lost(page)
    with page.context.expect_page() as opened:
        notice.get_by_role("link", name="Sign in in a new tab").click()
    door = opened.value
    door.locator("[name=login]").fill(ben.email)
    door.locator("[name=password]").fill(PASSWORD)
    door.get_by_role("button", name="Sign in").click()
    expect(door).to_have_url(re.compile("/$"))

    page.bring_to_front()
    notice.get_by_role("button", name="Submit again").click()
    expect(heading(page)).to_have_text("Item 2 of 12")
    assert Judgment.objects.count() == 1


def test_typing_without_a_pause_is_saved_as_it_goes(
    browse: Callable[..., Page], open_batch: Batch, ben: User
) -> None:
    page = browse(ben)
    page.clock.install()
    begin(page)
    page.locator("#answer-remark-A").focus()
    with page.expect_response(lambda reply: "/draft/" in reply.url):
        for letter in "never a pause":
            page.keyboard.type(letter)
            page.clock.run_for(300)  # Less than the pause that would send it.
    assert Assignment.objects.filter(draft_version__gt=0).exists()
