"""Content on the judging screens in a real browser: long, deep, hostile, searched."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from annotation.actions.datasets import create_dataset
from annotation.actions.importing import import_outputs
from annotation.importing.readers import Row
from annotation.models import Batch
from tests.annotation.test_content import PAYLOADS, long_text
from tests.browser import test_judging

WORDS = long_text(1_000)  # 100,000 words.
CHAT = [
    {"role": "user" if n % 2 else "assistant", "content": f"This is **turn {n}**."}
    for n in range(1, 201)
]
JSON = json.dumps({"rows": [{"id": n, "name": "x"} for n in range(1_250)]}, indent=1)
DOCUMENTS = [
    {
        "title": f"Document {n}",
        "content": "## About it\n\nA paragraph of the context.\n\n" * 40
        + ("A refund is paid within 30 days." if n in (7, 33) else ""),
    }
    for n in range(1, 51)
]
REFUND = {
    "title": "Terms",
    "content": "Keep it.\n\nRefunds take 30 days, with a receipt.",
}


@pytest.fixture
def batch_of(
    project: Any,
    ada: User,
    make_batch: Callable[..., Batch],
    rubric_version: Any,
    pairwise_version: Any,
) -> Callable[..., Batch]:
    """batch_of(outputs, input=…, context=…): one item; a pair if it has two outputs."""

    def make(outputs: list[Any], **item: Any) -> Batch:
        dataset = create_dataset(project=project, name="Content", by=ada)
        written = {
            "id": "one",
            "input": "What is it?",
            **item,
            "outputs": [
                {"id": f"one/{n}", "system": f"system-{n}", "content": content}
                for n, content in enumerate(outputs)
            ],
        }
        import_outputs(dataset=dataset, rows=[Row(1, written)], by=ada, source="x")
        is_pair = len(outputs) == 2
        batch = make_batch(
            dataset,
            pairwise_version if is_pair else rubric_version,
            layout="pairwise" if is_pair else "scoring",
        )
        batch.members.update(guidelines_read_at=timezone.now())
        return batch

    return make


def begin(page: Page, left: str = "left") -> None:
    """To the first item; the specimen's script has begun when it gives its keys."""
    test_judging.begin(page, left)
    expect(page.locator("[data-look][data-press=v]")).to_be_visible()


def nodes(page: Page) -> int:
    return int(page.evaluate("document.querySelectorAll('*').length"))


def out(page: Page) -> Any:
    return page.locator(".out[data-of=A]").first


def answers_to_keys(page: Page) -> None:
    """The screen works: a key scores, another moves on."""
    page.keyboard.press("4")
    expect(page.locator("#left")).to_have_text("1 answer left")


def test_an_output_of_100_000_words_is_folded_and_read_to_its_end(
    browse, batch_of, ben
):
    batch_of([WORDS])
    page = browse(ben)
    begin(page)
    expect(page.locator(".folded")).to_contain_text(
        "104,000 words; the first 2,080 are"
    )
    assert nodes(page) < 1_500
    answers_to_keys(page)

    page.get_by_role("link", name="Show all").click()
    end = page.get_by_role("heading", name="Part 999", exact=True)
    expect(end).to_be_attached(timeout=30_000)
    expect(page.locator(".folded")).to_have_count(0)
    page.keyboard.press("1")
    expect(page.locator("#left")).to_have_text("Ready to submit")


def test_the_outline_leads_into_parts_that_are_not_here_yet(browse, batch_of, ben):
    batch_of([WORDS])
    page = browse(ben)
    begin(page)
    page.get_by_text("Outline").click()
    page.get_by_role("button", name="Part 150", exact=True).click()
    heading = page.get_by_role("heading", name="Part 150", exact=True)
    expect(heading).to_be_focused()
    expect(heading).to_be_in_viewport()


def test_a_conversation_of_200_turns_shows_its_ends(browse, batch_of, ben):
    batch_of(["Yes."], input=CHAT)
    page = browse(ben)
    begin(page)
    prompt = page.locator(".prompt")
    expect(prompt).to_contain_text("turn 200")
    expect(prompt).not_to_contain_text("turn 100")
    assert nodes(page) < 700
    page.get_by_text("Turns 83 to 122").click()
    expect(prompt).to_contain_text("turn 100")
    answers_to_keys(page)


def test_a_json_of_5_000_lines_opens_row_by_row(browse, batch_of, ben):
    batch_of([JSON])
    page = browse(ben)
    begin(page)
    assert nodes(page) < 4_000
    page.get_by_text("1001–1200").click()
    expect(out(page)).to_contain_text("id: 1100")
    answers_to_keys(page)


def test_in_50_documents_the_words_of_a_claim_are_found(browse, batch_of, ben):
    batch_of(["You get a refund within 30 days."], context=DOCUMENTS)
    page = browse(ben)
    begin(page)
    expect(page.locator("details.context")).to_have_count(50)
    assert nodes(page) < 1_500

    page.locator(".out[data-of=A] p").click(click_count=3)
    page.keyboard.press("c")
    said = page.locator(".find__said")
    expect(said).to_contain_text("in 2 documents, the best first.")
    opened = page.locator("details.context[open] > summary > bdi")
    expect(opened).to_have_text(["Document 7", "Document 33"])
    expect(page.locator("mark.here")).to_have_text("refund")
    expect(page.locator("mark.here")).to_be_in_viewport()

    page.get_by_role("button", name="Next", exact=True).click()
    expect(page.locator("mark.here")).to_have_text("30")
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("mark")).to_have_count(0)
    expect(page.locator("details.context")).to_have_count(50)
    page.get_by_text("Document 50", exact=True).click()
    expect(page.locator("#context-50")).to_contain_text("A paragraph of the context.")
    answers_to_keys(page)


def test_find_in_context_with_the_keyboard_alone(browse, batch_of, ben):
    batch_of(["Yes."], context=[REFUND])
    page = browse(ben)
    begin(page)
    page.keyboard.press("c")
    expect(page.locator("[data-find]")).to_be_focused()
    page.keyboard.type("the refund of 30 days")
    page.keyboard.press("Enter")
    expect(page.locator("mark.here")).to_have_text("Refunds")
    page.keyboard.press("Enter")
    expect(page.locator("mark.here")).to_have_text("30")
    page.keyboard.press("Shift+Enter")
    expect(page.locator("mark.here")).to_have_text("Refunds")
    page.keyboard.press("Escape")
    expect(page.locator("mark")).to_have_count(0)
    answers_to_keys(page)


def test_raw_text_and_back_by_key(browse, batch_of, ben):
    batch_of(["# Title\n\n**bold**"])
    page = browse(ben)
    begin(page)
    raw = page.locator("[data-view-of=A]")
    page.keyboard.press("v")
    expect(raw).to_contain_text("# Title")
    expect(out(page)).to_be_hidden()
    expect(page.get_by_role("button", name="Raw")).to_have_attribute(
        "aria-pressed", "true"
    )
    page.keyboard.press("v")
    expect(raw).to_have_count(0)
    expect(out(page)).to_contain_text("Title")


def test_differences_by_key_and_both_sides_alike(browse, batch_of, ben):
    batch_of(["The quick brown fox.", "The slow brown fox."])
    page = browse(ben)
    begin(page, "answer")
    page.keyboard.press("d")
    expect(page.locator("[data-view-of=A] del")).to_have_count(1)
    expect(page.locator("[data-view-of=B] ins")).to_have_count(1)
    page.keyboard.press("v")
    expect(page.locator("del, ins")).to_have_count(0)
    expect(page.locator("[data-view-of=A] pre")).to_be_visible()
    page.keyboard.press("d")
    page.keyboard.press("d")
    expect(page.locator("[data-view-of]")).to_have_count(0)
    widths = page.evaluate(
        "[...document.querySelectorAll('.duo > .specimen')].map((p) => p.offsetWidth)"
    )
    assert abs(widths[0] - widths[1]) <= 1


def test_both_sides_scroll_together_until_it_is_switched_off(browse, batch_of, ben):
    batch_of([long_text(10), long_text(15)])
    page = browse(ben)
    begin(page, "answer")
    tops = "[...document.querySelectorAll('.duo > .specimen')].map((p) => p.scrollTop)"
    end = "document.getElementById('pane-A').scrollTo(0, 1e6)"
    page.evaluate(end)
    page.wait_for_function(
        "() => { const pane = document.getElementById('pane-B');"
        " return pane.scrollTop + pane.clientHeight >= pane.scrollHeight - 2; }"
    )
    page.keyboard.press("y")
    together = page.get_by_role("button", name="Scroll together")
    expect(together).to_have_attribute("aria-pressed", "false")
    before = page.evaluate(tops)[1]
    page.evaluate("document.getElementById('pane-A').scrollTo(0, 0)")
    page.wait_for_timeout(100)
    assert page.evaluate(tops)[1] == before
    page.reload()
    expect(together).to_have_attribute("aria-pressed", "false")


def test_without_scripts_each_view_opens_in_a_tab_of_its_own(browse, batch_of, ben):
    batch_of([WORDS, "# Short"], context=DOCUMENTS)
    page = browse(ben, javascript=False)
    page.goto("/")
    page.get_by_role("button", name=re.compile("Start")).first.click()
    tabs = page.context

    with tabs.expect_page() as opened:
        page.get_by_role("button", name="Raw").click()
    expect(opened.value.locator("pre", has_text="# Short")).to_have_count(1)
    with tabs.expect_page() as opened:
        page.get_by_role("button", name="Differences").click()
    expect(opened.value.locator("ins, del").first).to_be_visible()
    with tabs.expect_page() as opened:
        page.get_by_role("link", name="Show all").click()
    expect(
        opened.value.get_by_role("heading", name="Part 999", exact=True)
    ).to_be_attached()
    page.locator("#prompt > summary").click()
    with tabs.expect_page() as opened:
        page.locator("[data-find]").fill("refund")
        page.get_by_role("button", name="Find").click()
    expect(opened.value.locator("mark")).to_have_count(2)
    expect(page.locator("#judge")).to_be_visible()


def test_hostile_content_runs_nothing_in_any_view(browse, batch_of, ben):
    every = "\n\n".join(PAYLOADS).replace("\x00", "")
    chat = [
        {"role": "assistant", "content": text.replace("\x00", "")} for text in PAYLOADS
    ]
    batch_of(
        [every, json.dumps({text: text for text in PAYLOADS}).replace("\\u0000", "")],
        input=chat,
        context=[{"title": PAYLOADS[0], "content": every}],
        reference=every,
    )
    page = browse(ben)
    asked: list[str] = []
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: asked.append(request.url))
    begin(page, "answer")
    for key in ("v", "d", "r", "v", "v"):
        page.keyboard.press(key)
        page.wait_for_timeout(150)
    for details in page.locator("#prompt details:not([open]) > summary").all():
        if details.is_visible():
            details.click()
    page.wait_for_timeout(300)
    assert dialogs == []
    assert [url for url in asked if "evil" in url or "canary" in url] == []
    assert (
        page.locator("#judge form, #judge script, #judge iframe, .out img").count() == 0
    )
