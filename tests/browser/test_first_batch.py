"""A new manager: from an empty project to a running batch, without a detour."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from annotation.models import Batch
from tests.annotation.fixtures import ndjson, records

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_from_an_empty_project_to_a_running_batch(
    browse: Callable[..., Page], project: Any, ada: Any, tmp_path: Any
) -> None:
    page = browse(ada)
    page.goto("/")
    page.get_by_role("link", name="Support answers").first.click()
    to_a_new_batch(page)

    page.get_by_role("link", name="Make a dataset").click()
    page.get_by_label("Name").fill("Questions")
    page.get_by_role("button", name="Make the dataset").click()
    file = tmp_path / "questions.jsonl"
    file.write_text(ndjson(records(6)))
    page.get_by_label("File with model outputs").set_input_files(file)
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("items, 12 outputs.")).to_be_visible()

    back_to_the_project(page)
    to_a_new_batch(page)
    page.get_by_role("link", name="Open the library").click()
    page.get_by_role("button", name="Use Customer-service chatbot").click()
    expect(page.get_by_text("Published").first).to_be_visible()

    back_to_the_project(page)
    to_a_new_batch(page)
    cost = page.locator("#cost")
    expect(cost).to_contain_text("12 units × 2 = 24 judgments")
    expect(cost).to_contain_text("for each of 2 annotators")
    page.get_by_label("Annotators for each unit").fill("1")
    expect(cost).to_contain_text("12 units × 1 = 12 judgments")
    page.get_by_role("button", name="Make the batch").click()
    page.get_by_role("button", name="Open for work").click()
    expect(page.get_by_text("is open now.")).to_be_visible()
    assert Batch.objects.get().is_open


def to_a_new_batch(page: Page) -> None:
    page.get_by_role("link", name="New batch").first.click()
    expect(page.get_by_role("heading", name="New batch", level=1)).to_be_visible()


def back_to_the_project(page: Page) -> None:
    page.get_by_role("navigation", name="Where you are").get_by_role(
        "link", name="Support answers"
    ).click()
