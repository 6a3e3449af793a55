"""The editor, as a browser without scripts uses it."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import Project, User
from rubrics.instrument import instrument_of
from rubrics.models import Rubric, RubricVersion
from rubrics.serialize import criteria_json


class FormReader(HTMLParser):
    """What a browser would send of the page's main form, as it stands."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.fields: dict[str, str] = {}
        self.open = ""
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        name = has.get("name") or ""
        if tag == "form":
            self.inside = has.get("class") == "form"
        if not self.inside or not name or name == "csrfmiddlewaretoken":
            if tag == "option" and self.inside and "selected" in has:
                self.fields[self.open] = has.get("value") or ""
            return
        if has.get("type") == "checkbox":
            if "checked" in has:
                self.fields[name] = "on"
        elif tag == "input":
            self.fields[name] = has.get("value") or ""
        elif tag == "textarea":
            self.open, self.fields[name] = name, ""
        elif tag == "select":
            self.open = name

    def handle_data(self, data: str) -> None:
        if self.open and self.open in self.fields and self.in_textarea:
            self.fields[self.open] += data

    @property
    def in_textarea(self) -> bool:
        return self.lasttag == "textarea"

    def handle_endtag(self, tag: str) -> None:
        if tag in {"textarea", "select"}:
            self.open = ""


def form_on(response: HttpResponse) -> dict[str, str]:
    reader = FormReader()
    reader.feed(response.content.decode())
    # A browser drops the line break that follows <textarea>.
    return {
        name: value.removeprefix("\r\n").removeprefix("\n")
        for name, value in reader.fields.items()
    }


@pytest.fixture
def adas(ada: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(ada)


@pytest.fixture
def press(adas: Client) -> Callable[..., HttpResponse]:
    """press(page, "add", c0_key="tone"): type, then press one of the buttons.

    A box is ticked by "on" and unticked by None.
    """

    def do(response: HttpResponse, act: str, **typed: str | None) -> HttpResponse:
        names = {re.sub(r"^(c\d+)_", r"\1-", name): typed[name] for name in typed}
        sent = form_on(response) | names | {"act": act}
        path = response.request["PATH_INFO"]
        return adas.post(
            path, {name: value for name, value in sent.items() if value is not None}
        )

    return do


def test_a_rubric_is_written_saved_and_published_without_scripts(
    adas: Client, project: Project, press: Callable[..., HttpResponse]
) -> None:
    page = adas.get(reverse("rubrics:new", args=[project.pk]))
    page = press(
        page,
        "add",
        name="Tone",
        c0_key="tone",
        c0_question="Is it kind?",
        c0_kind="ordinal",
        c0_levels="1 | Cold | Rude or bare.\n2\n3 | Warm",
    )
    assert page.status_code == 200
    assert "Is it kind?" in page.content.decode()
    assert not Rubric.objects.exists()

    saved = press(
        page,
        "save",
        c1_key="sendable",
        c1_question="Would you send it?",
        c1_kind="binary",
        c1_allow_cannot_judge="on",
    )
    draft = RubricVersion.objects.get()
    assert saved.url == reverse("rubrics:version", args=[draft.pk])
    assert not draft.is_published
    tone, sendable = instrument_of(draft)
    assert (draft.rubric.name, tone.key) == ("Tone", "tone")
    assert [(s.value, s.label, s.anchor, s.hotkey) for s in tone.steps] == [
        (1, "Cold", "Rude or bare.", "1"),
        (2, "2", "", "2"),
        (3, "Warm", "", "3"),
    ]
    assert (sendable.allow_cannot_judge, sendable.required) == (True, True)

    page = adas.get(reverse("rubrics:edit", args=[draft.pk]))
    press(page, "publish", c1_question="Would you send it unchanged?")
    draft.refresh_from_db()
    assert draft.is_published
    assert draft.criteria.get(position=2).question == "Would you send it unchanged?"


def test_opening_and_saving_changes_nothing(
    adas: Client, draft_version: RubricVersion, press: Callable[..., HttpResponse]
) -> None:
    before = criteria_json(instrument_of(draft_version))
    page = adas.get(reverse("rubrics:edit", args=[draft_version.pk]))
    assert press(page, "save").status_code == 302
    assert criteria_json(instrument_of(draft_version)) == before


def test_editing_a_published_version_makes_the_next_draft(
    adas: Client, rubric_version: RubricVersion, press: Callable[..., HttpResponse]
) -> None:
    edit = reverse("rubrics:edit", args=[rubric_version.pk])
    press(adas.get(edit), "save", c0_question="Is each claim true?")

    draft = RubricVersion.objects.get(number=2)
    assert not draft.is_published
    assert draft.criteria.get(key="accuracy").question == "Is each claim true?"
    published = rubric_version.criteria.get(key="accuracy")
    assert published.question == "Is every claim true?"
    # Who opens the published version again goes on with the draft.
    assert adas.get(edit).url == reverse("rubrics:edit", args=[draft.pk])


@pytest.mark.parametrize(
    ("act", "keys"),
    [
        ("up-1", ["fluent", "accuracy", "remark"]),
        ("down-1", ["accuracy", "remark", "fluent"]),
        ("remove-1", ["accuracy", "remark"]),
        ("up-0", ["accuracy", "fluent", "remark"]),
        ("down-2", ["accuracy", "fluent", "remark"]),
        ("remove-9", ["accuracy", "fluent", "remark"]),
        ("nonsense", ["accuracy", "fluent", "remark"]),
    ],
)
def test_buttons_arrange_the_criteria_and_save_nothing(
    adas: Client,
    draft_version: RubricVersion,
    press: Callable[..., HttpResponse],
    act: str,
    keys: list[str],
) -> None:
    page = adas.get(reverse("rubrics:edit", args=[draft_version.pk]))
    page = press(page, act)
    assert page.status_code == 200
    form = form_on(page)
    assert [form[f"c{place}-key"] for place in range(len(keys))] == keys
    assert draft_version.criteria.count() == 3

    press(page, "save")
    saved = [criterion.key for criterion in draft_version.criteria.all()]
    assert saved == keys


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": ""}, "id_name"),
        ({"c0_key": "Two Words"}, "id_c0-key"),
        ({"c0_question": ""}, "id_c0-question"),
        ({"c0_kind": ""}, "id_c0-kind"),
        ({"c0_levels": "1\n1"}, "id_c0-levels"),
        ({"c0_levels": "low\nhigh"}, "id_c0-levels"),
        ({"c0_levels": "1 | a | b | c | d\n2"}, "id_c0-levels"),
        ({"c0_kind": "text"}, "id_c0-levels"),
        ({"c0_kind": "preference", "c0_target": "output"}, "id_c0-target"),
        ({"c0_minimum": "2"}, "id_c0-minimum"),
        (
            {"c0_kind": "numeric", "c0_levels": "", "c0_minimum": "low"},
            "id_c0-minimum",
        ),
        ({"c0_strength": "on"}, "id_c0-strength"),
        ({"c0_rationale": "below", "c0_rationale_below": ""}, "id_c0-rationale"),
        ({"c0_weight": "heavy"}, "id_c0-weight"),
    ],
)
def test_a_fault_is_shown_at_its_field_and_nothing_is_saved(
    adas: Client,
    project: Project,
    press: Callable[..., HttpResponse],
    typed: dict[str, str],
    field: str,
) -> None:
    good: dict[str, Any] = {
        "name": "Tone",
        "c0_key": "tone",
        "c0_question": "Is it kind?",
        "c0_kind": "ordinal",
        "c0_levels": "1\n2",
        "c0_target": "",
        "c0_minimum": "",
        "c0_strength": None,
        "c0_rationale": "optional",
        "c0_weight": "1",
    }
    page = adas.get(reverse("rubrics:new", args=[project.pk]))
    refused = press(page, "publish", **good | typed)

    assert refused.status_code == 422
    assert f'href="#{field}"' in refused.content.decode()
    assert f'id="{field}_error"' in refused.content.decode()
    assert not Rubric.objects.exists()
    assert press(refused, "publish", **good).status_code == 302


def test_faults_are_listed_by_criterion_each_once(
    adas: Client, draft_version: RubricVersion, press: Callable[..., HttpResponse]
) -> None:
    page = adas.get(reverse("rubrics:edit", args=[draft_version.pk]))
    refused = press(page, "save", c1_question="", c2_key="accuracy")
    listed = re.findall(r'<li><a href="#id_c.*?</li>', refused.content.decode())
    assert [re.sub("<.*?>", "", line) for line in listed] == [
        "Criterion 2, Question: This field is required.",
        "Criterion 3, Key: Another criterion has the key accuracy.",
    ]


def test_an_empty_editor_asks_for_a_criterion(
    adas: Client, project: Project, press: Callable[..., HttpResponse]
) -> None:
    page = adas.get(reverse("rubrics:new", args=[project.pk]))
    page = press(page, "remove-0", name="Tone")
    refused = press(page, "save")
    assert refused.status_code == 422
    assert "at least one criterion" in refused.content.decode()


def test_a_draft_saved_by_another_meanwhile_is_told_before_it_is_replaced(
    adas: Client, draft_version: RubricVersion, press: Callable[..., HttpResponse]
) -> None:
    edit = reverse("rubrics:edit", args=[draft_version.pk])
    mine, theirs = adas.get(edit), adas.get(edit)
    press(theirs, "save", c0_question="Theirs?")

    refused = press(mine, "save", c0_question="Mine?")
    assert refused.status_code == 422
    assert "Somebody saved another draft" in refused.content.decode()
    assert draft_version.criteria.get(position=1).question == "Theirs?"

    assert press(refused, "save").status_code == 302
    assert draft_version.criteria.get(position=1).question == "Mine?"


@pytest.mark.parametrize("count", ["", "-1", "x", "999999999999", "²"])
def test_a_tampered_count_does_no_harm(
    adas: Client, project: Project, count: str
) -> None:
    path = reverse("rubrics:new", args=[project.pk])
    posted = {"name": "Tone", "count": count, "act": "save"}
    assert adas.post(path, posted).status_code == 422
