"""A rubric tried before anybody judges by it, on the judging screen's own controls."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Project, User
from annotation.models import Assignment
from rubrics.library import LibraryRubric, library
from rubrics.models import Rubric, RubricVersion

HTMX = {"HX-Request": "true"}
TYPED = {
    "count": "2",
    "name": "Tone",
    "c0-key": "tone",
    "c0-question": "Is it kind?",
    "c0-kind": "binary",
    "c1-key": "half",
    "c1-question": "",
    "c1-kind": "ordinal",
}


@pytest.fixture
def adas(ada: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(ada)


def test_what_stands_in_the_editor_is_shown_and_not_stored(
    adas: Client, project: Project
) -> None:
    path = reverse("annotation:rubric-preview", args=[project.pk])
    page = adas.post(path, TYPED).content.decode()
    assert 'data-control="answer-tone-A"' in page
    assert "Not shown, because something is missing or wrong in it: half." in page
    assert page.startswith("<!doctype html>")
    assert not Rubric.objects.exists()

    part = adas.post(path, TYPED, headers=HTMX).content.decode()
    assert 'data-control="answer-tone-A"' in part
    assert "<h1" not in part


def test_a_question_that_hangs_on_one_left_out_is_left_out(
    adas: Client, project: Project
) -> None:
    hanging = {
        "count": "3",
        "c2-key": "why",
        "c2-question": "Why?",
        "c2-kind": "text",
        "c2-when": "half",
        "c2-when_is": "1",
    }
    path = reverse("annotation:rubric-preview", args=[project.pk])
    page = adas.post(path, TYPED | hanging).content.decode()
    assert "answer-tone-A" in page
    assert "answer-why" not in page
    assert "half, why." in page


def test_an_empty_editor_says_what_is_needed(adas: Client, project: Project) -> None:
    path = reverse("annotation:rubric-preview", args=[project.pk])
    page = adas.post(path, {"count": "0"}).content.decode()
    assert "A criterion appears here when" in page


@pytest.mark.parametrize("book", library(), ids=lambda book: book.key)
def test_each_rubric_of_the_library_is_tried_on_its_own_item(
    adas: Client, project: Project, book: LibraryRubric
) -> None:
    path = reverse("annotation:library-preview", args=[project.pk, book.key])
    page = adas.get(path).content.decode()
    for question in book.instrument:
        assert f'data-criterion="{question.key}"' in page
    assert 'class="hints' not in page


def test_a_version_is_tried_by_whoever_may_read_it(
    signed_in: Callable[[User], Client],
    ben: User,
    rubric_version: RubricVersion,
    strength_version: RubricVersion,
) -> None:
    bens = signed_in(ben)
    fields = {rubric_version: "accuracy-A", strength_version: "overall"}
    for version, field in fields.items():
        path = reverse("annotation:version-preview", args=[version.pk])
        assert f'data-control="answer-{field}"' in bens.get(path).content.decode()
    assert not Assignment.objects.exists()
