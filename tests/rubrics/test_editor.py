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
from rubrics.actions import create_rubric
from rubrics.instrument import instrument_of
from rubrics.models import Rubric, RubricVersion
from rubrics.serialize import criteria_json
from rubrics.shape import read_criteria


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


def with_dashes(found: re.Match[str]) -> str:
    """c0_l1_value is the field c0-l1-value."""
    return "".join(f"{part}-" for part in found.groups() if part)


@pytest.fixture
def press(adas: Client) -> Callable[..., HttpResponse]:
    """press(page, "add", c0_key="tone"): type, then press one of the buttons.

    A box is ticked by "on" and unticked by None.
    """

    def do(response: HttpResponse, act: str, **typed: str | None) -> HttpResponse:
        names = {
            re.sub(r"^(c\d+)_(?:(l\d+)_)?", with_dashes, name): typed[name]
            for name in typed
        }
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
        c0_l0_value="1",
        c0_l0_label="Cold",
        c0_l0_anchor="Rude or bare.",
        c0_l1_value="2",
        c0_l2_value="3",
        c0_l2_label="Warm",
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
        ({"c0_l1_value": "1"}, "id_c0-l1-value"),
        ({"c0_l1_value": "high"}, "id_c0-l1-value"),
        ({"c0_l1_value": "", "c0_l1_anchor": "Warm."}, "id_c0-l1-value"),
        ({"c0_l0_hotkey": "2", "c0_l1_hotkey": "2"}, "id_c0-l1-hotkey"),
        ({"c0_when": "nobody", "c0_when_is": "1"}, "id_c0-when"),
        ({"c0_kind": "preference", "c0_target": "output"}, "id_c0-target"),
        ({"c0_minimum": "2"}, "id_c0-minimum"),
        (
            {
                "c0_kind": "numeric",
                "c0_l0_value": "",
                "c0_l1_value": "",
                "c0_minimum": "low",
            },
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
        "c0_l0_value": "1",
        "c0_l1_value": "2",
        "c0_l1_anchor": "",
        "c0_l0_hotkey": "",
        "c0_l1_hotkey": "",
        "c0_when": "",
        "c0_when_is": "",
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


@pytest.mark.parametrize(
    ("act", "values"),
    [
        ("up-0-1", ["2", "1", "3", "4", "5"]),
        ("down-0-1", ["1", "3", "2", "4", "5"]),
        ("remove-0-1", ["1", "3", "4", "5"]),
        ("add-0", ["1", "2", "3", "4", "5", ""]),
        ("up-0-9", ["1", "2", "3", "4", "5"]),
        ("down-0-4", ["1", "2", "3", "4", "5"]),
        ("up-7-0", ["1", "2", "3", "4", "5"]),
    ],
)
def test_buttons_arrange_the_levels_of_a_criterion(
    adas: Client,
    draft_version: RubricVersion,
    press: Callable[..., HttpResponse],
    act: str,
    values: list[str],
) -> None:
    page = adas.get(reverse("rubrics:edit", args=[draft_version.pk]))
    page = press(page, act)
    assert page.status_code == 200
    form = form_on(page)
    count = int(form["c0-levels"])
    assert [form[f"c0-l{place}-value"] for place in range(count)] == values
    if act == "remove-0-1":
        assert form["c0-l1-anchor"] == "Partly wrong."


@pytest.mark.parametrize(
    ("kind", "values", "field"),
    [
        ("nominal", ["only"], "c0-levels"),
        ("binary", ["yes", "maybe"], "id_c0-l1-value"),
        ("text", ["1"], "c0-levels"),
    ],
)
def test_faults_of_levels_are_shown_where_they_are(
    adas: Client,
    project: Project,
    press: Callable[..., HttpResponse],
    kind: str,
    values: list[str],
    field: str,
) -> None:
    typed = {f"c0_l{place}_value": value for place, value in enumerate(values)}
    page = adas.get(reverse("rubrics:new", args=[project.pk]))
    refused = press(
        page, "save", name="T", c0_key="t", c0_question="T?", c0_kind=kind, **typed
    )
    assert refused.status_code == 422
    assert f'href="#{field}"' in refused.content.decode()
    assert f'id="{field}"' in refused.content.decode()


def test_a_condition_is_typed_saved_and_shown_again(
    adas: Client, draft_version: RubricVersion, press: Callable[..., HttpResponse]
) -> None:
    edit = reverse("rubrics:edit", args=[draft_version.pk])
    press(adas.get(edit), "save", c2_when="fluent", c2_when_is="no")
    remark = draft_version.criteria.get(key="remark")
    assert remark.asked_when == {"criterion": "fluent", "values": [False]}

    page = adas.get(edit)
    assert form_on(page)["c2-when_is"] == "false"
    press(page, "save", c2_when="accuracy", c2_when_is="1\r\n2")
    remark = draft_version.criteria.get(key="remark")
    assert remark.asked_when == {"criterion": "accuracy", "values": [1, 2]}


def test_a_name_that_is_taken_is_refused(
    adas: Client,
    project: Project,
    rubric_version: RubricVersion,
    press: Callable[..., HttpResponse],
) -> None:
    page = adas.get(reverse("rubrics:new", args=[project.pk]))
    typed = {"c0_key": "t", "c0_question": "T?", "c0_kind": "binary"}
    refused = press(page, "save", name="Helpfulness", **typed)
    assert refused.status_code == 422
    assert "This project has a rubric named “Helpfulness”" in refused.content.decode()
    assert Rubric.objects.count() == 1


def test_what_a_new_version_changes_is_seen_before_it_is_published(
    adas: Client, rubric_version: RubricVersion, press: Callable[..., HttpResponse]
) -> None:
    page = adas.get(reverse("rubrics:edit", args=[rubric_version.pk]))
    answer = press(
        page,
        "publish",
        c0_question="Is each claim true?",
        c1_allow_cannot_judge="on",
    )
    draft = RubricVersion.objects.get(number=2)
    publication = reverse("rubrics:publication", args=[draft.pk])
    assert answer.url == publication
    assert not draft.is_published

    shown = adas.get(publication).content.decode()
    assert "Is <del>every</del><ins>each</ins> claim true?" in shown
    assert "“Cannot judge” may be answered now." in shown
    assert "breaking changes" in shown
    adas.post(publication)
    draft.refresh_from_db()
    assert draft.is_published
    assert adas.get(publication).status_code == 302


def test_a_rubric_larger_than_a_form_is_changed_as_a_file(
    adas: Client, project: Project, ada: User
) -> None:
    levels = [{"value": f"v{number}"} for number in range(300)]
    scale = {"kind": "nominal", "levels": levels}
    version = create_rubric(
        project=project,
        name="Large",
        criteria=read_criteria([{"key": "a", "question": "?", "scale": scale}]),
        by=ada,
    )
    answer = adas.get(reverse("rubrics:edit", args=[version.pk]), follow=True)
    assert answer.redirect_chain[0][0] == reverse("rubrics:version", args=[version.pk])
    assert "Download it as a file" in answer.content.decode()


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


@pytest.mark.parametrize("field", ["count", "c0-levels", "act"])
def test_a_number_of_thousands_of_digits_does_no_harm(
    adas: Client, project: Project, field: str
) -> None:
    path = reverse("rubrics:new", args=[project.pk])
    number = "9" * 5_000
    posted = {"name": "Tone", "count": "1", "act": "up-0"}
    posted[field] = f"up-{number}" if field == "act" else number
    assert adas.post(path, posted).status_code in (200, 422)
