"""The list of rubrics and the page of a version."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.asserts import assertTemplateUsed

from accounts.models import Project, User
from rubrics.actions import create_rubric, create_version
from rubrics.models import Rubric, RubricVersion
from rubrics.shape import read_criteria

Criteria = Callable[..., list[dict[str, Any]]]
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def adas(ada: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(ada)


def list_of(project: Project) -> str:
    return reverse("rubrics:list", args=[project.pk])


def page_of(version: RubricVersion) -> str:
    return reverse("rubrics:version", args=[version.pk])


def test_the_list_takes_as_many_queries_for_many_rubrics_as_for_one(
    adas: Client, project: Project, ada: User, criteria: Criteria
) -> None:
    def make(name: str) -> None:
        drafts = read_criteria(criteria())
        create_rubric(project=project, name=name, criteria=drafts, by=ada)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            adas.get(list_of(project))
        return len(captured)

    make("First")
    for_one = queries()
    for number in range(9):
        make(f"Rubric {number}")
    assert queries() == for_one <= 7  # One of them for the tabs.


def test_the_list_shows_managers_drafts_and_annotators_what_is_published(
    adas: Client,
    ben: User,
    signed_in: Callable[[User], Client],
    project: Project,
    rubric_version: RubricVersion,
    draft_version: RubricVersion,
) -> None:
    adas_list = adas.get(list_of(project)).content.decode()
    bens_list = signed_in(ben).get(list_of(project)).content.decode()
    assert "Helpfulness" in adas_list
    assert "Drafted" in adas_list
    assert "New rubric" in adas_list
    assert "Helpfulness" in bens_list
    assert "Drafted" not in bens_list
    assert "New rubric" not in bens_list


def test_an_empty_list_says_what_to_do_next(adas: Client, project: Project) -> None:
    assert "Write the first rubric" in adas.get(list_of(project)).content.decode()


def test_a_version_shows_every_question_and_anchor(
    ben: User, signed_in: Callable[[User], Client], rubric_version: RubricVersion
) -> None:
    response = signed_in(ben).get(page_of(rubric_version))
    assertTemplateUsed(response, "rubrics/version.html")
    page = response.content.decode()
    for words in [
        "Is every claim true?",
        "All wrong.",
        "A slip.",
        "Does it read well?",
        "It may be left empty.",
    ]:
        assert words in page
    assert "New version" not in page


def test_a_version_says_what_changed_since_the_one_before(
    adas: Client, rubric_version: RubricVersion, ada: User, criteria: Criteria
) -> None:
    changed = criteria(accuracy={"question": "Is each claim true?", "required": False})
    newer = create_version(
        rubric=rubric_version.rubric, criteria=read_criteria(changed), by=ada
    )
    page = adas.get(page_of(newer)).content.decode()
    assert "Changes since version 1" in page
    assert "The question was reworded." in page
    assert "It may be left out now." in page
    assert "Changes since" not in adas.get(page_of(rubric_version)).content.decode()


def test_what_people_write_is_shown_and_never_executed(
    adas: Client, project: Project, ada: User
) -> None:
    levels = [{"value": 1, "label": SCRIPT, "anchor": SCRIPT}, {"value": 2}]
    scale = {"kind": "ordinal", "levels": levels}
    drafts = read_criteria(
        [{"key": "a", "question": SCRIPT, "help": SCRIPT, "scale": scale}]
    )
    version = create_rubric(project=project, name=SCRIPT, criteria=drafts, by=ada)

    for path in [
        list_of(project),
        page_of(version),
        reverse("rubrics:edit", args=[version.pk]),
    ]:
        page = adas.get(path).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


def test_publishing_by_the_button_freezes_the_draft_once(
    adas: Client, draft_version: RubricVersion
) -> None:
    button = reverse("rubrics:publication", args=[draft_version.pk])
    first = adas.post(button)
    published = RubricVersion.objects.get(pk=draft_version.pk)
    second = adas.post(button)

    assert first.url == second.url == page_of(draft_version)
    assert published.is_published
    again = RubricVersion.objects.get(pk=draft_version.pk)
    assert again.published_at == published.published_at
    page = adas.get(page_of(draft_version)).content.decode()
    assert "New version" in page
    assert "Publish</button>" not in page


def test_a_draft_and_a_rubric_are_deleted_by_button(
    adas: Client, draft_version: RubricVersion, rubric_version: RubricVersion
) -> None:
    adas.post(reverse("rubrics:draft-deletion", args=[draft_version.pk]))
    assert list(Rubric.objects.all()) == [rubric_version.rubric]
    adas.post(reverse("rubrics:draft-deletion", args=[rubric_version.pk]))
    assert RubricVersion.objects.filter(pk=rubric_version.pk).exists()
    adas.post(reverse("rubrics:deletion", args=[rubric_version.rubric_id]))
    assert not Rubric.objects.exists()


@pytest.mark.parametrize(
    ("headers", "whole"), [({}, True), ({"HX-Request": "true"}, False)]
)
def test_page_and_fragment_are_one_template(
    adas: Client, rubric_version: RubricVersion, headers: dict[str, str], whole: bool
) -> None:
    response = adas.get(page_of(rubric_version), headers=headers)
    assert (b"<!doctype html>" in response.content) is whole
