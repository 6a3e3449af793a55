"""Each rubric of the library on the real judging screen, with the item it came with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from accounts.models import Project, User
from annotation.models import BatchMember, Judgment
from rubrics.library import LibraryRubric, library
from tests.annotation.fixtures import ndjson

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_each_rubric_of_the_library_judges_its_item(
    api: Callable[..., Any],
    browse: Callable[..., Page],
    worker: Any,
    project: Project,
    ada: User,
    ben: User,
) -> None:
    manager, annotator, page = api(ada), api(ben), browse(ben)
    for book in library():
        batch = batch_with(manager, project, book, ben)
        BatchMember.objects.update(guidelines_read_at=timezone.now())
        taken = annotator.post(f"/api/v1/batches/{batch}/next")
        page.goto(f"/assignments/{taken.json()['id']}/")
        answer_all(page)
        expect(page.locator("#left")).to_have_text("Ready to submit")
        page.keyboard.press("Control+Enter")
        page.wait_for_url("**/finished/")

        judgment = Judgment.objects.get(assignment__unit__batch=batch)
        keys = set(judgment.answers.values_list("criterion__key", flat=True))
        always = {q.key for q in book.instrument if q.asked_when is None}
        assert always <= keys, book.key


def batch_with(manager: Any, project: Project, book: LibraryRubric, who: User) -> str:
    base = f"/api/v1/projects/{project.pk}"
    rubric = send(manager, f"{base}/rubrics", {"from": book.key})
    dataset = send(manager, f"{base}/datasets", {"name": book.title})["id"]
    outputs = [
        {"id": f"{book.key}/{place}", "system": f"system {place}", "content": content}
        for place, content in enumerate(book.demo["outputs"])
    ]
    record = {"id": book.key, **book.demo, "outputs": outputs}
    sent = manager.post(
        f"/api/v1/datasets/{dataset}/import",
        ndjson([record]),
        content_type="application/x-ndjson",
    )
    assert sent.json()["created"], sent.content
    batch = send(
        manager,
        f"{base}/batches",
        {
            "name": book.title,
            "dataset": dataset,
            "rubric_version": rubric["version_id"],
            "layout": book.layout,
            "overlap": 1,
            "annotators": [who.email],
        },
    )["id"]
    opened = manager.post(f"/api/v1/batches/{batch}/open")
    assert opened.status_code == 200, opened.content
    return str(batch)


def send(client: Any, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(path, body, content_type="application/json")
    assert answer.status_code == 201, answer.content
    made: dict[str, Any] = answer.json()
    return made


def answer_all(page: Page) -> None:
    """One question after the other, those too that an answer brings."""
    controls = page.locator("#judge [data-control]")
    expect(controls.first).to_be_visible()
    for place in range(controls.count()):
        control = controls.nth(place)
        if control.is_visible():
            answer(control)


def answer(control: Locator) -> None:
    """The best of levels, the first of anything else."""
    kind = control.get_attribute("data-kind")
    if kind == "numeric":
        control.locator("input").first.fill("1")
    elif kind == "ordinal":
        control.locator("input:not([data-absent])").last.check(force=True)
    else:
        control.locator("input").first.check(force=True)
