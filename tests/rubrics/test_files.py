"""Rubrics as files: what leaves comes back the same; what is no rubric stays out."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import Project, Scope, User
from config.text import Unreadable
from rubrics.files.reading import read_file
from rubrics.instrument import instrument_of
from rubrics.models import Rubric, RubricVersion
from rubrics.serialize import fingerprint

PLAIN = """\
name: Tone
criteria:
  - key: tone
    question: Is it kind?
    scale:
      kind: nominal
      levels:
        - value: yes
        - value: 1:30
        - {value: 2026-01-01, anchor: "a: b"}
"""


@pytest.fixture
def adas(ada: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(ada)


@pytest.fixture
def program(ada: User, api: Callable[..., Client]) -> Client:
    return api(ada, scopes=list(Scope.values))


def test_words_are_words_whatever_they_look_like() -> None:
    levels = read_file(PLAIN)["criteria"][0]["scale"]["levels"]
    assert [level["value"] for level in levels] == ["yes", "1:30", "2026-01-01"]
    assert read_file("a: true\nb: 1\nc: -2.50\nd: ~\ne: 007\nf: 1e3") == {
        "a": True,
        "b": 1,
        "c": -2.5,
        "d": None,
        "e": "007",
        "f": "1e3",
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("- a\n- b", "no rubric"),
        ("just words", "no rubric"),
        ("a: 1\nb: [1, 2", "Not YAML at line"),
        ("a: 1\na: 2", "Line 2: a stands twice"),
        ("a: &x [1]\nb: 2", "Line 1: anchors"),
        ("a: *x", "Line 1: anchors"),
        ("a: 1\nb: !!python/object/apply:os.system ['true']", "Line 2: tags"),
        ("a: !!set {b, c}", "Line 1: tags"),
        ("? [a, b]\n: c", "Line 1: a field's name"),
        ("a: 1\n---\nb: 2", "Not YAML at line 2"),
        ("a: " + "[" * 40 + "]" * 40, "nested deeper"),
        ("a: [" + "1," * 200_000 + "]", "nested deeper or longer"),
        ("a: " + "9" * 50, "too large"),
        ("a: x\x00y", "NUL"),
        ("a: " + "x" * 1_000_001, "at most 1 MB"),
        ('{"a": 1,}', "Not JSON at line 1"),
    ],
)
def test_what_is_no_plain_file_is_refused_in_words_and_soon(
    text: str, words: str
) -> None:
    began = time.monotonic()
    with pytest.raises(Unreadable, match=words):
        read_file(text)
    assert time.monotonic() - began < 5


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(Unreadable, match="Not UTF-8"):
        read_file(b"name: \xff")
    assert read_file(b"\xef\xbb\xbfname: A") == {"name": "A"}


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_a_version_comes_back_the_same_by_page(
    adas: Client, project: Project, rubric_version: RubricVersion, form: str
) -> None:
    file = adas.get(reverse(f"rubrics:{form}", args=[rubric_version.pk]))
    assert file["Content-Disposition"] == (
        f'attachment; filename="helpfulness-v1.{form}"'
    )
    sent = SimpleUploadedFile(f"any.{form}", file.content)
    answer = adas.post(
        reverse("rubrics:import", args=[project.pk]), {"file": sent, "name": "Copy"}
    )
    copy = RubricVersion.objects.get(rubric__name="Copy")
    assert answer.url == reverse("rubrics:version", args=[copy.pk])
    assert not copy.is_published
    assert fingerprint(instrument_of(copy)) == fingerprint(
        instrument_of(rubric_version)
    )


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_a_version_comes_back_the_same_by_api(
    program: Client, project: Project, rubric_version: RubricVersion, form: str
) -> None:
    file = program.get(f"/api/v1/rubric-versions/{rubric_version.pk}.{form}").content
    sent = file.replace(b"Helpfulness", b"Copy")
    answer = program.post(
        f"/api/v1/projects/{project.pk}/rubrics", sent, f"application/{form}"
    )
    assert answer.status_code == 201
    copy = RubricVersion.objects.get(pk=answer.json()["version_id"])
    assert copy.is_published
    assert fingerprint(instrument_of(copy)) == fingerprint(
        instrument_of(rubric_version)
    )


def pasted(client: Client, project: Project, text: str, **more: Any) -> HttpResponse:
    path = reverse("rubrics:import", args=[project.pk])
    return client.post(path, {"text": text, **more})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Choose a file, or paste its text below."),
        ("a: [", "Not YAML at line"),
        (PLAIN.replace("kind: nominal", "kind: nominl"), "Line 6: Use one of"),
        (PLAIN.replace("    question: Is it kind?\n", ""), "Line 3: This field is"),
        (PLAIN.replace("value: yes", "value: true"), "Line 8: This must be text."),
        (PLAIN.replace("    scale:", "    scales: 1\n    scale:"), "Line 5: Unknown"),
        (PLAIN.replace("Tone", "Helpfulness"), "has a rubric named “Helpfulness”"),
    ],
)
def test_faults_of_a_file_name_their_line_and_what_was_pasted_stays(
    adas: Client,
    project: Project,
    rubric_version: RubricVersion,
    text: str,
    said: str,
) -> None:
    refused = pasted(adas, project, text)
    assert refused.status_code == 422
    assert said in refused.content.decode()
    assert (text.split("\n")[0] in refused.content.decode()) or not text
    assert Rubric.objects.count() == 1


def test_faults_by_api_name_field_and_line(program: Client, project: Project) -> None:
    path = f"/api/v1/projects/{project.pk}/rubrics"
    wrong = PLAIN.replace("kind: nominal", "kind: nominl")
    refused = program.post(path, wrong, "application/yaml")
    assert refused.status_code == 422
    [error] = refused.json()["errors"]
    assert error["field"] == "criteria.0.scale.kind"
    assert error["message"].startswith("Line 6: Use one of")
    assert program.post(path, "a: &b 1", "application/yaml").status_code == 400


def test_a_file_over_a_rubric_is_its_next_draft(
    adas: Client, rubric_version: RubricVersion
) -> None:
    path = reverse("rubrics:import-over", args=[rubric_version.rubric_id])
    assert adas.post(path, {"text": PLAIN}).status_code == 302
    draft = RubricVersion.objects.get(number=2)
    assert (draft.rubric.name, draft.is_published) == ("Helpfulness", False)

    refused = adas.post(path, {"text": PLAIN})
    assert refused.status_code == 422
    assert "This rubric has a draft." in refused.content.decode()
    changed = PLAIN.replace("kind?", "warm?")
    assert adas.post(path, {"text": changed, "replace": "on"}).status_code == 302
    assert draft.criteria.get().question == "Is it warm?"


def test_a_new_version_may_be_posted_as_yaml(
    program: Client, rubric_version: RubricVersion
) -> None:
    path = f"/api/v1/rubrics/{rubric_version.rubric_id}/versions"
    body = PLAIN.removeprefix("name: Tone\n")
    assert program.post(path, body, "application/yaml").json()["version"] == 2
