"""The whole road in a real browser: outputs in, judged by keyboard, gold out."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.annotation.fixtures import ndjson

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

QUESTIONS = [
    {
        "id": f"q{number}",
        "input": f"Where is parcel {number}?",
        "outputs": [{"system": "plover", "content": f"Parcel {number} is on its way."}],
    }
    for number in range(3)
]
CRITERIA = [
    {
        "key": "accuracy",
        "question": "Is every claim true?",
        "scale": {
            "kind": "ordinal",
            "levels": [{"value": n, "anchor": f"Step {n}."} for n in range(1, 6)],
        },
    },
    {"key": "fluent", "question": "Does it read well?", "scale": {"kind": "binary"}},
]


def test_from_outputs_to_gold(
    api: Callable[..., Any],
    browse: Callable[..., Page],
    worker: Any,
    project: Any,
    ada: Any,
    ben: Any,
    cleo: Any,
) -> None:
    an_engineer_imports(api(ada), project)
    manager = browse(ada)
    a_manager_makes_a_batch(manager)
    # Ben gives 5 and yes to everything, Cleo 2 and yes: they differ on accuracy alone.
    an_annotator_judges_all(browse(ben), accuracy="5")
    an_annotator_judges_all(browse(cleo), accuracy="2")
    the_manager_sees_that_they_differ(manager)
    labels = the_manager_releases_gold(manager)

    fluent = [label for label in labels if label["criterion"] == "fluent"]
    assert {(label["outputs"][0], label["value"]) for label in fluent} == {
        (f"q{number}/plover", True) for number in range(3)
    }
    assert all(label["distribution"] == {"true": 2} for label in fluent)
    accuracy = [label for label in labels if label["criterion"] == "accuracy"]
    assert [label["distribution"] for label in accuracy] == [{"2": 1, "5": 1}] * 3
    assert all(label["value"] == 3.5 and label["disputed"] for label in accuracy)


def an_engineer_imports(engineer: Any, project: Any) -> None:
    base = f"/api/v1/projects/{project.pk}"
    rubric = {"name": "Parcel answers", "criteria": CRITERIA, "publish": True}
    made = engineer.post(f"{base}/rubrics", rubric, content_type="application/json")
    assert made.status_code == 201, made.content
    named = {"name": "Parcels"}
    dataset = engineer.post(f"{base}/datasets", named, content_type="application/json")
    sent = engineer.post(
        f"/api/v1/datasets/{dataset.json()['id']}/import",
        ndjson(QUESTIONS),
        content_type="application/x-ndjson",
    )
    assert sent.json()["created"] == 3, sent.content


def a_manager_makes_a_batch(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Support answers").click()
    page.get_by_role("link", name="New batch").click()
    page.get_by_label("Name").fill("First round")
    page.get_by_label("Dataset").select_option(label="Parcels")
    page.get_by_label("Rubric").select_option(label="Parcel answers v1")
    page.get_by_label("Ben").check()
    page.get_by_label("Cleo").check()
    page.get_by_role("button", name="Make the batch").click()
    expect(page.get_by_role("heading", name="First round")).to_be_visible()
    page.get_by_role("button", name="Open for work").click()
    expect(page.get_by_text("First round is open now.")).to_be_visible()


def an_annotator_judges_all(page: Page, *, accuracy: str) -> None:
    """Keyboard only: Enter starts, a digit for each criterion, Ctrl+Enter submits."""
    page.goto("/")
    for _ in range(2):  # At home, and under the batch's guidelines and rubric.
        expect(page.get_by_role("button", name="Start").first).to_be_visible()
        with page.expect_navigation(wait_until="load"):
            page.keyboard.press("Enter")
    for number in range(1, len(QUESTIONS) + 1):
        expect(page.get_by_role("heading", name=f"Item {number} ")).to_be_visible()
        expect(page.get_by_text("2 answers left")).to_be_visible()
        page.keyboard.press(accuracy)
        page.keyboard.press("1")  # The first of yes and no.
        page.keyboard.press("Control+Enter")
    page.wait_for_url("**/finished/")


def the_manager_sees_that_they_differ(page: Page) -> None:
    page.get_by_role("link", name="Agreement").first.click()
    picture = page.get_by_role("img", name="Krippendorff")
    expect(picture).to_be_visible()
    apart = page.get_by_role("group", name="Where they differ most")
    expect(apart.get_by_role("row")).to_have_count(1 + len(QUESTIONS))
    expect(apart).to_contain_text("2 × 1")
    expect(apart).to_contain_text("5 × 1")


def the_manager_releases_gold(page: Page) -> list[dict[str, Any]]:
    page.get_by_role("link", name="Support answers").first.click()
    page.get_by_role("link", name="Gold").click()
    page.get_by_role("link", name="New release").click()
    page.get_by_label("First round").check()
    page.get_by_role("button", name="Release gold").click()
    page.wait_for_url("**/releases/*/")
    jsonl = page.get_by_role("link", name="Download JSON Lines")
    built = page.get_by_role("link", name="Go on")
    expect(jsonl.or_(built)).to_be_visible(timeout=20_000)
    if built.is_visible():
        built.click()
    with page.expect_download() as download:
        jsonl.click()
    lines = download.value.path().read_text().splitlines()
    return [json.loads(line) for line in lines]
