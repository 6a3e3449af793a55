"""The library: complete rubrics, and the short way from one to a batch."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, Project, Scope, User
from rubrics.instrument import instrument_of
from rubrics.library import LibraryRubric, library
from rubrics.lint import hints
from rubrics.models import Kind, Rubric, RubricVersion
from rubrics.serialize import fingerprint

KEYS = {
    "rag-answer",
    "customer-service-chatbot",
    "code-generation",
    "summarisation",
    "instruction-following",
    "safety-and-refusal",
    "bias-across-groups",
    "multi-turn-conversation",
    "agent-trajectory",
    "translation",
    "transcription",
    "image-generation",
    "pairwise-preference",
}


@pytest.fixture
def adas(ada: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(ada)


@pytest.fixture
def program(ada: User, api: Callable[..., Client]) -> Client:
    return api(ada, scopes=list(Scope.values))


def test_the_library_is_whole() -> None:
    assert {book.key for book in library()} == KEYS


@pytest.mark.parametrize("book", library(), ids=lambda book: book.key)
def test_each_rubric_is_complete(book: LibraryRubric) -> None:
    assert book.title
    assert book.purpose.endswith(".")
    assert hints(book.instrument) == []
    for question in book.instrument:
        for step in question.steps:
            assert step.anchor or question.kind == Kind.PREFERENCE
    sides = {"scoring": 1, "pairwise": 2}[book.layout]
    assert len(book.demo["outputs"]) == sides
    assert book.instrument.compares is (sides == 2)


def test_a_rubric_is_published_two_clicks_from_an_empty_project(
    adas: Client, project: Project
) -> None:
    page = adas.get(reverse("rubrics:list", args=[project.pk])).content.decode()
    use = reverse("rubrics:library-use", args=[project.pk, "rag-answer"])
    assert f'action="{use}"' in page

    answer = adas.post(use)
    version = RubricVersion.objects.get()
    assert version.is_published
    assert (version.rubric.name, version.rubric.origin) == ("RAG answer", "rag-answer")
    assert answer.url == reverse("rubrics:version", args=[version.pk])
    verbs = AuditEvent.objects.filter(project=project).values_list("verb", flat=True)
    assert {"rubric created", "rubric published"} <= set(verbs)


def test_it_may_be_changed_first(adas: Client, project: Project) -> None:
    use = reverse("rubrics:library-use", args=[project.pk, "translation"])
    answer = adas.post(use, {"draft": ""})
    version = RubricVersion.objects.get()
    assert not version.is_published
    assert answer.url == reverse("rubrics:edit", args=[version.pk])


def test_used_again_it_has_a_name_of_its_own(adas: Client, project: Project) -> None:
    use = reverse("rubrics:library-use", args=[project.pk, "rag-answer"])
    for _ in range(3):
        adas.post(use)
    names = Rubric.objects.values_list("name", flat=True)
    assert sorted(names) == ["RAG answer", "RAG answer 2", "RAG answer 3"]


def test_each_is_read_used_and_shown(
    adas: Client, program: Client, project: Project
) -> None:
    listed = program.get("/api/v1/rubric-library").json()["results"]
    assert {one["key"] for one in listed} == KEYS
    for one in listed:
        read = program.get(f"/api/v1/rubric-library/{one['key']}").json()
        assert len(read["criteria"]) == one["questions"]
        path = f"/api/v1/projects/{project.pk}/rubrics"
        made = program.post(path, json.dumps({"from": one["key"]}), "application/json")
        assert made.status_code == 201
        version = RubricVersion.objects.get(pk=made.json()["version_id"])
        book = next(book for book in library() if book.key == one["key"])
        assert fingerprint(instrument_of(version)) == fingerprint(book.instrument)
        page = adas.get(
            reverse("rubrics:library-rubric", args=[project.pk, one["key"]])
        )
        assert page.status_code == 200


def test_a_name_may_be_given_and_one_that_is_taken_is_refused(
    program: Client, project: Project
) -> None:
    path = f"/api/v1/projects/{project.pk}/rubrics"
    body = json.dumps({"from": "rag-answer", "name": "Ours", "publish": False})
    made = program.post(path, body, "application/json")
    assert (made.json()["name"], made.json()["published_at"]) == ("Ours", None)
    refused = program.post(path, body, "application/json")
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == ["name"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"from": "nothing"}, "from"),
        ({"from": 1}, "from"),
        ({"from": "rag-answer", "criteria": []}, "criteria"),
    ],
)
def test_a_wrong_wish_is_refused(
    program: Client, project: Project, body: object, field: str
) -> None:
    path = f"/api/v1/projects/{project.pk}/rubrics"
    refused = program.post(path, json.dumps(body), "application/json")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == field


def test_an_unknown_rubric_is_not_there(
    adas: Client, program: Client, project: Project
) -> None:
    assert program.get("/api/v1/rubric-library/nothing").status_code == 404
    for name in ("rubrics:library-rubric", "annotation:library-preview"):
        assert adas.get(reverse(name, args=[project.pk, "nothing"])).status_code == 404
    use = reverse("rubrics:library-use", args=[project.pk, "nothing"])
    assert adas.post(use).status_code == 404
