"""Judged batches and releases, named so that the access table can ask for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import Project, User
from annotation.models import (
    Answer,
    Assignment,
    Batch,
    Dataset,
    Item,
    Judgment,
    Output,
    System,
    Unit,
    UnitOutput,
)
from annotation.models.unit import subject_of
from exports.actions import build_release, request_release
from exports.models import GoldRelease
from exports.rules import Options
from jobs.models import Job, State
from rubrics.instrument import Question, published_instrument
from rubrics.models import Kind, RubricVersion

ABSENT = {"not_applicable", "cannot_judge"}

Votes = Mapping[User, Mapping[str, Any]]
JudgedBatch = Callable[..., Batch]
Released = Callable[..., GoldRelease]


@pytest.fixture
def judged_batch(project: Project, ada: User) -> JudgedBatch:
    """judged_batch(version, {"q1/a": {ben: {"accuracy": 4}}}): units with their votes.

    A unit is named by its output, or by a pair "q1/a q1/b"; an output's item and system
    are the parts of its name. Values are as stored: "first", 4, ["x"], "cannot_judge".
    """

    def make(
        version: RubricVersion,
        units: Mapping[str, Votes],
        name: str = "Batch 1",
        dataset: str = "Questions",
    ) -> Batch:
        batch = Batch.objects.create(
            project=project,
            dataset=dataset_named(project, dataset, ada),
            rubric_version=version,
            name=name,
            layout="pairwise" if " " in next(iter(units), "") else "scoring",
            overlap=2,
            created_by=ada,
        )
        for outputs, votes in units.items():
            unit = unit_of(batch, outputs.split(" "))
            for annotator, answers in votes.items():
                judge(unit, annotator, answers)
        return batch

    return make


def dataset_named(project: Project, name: str, by: User) -> Dataset:
    made, _ = Dataset.objects.get_or_create(
        project=project, name=name, defaults={"created_by": by}
    )
    return made


def unit_of(batch: Batch, names: Sequence[str]) -> Unit:
    outputs = [output_named(batch.dataset, name) for name in names]
    unit = Unit.objects.create(
        batch=batch,
        item=outputs[0].item,
        subject=subject_of((one.external_id, one.revision) for one in outputs),
        required=9,
        place=0.5,
    )
    for position, output in enumerate(outputs):
        UnitOutput.objects.create(unit=unit, position=position, output=output)
    return unit


def output_named(dataset: Dataset, name: str) -> Output:
    item_name, _, system_name = name.rpartition("/")
    item, _ = Item.objects.get_or_create(
        dataset=dataset,
        external_id=item_name or name,
        defaults={"input": item_name, "content_hash": item_name, "record_hash": ""},
    )
    system, _ = System.objects.get_or_create(project=dataset.project, name=system_name)
    made, _ = Output.objects.get_or_create(
        dataset=dataset,
        external_id=name,
        defaults={
            "item": item,
            "system": system,
            "content": f"An answer by {system_name}.",
            "content_hash": name,
            "record_hash": "",
        },
    )
    return made


def judge(unit: Unit, annotator: User, answers: Mapping[str, Any]) -> Judgment:
    """Record a submitted judgment, or a revision of the one before."""
    assignment, is_new = Assignment.objects.get_or_create(
        unit=unit,
        annotator=annotator,
        defaults={"batch": unit.batch, "state": "submitted", "holds_slot": True},
    )
    if is_new:
        unit.taken += 1
        unit.save()
    assignment.judgments.current().update(superseded_at=timezone.now())
    judgment = Judgment.objects.create(
        assignment=assignment,
        number=assignment.judgments.count() + 1,
        created_at=timezone.now(),
        content_hash="",
    )
    instrument = published_instrument(unit.batch.rubric_version_id)
    outputs = [one.output for one in unit.unit_outputs.select_related("output")]
    for key, value in answers.items():
        question = instrument.by_key[key]
        targets = outputs if question.of_each_output else [None]
        values = value if isinstance(value, dict) else dict.fromkeys(range(9), value)
        for place, output in enumerate(targets):
            named = output.external_id if output and value is values else place
            Answer.objects.create(
                judgment=judgment,
                criterion_id=question.id,
                output=output,
                **columns(question, values[named]),
            )
    return judgment


def columns(question: Question, value: Any) -> dict[str, Any]:
    if isinstance(value, str) and value in ABSENT:
        return {"absent": value}
    if question.kind == Kind.NUMERIC:
        return {"number": value}
    if question.kind == Kind.TEXT:
        return {"text": value}
    if question.kind in (Kind.MULTIPLE, Kind.RANKING):
        return {"choices": value}
    code = str(value).lower() if isinstance(value, bool) else str(value)
    return {"level_id": question.by_code[code].id}


@pytest.fixture
def released(project: Project, ada: User) -> Released:
    """released([batch], "majority", min_support=2): built, here and now."""

    def make(
        batches: Sequence[Batch], rule: Any = "majority", **options: Any
    ) -> GoldRelease:
        with transaction.atomic():
            release = request_release(
                project=project,
                batches=batches,
                rule=rule,
                options=Options(**options),
                by=ada,
            )
            # Built below: a worker of the session that hears of it finds it done.
            Job.objects.filter(project=project).update(state=State.DONE)
        return built(release)

    return make


def built(release: GoldRelease) -> GoldRelease:
    build_release(release, lambda done, total=None, message="": None)
    return release


@pytest.fixture
def scored_batch(
    judged_batch: JudgedBatch,
    rubric_version: RubricVersion,
    ben: User,
    cleo: User,
) -> Batch:
    """Two answers to one question and one to another; Ben and Cleo differ once."""
    return judged_batch(
        rubric_version,
        {
            "q1/a": {
                ben: {"accuracy": 4, "fluent": True, "remark": "Terse."},
                cleo: {"accuracy": 4, "fluent": True, "remark": ""},
            },
            "q1/b": {
                ben: {"accuracy": 2, "fluent": True},
                cleo: {"accuracy": 5, "fluent": False},
            },
            "q2/a": {ben: {"accuracy": 1, "fluent": False}},
        },
    )


@pytest.fixture
def ready_release(released: Released, scored_batch: Batch) -> GoldRelease:
    """By majority: 4 labels, 2 unresolved, 3 answers to the remark left out."""
    return released([scored_batch])


@pytest.fixture
def building_release(project: Project, scored_batch: Batch, ada: User) -> GoldRelease:
    return request_release(
        project=project, batches=[scored_batch], rule="majority", by=ada
    )
