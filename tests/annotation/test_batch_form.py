"""The pages on which a batch is made and changed, with and without a script."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from accounts.models import AuditEvent, Group, Membership, Project, User
from annotation.models import Batch, Dataset, Unit
from rubrics.actions import create_version
from rubrics.models import RubricVersion
from rubrics.shape import read_criteria

OK = {"key": "ok", "question": "Is it right?", "scale": {"kind": "binary"}}


def text_of(reply: Any) -> str:
    return re.sub(r"\s+", " ", strip_tags(reply.content.decode()))


@pytest.fixture
def page(signed_in: Any, ada: User) -> Client:
    return signed_in(ada)


@pytest.fixture
def url(project: Project) -> str:
    return reverse("annotation:batch-new", args=[project.pk])


@pytest.fixture
def posted(dataset: Dataset, rubric_version: RubricVersion, ben: User) -> Any:
    """What a browser sends that leaves all but the first fields as they are."""
    return {
        "name": "By page",
        "dataset": str(dataset.pk),
        "rubric_version": str(rubric_version.pk),
        "layout": "",
        "pairs": "all",
        "annotators": [str(Membership.objects.get(user=ben).pk)],
        "overlap": "1",
        "strategy": "pool",
        "lease_minutes": "30",
        "seed": "0",
    }


def test_a_project_without_anything_says_what_to_do_first(
    page: Client, url: str, project: Project
) -> None:
    Membership.objects.filter(role="annotator").update(role="viewer")
    shown = page.get(url)
    said = text_of(shown)
    assert "Make a dataset" in said
    assert "Open the library" in said
    assert "Nobody in the project annotates yet." in said
    assert "Make the batch" not in said
    assert reverse("rubrics:library", args=[project.pk]) in shown.content.decode()


def test_what_there_is_only_one_of_is_chosen_already(
    page: Client, url: str, dataset: Dataset, rubric_version: RubricVersion
) -> None:
    form = page.get(url).context["form"]
    assert form["dataset"].value() == dataset.pk
    assert form["rubric_version"].value() == rubric_version.pk
    assert len(form["annotators"].value()) == 2
    assert form["name"].value() == "Batch 1"
    assert form["overlap"].value() == 2


def test_segments_of_the_dataset_are_shown_with_their_counts(
    page: Client, url: str, dataset: Dataset, rubric_version: RubricVersion
) -> None:
    said = text_of(page.get(url))
    assert "Segment parity even 3 odd 3" in said


def test_a_comparing_rubric_makes_pairs_without_being_told(
    page: Client, url: str, posted: Any, pairwise_version: RubricVersion
) -> None:
    page.post(url, posted | {"rubric_version": str(pairwise_version.pk)})
    assert Batch.objects.get().layout == "pairwise"


def test_every_choice_of_the_form_reaches_the_batch(
    page: Client, url: str, posted: Any, dataset: Dataset
) -> None:
    more = {
        "overlap": "2",
        "annotators": [str(m.pk) for m in Membership.objects.filter(role="annotator")],
        "systems": ["wren"],
        "segments": ['["parity", "odd"]'],
        "items": "q1\n\n q3 \nq5",
        "sure": "parity = odd",
        "rest_share": "0",
        "overlap_share": "50",
        "per_annotator_cap": "9",
        "daily_cap": "4",
        "priority": "1",
        "due_at": "2030-01-01T12:00",
    }
    reply = page.post(url, posted | more)
    assert reply.status_code == 302, reply.context["form"].errors
    batch = Batch.objects.get()
    assert (batch.overlap_share, batch.cap, batch.daily_cap) == (0.5, 9, 4)
    assert batch.priority == 1
    assert batch.selection["items"] == ["q1", "q3", "q5"]
    assert batch.selection["sure"] == {"segments": {"parity": ["odd"]}, "metadata": {}}
    required = Unit.objects.order_by("place").values_list("required", flat=True)
    assert list(required) == [2, 2, 1]


def test_a_group_brings_its_annotating_members(
    page: Client, url: str, posted: Any, project: Project, cleo: User, vic: User
) -> None:
    group = Group.objects.create(project=project, name="German")
    group.members.set(Membership.objects.filter(user__in=[cleo, vic]))
    page.post(url, posted | {"annotators": [], "groups": [str(group.pk)]})
    assert [member.user for member in Batch.objects.get().members.all()] == [cleo]


def test_named_people_are_written_line_by_line(
    page: Client, url: str, posted: Any, ben: User, cleo: User
) -> None:
    lines = "q1 ben@example.org, cleo@example.org\nq2/wren cleo@example.org"
    page.post(url, posted | {"strategy": "named", "assigned": lines, "annotators": []})
    batch = Batch.objects.get()
    assert sorted(batch.units.values_list("required", flat=True)) == [1, 2, 2]
    assert {member.user for member in batch.members.all()} == {ben, cleo}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"metadata": "plan pro"}, "metadata"),
        ({"metadata": "plan = gold"}, "metadata"),
        ({"items": "q99"}, "items"),
        ({"segments": ["x"]}, "segments"),
        ({"segments": ['["parity", "prime"]']}, "segments"),
        ({"only": "often"}, "only"),
        ({"sure": "parity = odd"}, "rest_share"),
        ({"rest_share": "20"}, "sure"),
        ({"strategy": "skill"}, "skill_segment"),
        ({"strategy": "named", "assigned": "q1"}, "assigned"),
        ({"strategy": "named", "assigned": "q1 vic@example.org"}, "assigned"),
        ({"overlap_share": "101"}, "overlap_share"),
        ({"annotators": []}, "annotators"),
    ],
)
def test_a_fault_stands_at_its_field_and_its_part_is_open(
    page: Client, url: str, posted: Any, changed: Any, field: str
) -> None:
    reply = page.post(url, posted | changed)
    assert reply.status_code == 422
    assert field in reply.context["form"].errors
    assert not Batch.objects.exists()


def test_the_cost_is_shown_without_a_script(
    page: Client, url: str, posted: Any
) -> None:
    reply = page.post(url, posted | {"act": "preview", "sample": "5"})
    assert reply.status_code == 200
    said = text_of(reply)
    assert "5 units × 1 = 5 judgments, about 5 min for 1 annotator." in said
    assert "60 s a judgment is an assumption" in said
    assert not Batch.objects.exists()


def test_the_cost_follows_the_fields_and_brings_another_dataset_s_choices(
    page: Client, posted: Any, project: Project, make_dataset: Any, dataset: Dataset
) -> None:
    preview = reverse("annotation:batch-new-preview", args=[project.pk])
    shown = {"choices_of": str(dataset.pk)}
    reply = page.post(preview, posted | shown)
    assert "12 units × 1 = 12 judgments" in text_of(reply)
    assert b"batch-choices" not in reply.content
    other = make_dataset(2, name="Other", systems=("owl",))
    reply = page.post(preview, posted | shown | {"dataset": str(other.pk)})
    assert b"hx-swap-oob" in reply.content
    assert "owl" in text_of(reply)
    missing = page.post(preview, posted | shown | {"annotators": []})
    assert "The cost is shown here when this is settled:" in text_of(missing)


@pytest.fixture
def settings_url(open_batch: Batch) -> str:
    return reverse("annotation:batch-settings", args=[open_batch.pk])


def as_posted(page: Client, url: str) -> dict[str, Any]:
    """The settings as a browser would send them back untouched."""
    form = page.get(url).context["form"]
    found = {}
    for field in form:
        value = field.value()
        found[field.html_name] = "" if value is None else value
    return found


def test_settings_are_changed_and_only_what_changed(
    page: Client, settings_url: str, open_batch: Batch
) -> None:
    posted = as_posted(page, settings_url)
    before = AuditEvent.objects.count()
    assert page.post(settings_url, posted).status_code == 302
    assert AuditEvent.objects.count() == before
    changed = {
        "name": "Renamed",
        "overlap": "3",
        "cap": "8",
        "daily_cap": "5",
        "priority": "1",
        "due_at": "2030-01-01T12:00",
        "lease_minutes": "15",
    }
    reply = page.post(settings_url, posted | changed)
    assert reply.status_code == 302, reply.context["form"].errors
    open_batch.refresh_from_db()
    assert (open_batch.name, open_batch.overlap, open_batch.cap) == ("Renamed", 3, 8)
    assert (open_batch.daily_cap, open_batch.priority) == (5, 1)
    assert open_batch.lease.total_seconds() == 900
    assert open_batch.due_at is not None
    assert AuditEvent.objects.filter(verb="batch changed").count() == 1


def test_what_a_change_opens_is_said_before_it_is_saved(
    page: Client, settings_url: str, open_batch: Batch
) -> None:
    posted = as_posted(page, settings_url) | {"overlap": "4"}
    preview = reverse("annotation:batch-settings-preview", args=[open_batch.pk])
    assert "Opens 24 more judgments, about 12 min each." in text_of(
        page.post(preview, posted)
    )
    without_script = page.post(settings_url, posted | {"act": "preview"})
    assert "Opens 24 more judgments" in text_of(without_script)
    open_batch.refresh_from_db()
    assert open_batch.overlap == 2


def test_an_archived_batch_keeps_its_settings(
    page: Client, settings_url: str, open_batch: Batch
) -> None:
    posted = as_posted(page, settings_url)
    Batch.objects.update(state="archived")
    assert "Save the changes" not in text_of(page.get(settings_url))
    reply = page.post(settings_url, posted | {"overlap": "1"})
    assert reply.status_code == 422
    assert "archived" in text_of(reply)


def test_who_left_is_told_on_the_settings_page(
    page: Client, settings_url: str, ben: User
) -> None:
    Membership.objects.filter(user=ben).update(role="viewer")
    assert "Ben judges here no more." in text_of(page.get(settings_url))


@pytest.mark.parametrize(
    "value", ["9" * 30, "1e999", "NaN", r'"\ud800"', r'"\u0000"', "[" * 100_000]
)
def test_a_condition_that_no_database_can_compare_is_text_that_nothing_has(
    page: Client, url: str, posted: Any, value: str
) -> None:
    refused = page.post(url, {**posted, "metadata": f"plan = {value}"})
    assert refused.status_code == 422
    assert "No item or output of the dataset has" in text_of(refused)


@pytest.mark.parametrize(
    "code", [r'["\ud800", "x"]', r'["a\u0000", "x"]', "[" * 100_000]
)
def test_a_segment_that_no_database_can_compare_is_no_choice(
    page: Client, url: str, posted: Any, code: str
) -> None:
    refused = page.post(url, {**posted, "segments": code})
    assert refused.status_code == 422
    assert "segments" in refused.context["form"].errors


def test_older_versions_of_a_rubric_stand_behind_and_are_marked(
    page: Client,
    url: str,
    dataset: Dataset,
    rubric_version: RubricVersion,
    ada: User,
) -> None:
    rubric = rubric_version.rubric
    newer = create_version(
        rubric=rubric,
        criteria=read_criteria([OK]),
        by=ada,
    )
    form = page.get(url).context["form"]
    labels = [str(label) for _value, label in form["rubric_version"].field.choices]
    assert labels[1:] == [f"{rubric.name} v2", f"{rubric.name} v1 (superseded)"]
    assert form["rubric_version"].value() == newer.pk


def test_the_cost_asks_for_a_dataset_and_a_rubric_first(
    page: Client, posted: Any, project: Project
) -> None:
    preview = reverse("annotation:batch-new-preview", args=[project.pk])
    said = text_of(page.post(preview, posted | {"rubric_version": ""}))
    assert "Choose a dataset and a rubric to see what it costs." in said
    assert "This field is required." not in said
