"""Ranking and evidence in a real browser: by key, by pointer, and what is stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from accounts.models import Project, User
from annotation.actions.datasets import create_dataset
from annotation.actions.importing import import_outputs
from annotation.importing.readers import Row
from annotation.models import Answer, Assignment, Batch, Span
from tests.browser.conftest import DESKTOP, NARROWEST, PHONE
from tests.browser.test_judging import RULES, wait_for
from tests.rubrics.fixtures import published

TEXT = """Yes, within **30 days** 🎉, if it is *unused*. مرحبا **بالعالم** كله.

1. Open `Orders` and choose Return.
2. Print the label; it is free.

```py
total = price * 2
```
"""
TRUE = {
    "key": "true",
    "question": "Is it true?",
    "scale": {"kind": "binary"},
    "evidence": "required",
}
SAFE = {
    "key": "safe",
    "question": "Is it safe?",
    "scale": {"kind": "binary"},
    "required": False,
    "evidence": "optional",
}
ORDER = {"key": "order", "question": "In which order?", "scale": {"kind": "ranking"}}


@pytest.fixture
def assign(
    project: Project,
    ada: User,
    ben: User,
    make_batch: Callable[..., Batch],
    claim: Callable[..., Assignment],
) -> Callable[..., Assignment]:
    """assign("ranking", [ORDER], 4): Ben's unit with so many outputs of one item."""

    def make(layout: str, criteria: list[dict[str, Any]], count: int) -> Assignment:
        dataset = create_dataset(project=project, name="Returns", by=ada)
        outputs = [
            {"id": f"q/{name}", "system": name, "content": TEXT}
            for name in "stuvwx"[:count]
        ]
        row = {"id": "q", "input": "May I return it?", "outputs": outputs}
        import_outputs(dataset=dataset, rows=[Row(1, row)], by=ada, source="r.jsonl")
        version = published(project, ada, "Rubric", criteria)
        return claim(ben, make_batch(dataset, version, layout=layout))

    return make


def enter(page: Page, assignment: Assignment) -> None:
    page.goto(assignment.get_absolute_url())
    expect(page.locator("#left")).to_contain_text("left")


def order(page: Page) -> str:
    """The row as it is seen: "1B 2A =C –D"."""
    rows = page.locator(".rank")
    return " ".join(
        rows.nth(place).locator(".rank__place").inner_text()
        + str(rows.nth(place).get_attribute("data-side"))
        for place in range(rows.count())
    )


def places(page: Page) -> str:
    script = "all => all.map((one) => one.dataset.side + one.value).join(' ')"
    return str(page.locator("[data-ranking] select").evaluate_all(script))


def focus(page: Page, side: str) -> None:
    page.locator(f".rank[data-side={side}] .rank__side").focus()


# --- Ranking --------------------------------------------------------------------------


def test_a_ranking_is_made_with_the_keyboard_alone(
    browse: Callable[..., Page], assign: Callable[..., Assignment], ben: User
) -> None:
    assignment = assign("ranking", [ORDER], 4)
    page = browse(ben)
    enter(page, assignment)
    expect(page.locator(".rank")).to_have_count(4)
    page.keyboard.press("Enter")
    expect(page.locator(".rank[data-side=A] .rank__side")).to_be_focused()

    page.keyboard.press("3")
    assert order(page) == "3A –B –C –D"
    for side, digit, shown in [
        ("B", "2", "2B 3A –C –D"),
        ("D", "1", "1D 2B 3A –C"),
        ("C", "]", "1D 2B 3A 4C"),
        ("A", "4", "1D 2B 3C 4A"),
        ("A", "1", "1A 2D 3B 4C"),
        ("B", "[", "1A 2B 3D 4C"),
        ("B", "]", "1A 2D 3B 4C"),
        ("B", "=", "1A 2B =D 3C"),
        ("B", "=", "1A 2D 3B 4C"),
        ("C", "Alt+ArrowUp", "1A 2D 3C 4B"),
        ("A", "Alt+ArrowDown", "1D 2A 3C 4B"),
        ("C", "=", "1D 2A =C 3B"),
    ]:
        focus(page, side)
        page.keyboard.press(digit)
        assert order(page) == shown
        expect(page.locator(f".rank[data-side={side}] .rank__side")).to_be_focused()
    status = page.locator("[data-ranking] [role=status]")
    expect(status).to_have_text("Output C has place 2 of 4. It is tied with A.")

    focus(page, "D")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".rank[data-side=A] .rank__side")).to_be_focused()
    assert places(page) == "A2 B3 C2 D1"
    page.keyboard.press("Control+Enter")
    wait_for(Answer.objects.exists)
    a, b, c, d = assignment.side_order
    assert Answer.objects.get().choices == [[d], sorted([a, c]), [b]]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["wide", "phone"])
def test_a_ranking_is_made_by_drag(
    browse: Callable[..., Page],
    assign: Callable[..., Assignment],
    ben: User,
    size: dict[str, int],
) -> None:
    page = browse(ben, size=size)
    enter(page, assign("ranking", [ORDER], 3))
    for side in "ABC":
        page.locator(f".rank[data-side={side}] .rank__side").click()
    assert order(page) == "1A 2B 3C"

    def drag(side: str, onto: str, share: float) -> None:
        page.locator(".ranklist").scroll_into_view_if_needed()
        start = page.locator(f".rank[data-side={side}] .rank__side").bounding_box()
        end = page.locator(f".rank[data-side={onto}]").bounding_box()
        assert start
        assert end
        page.mouse.move(start["x"] + 10, start["y"] + 10)
        page.mouse.down()
        along = (share, 0.5) if size == DESKTOP else (0.3, share)
        x = end["x"] + end["width"] * along[0]
        y = end["y"] + end["height"] * along[1]
        page.mouse.move(x - 3, y - 3, steps=4)
        page.mouse.move(x, y)
        page.mouse.up()

    drag("C", "A", 0.05)
    assert order(page) == "1C 2A 3B"
    drag("C", "B", 0.95)
    assert order(page) == "1A 2B 3C"
    drag("C", "A", 0.5)
    assert order(page) == "1A =C 2B"
    assert places(page) == "A1 B2 C1"
    drag("A", "B", 0.95)
    assert order(page) == "1C 2B 3A"

    page.mouse.move(0, 0)
    grip = page.locator(".rank[data-side=C] .rank__side").bounding_box()
    assert grip
    page.mouse.move(grip["x"] + 5, grip["y"] + 5)
    page.mouse.down()
    page.mouse.move(grip["x"] + 300, grip["y"] + 60, steps=3)
    page.keyboard.press("Escape")
    page.mouse.up()
    assert order(page) == "1C 2B 3A"


def test_a_ranking_comes_back_after_a_reload(
    browse: Callable[..., Page], assign: Callable[..., Assignment], ben: User
) -> None:
    assignment = assign("ranking", [ORDER], 3)
    page = browse(ben)
    enter(page, assignment)
    for side in "CAB":
        page.locator(f".rank[data-side={side}] .rank__side").click()
    focus(page, "A")
    page.keyboard.press("=")
    expect(page.locator("#savepill")).to_have_attribute("data-state", "saved")
    page.reload()
    expect(page.locator(".rank")).to_have_count(3)
    assert order(page) in ("1C =A 2B", "1A =C 2B")
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
    assert found.response["violations"] == []


# --- Evidence -------------------------------------------------------------------------


def select(page: Page, first: str, last: str, side: str = "A") -> None:
    """Select from the first words to the last in an output, as a pointer would."""
    page.evaluate(
        """([first, last, side]) => {
          const out = document.querySelector(`.out[data-of="${side}"]`);
          const walker = document.createTreeWalker(out, NodeFilter.SHOW_TEXT);
          const range = new Range();
          while (walker.nextNode()) {
            const { data } = walker.currentNode;
            const start = data.indexOf(first);
            if (start >= 0 && !range.toString()) {
              range.setStart(walker.currentNode, start);
            }
            const end = data.indexOf(last);
            if (end >= 0) range.setEnd(walker.currentNode, end + last.length);
          }
          const selection = getSelection();
          selection.removeAllRanges();
          selection.addRange(range);
        }""",
        [first, last, side],
    )


@pytest.mark.parametrize(
    ("first", "last", "quote"),
    [
        ("within", "unused", "within **30 days** 🎉, if it is *unused"),
        ("30", "days", "30 days"),
        ("if", ".", "if it is *unused*"),
        ("بالعالم", "كله", "بالعالم** كله"),
        ("Orders", "Return.", "Orders` and choose Return."),
        ("total", "2", "total = price * 2"),
    ],
)
def test_selected_words_are_stored_where_they_stand_in_the_text(
    browse: Callable[..., Page],
    assign: Callable[..., Assignment],
    ben: User,
    first: str,
    last: str,
    quote: str,
) -> None:
    page = browse(ben)
    enter(page, assign("scoring", [TRUE], 1))
    page.keyboard.press("1")
    expect(page.locator("#left")).to_have_text("evidence for 1 answer left")
    select(page, first, last)
    page.locator(".evidence__offer").click()
    expect(page.locator(".evidence__list li")).to_have_count(1)
    expect(page.locator("#left")).to_have_text("Ready to submit")
    page.keyboard.press("Control+Enter")
    wait_for(Span.objects.exists)
    span = Span.objects.get()
    assert span.quote == TEXT[span.start : span.end]
    assert span.quote.startswith(quote.rstrip("."))


def test_sentences_are_marked_with_the_keyboard_alone(
    browse: Callable[..., Page], assign: Callable[..., Assignment], ben: User
) -> None:
    page = browse(ben)
    enter(page, assign("scoring", [TRUE, SAFE], 1))
    for key in ["h", "]", "]", "]", "[", "h"]:
        page.keyboard.press(key)
    assert page.locator(".evidence__quote").all_inner_texts() == ["مرحبا بالعالم كله."]
    expect(page.locator(".evidence__flag")).to_have_text("1")
    assert page.evaluate("CSS.highlights.get('evidence-1').size") == 1

    page.keyboard.press("1")
    page.keyboard.press("1")
    page.keyboard.press("k")
    page.keyboard.press("j")
    page.keyboard.press("]")
    page.keyboard.press("h")
    assert page.evaluate("CSS.highlights.get('evidence-2').size") == 1
    page.keyboard.press("Control+Enter")
    wait_for(lambda: Span.objects.count() == 2)
    quotes = dict(Span.objects.values_list("answer__criterion__key", "quote"))
    assert quotes == {
        "true": "مرحبا **بالعالم** كله.",
        "safe": "Open `Orders` and choose Return.",
    }


def test_marks_outlive_a_reload_and_can_be_removed(
    browse: Callable[..., Page], assign: Callable[..., Assignment], ben: User
) -> None:
    page = browse(ben)
    enter(page, assign("pairwise", [TRUE, ORDER], 2))
    page.keyboard.press("1")
    select(page, "Print", "free", side="A")
    page.keyboard.press("h")
    select(page, "the label", "is free", side="A")
    page.keyboard.press("h")
    select(page, "within", "30 days", side="B")
    page.keyboard.press("h")
    assert page.locator(".evidence__quote").all_inner_texts() == [
        "Print the label; it is free",
        "within 30 days",
    ]
    expect(page.locator("#savepill")).to_have_attribute("data-state", "saved")
    page.reload()
    expect(page.locator(".evidence__quote")).to_have_count(2)
    expect(page.locator(".evidence__flag")).to_have_count(2)
    assert page.evaluate("CSS.highlights.get('evidence-1').size") == 2
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
    assert found.response["violations"] == []

    page.locator(".evidence__remove").first.click()
    expect(page.locator(".evidence__quote")).to_have_text("within 30 days")
    assert page.evaluate("CSS.highlights.get('evidence-1').size") == 1


def test_words_are_marked_in_the_raw_text_as_well(
    browse: Callable[..., Page], assign: Callable[..., Assignment], ben: User
) -> None:
    page = browse(ben)
    enter(page, assign("scoring", [TRUE], 1))
    page.keyboard.press("1")
    page.keyboard.press("v")
    raw = page.locator("[data-view-of] .out")
    expect(raw).to_contain_text("**30 days**")
    page.keyboard.press("]")
    page.keyboard.press("h")
    expect(page.locator(".evidence__quote")).to_have_count(1)
    page.keyboard.press("v")
    expect(raw).to_have_count(0)
    wait_for(lambda: page.evaluate("CSS.highlights.get('evidence-1')?.size") == 1)
    assert "30 days" in page.locator(".evidence__quote").inner_text()


def test_evidence_is_typed_without_a_script(
    browse: Callable[..., Page], assign: Callable[..., Assignment], ben: User
) -> None:
    page = browse(ben, javascript=False, expect="422")
    page.goto(assign("scoring", [TRUE], 1).get_absolute_url())
    page.get_by_label("Yes").check(force=True)
    page.get_by_role("button", name="Submit and next").click()
    expect(page.locator(".field__errors")).to_contain_text("needs evidence")
    page.get_by_text("Type the words").click()
    page.get_by_label("Words from the output").fill("within 30 days")
    page.get_by_role("button", name="Submit and next").click()
    assert Span.objects.get().quote == "within **30 days"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_many_outputs_fit_the_narrowest_screen(
    browse: Callable[..., Page],
    assign: Callable[..., Assignment],
    ben: User,
    scheme: str,
) -> None:
    page = browse(ben, size=NARROWEST, scheme=scheme)
    enter(page, assign("ranking", [TRUE, SAFE, ORDER | {"evidence": "optional"}], 6))
    page.keyboard.press("1")
    select(page, "within", "30 days")
    page.keyboard.press("h")
    page.locator(".panes .key").nth(5).click()
    expect(page.locator("#pane-F")).to_be_visible()
    expect(page.locator("#pane-A")).to_be_hidden()
    for side in "FAB":
        page.locator(f".rank[data-side={side}] .rank__side").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROWEST["width"]
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
    assert found.response["violations"] == []
