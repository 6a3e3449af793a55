"""Fill a database with the demo project, through the same actions as everybody."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.actions.members import add_member
from accounts.actions.people import account_for
from accounts.actions.projects import create_project
from accounts.models import Membership, Project, Role, User
from accounts.permissions import Principal
from annotation.actions.batches import create_batch
from annotation.actions.changing import move_batch
from annotation.actions.claiming import take_next
from annotation.actions.datasets import create_dataset
from annotation.actions.flags import raise_flag
from annotation.actions.importing import import_outputs
from annotation.actions.judging import skip
from annotation.actions.judgments import import_judgments
from annotation.actions.units import Selection
from annotation.importing.readers import Row, read_ndjson
from annotation.models import Batch, Dataset
from annotation.models.flag import FlagKind
from annotation.reasons import SKIP_REASONS
from annotation.votes import outputs_by_unit
from config.demo.simulation import ANNOTATORS, Truth, compare, score, seconds
from exports.actions import request_release
from rubrics.actions import create_rubric
from rubrics.models import RubricVersion
from rubrics.shape import read_criteria

CONTENT = Path(__file__).parent / "content"
NAME = "Quillwheel support answers (demo)"
NOTE = (
    "Written for the demo: company, questions and systems are invented. The judgments "
    "that you find here come from a simulation: four programs named Mira, Jonas, Amara "
    "and Felix, with known care, leniency and preference for a side. Whatever you "
    "judge yourself is real."
)
PEOPLE = {
    Role.OWNER: "Olivia Owner",
    Role.MANAGER: "Max Manager",
    Role.ADJUDICATOR: "Ada Adjudicator",
    Role.ANNOTATOR: "Anna Annotator",
    Role.VIEWER: "Victor Viewer",
}
FLAG_OF_MIRA = (
    "(simulated) The answer is right but leaves a step out on purpose, to ask the "
    "customer first. Is that incomplete?"
)
SEED = 20_261
OVERLAP = 3
# What the simulation has judged: the rest is left for whoever tries the demo.
FULLY, PARTLY = 0.70, 0.12


def email_of(role: str) -> str:
    return f"{role}@demo.example"


def demo_project() -> Project | None:
    """The demo project if it was loaded before."""
    owner = Membership.objects.filter(
        role=Role.OWNER, user__email=email_of(Role.OWNER), project__name=NAME
    )
    found = owner.select_related("project").first()
    return found.project if found else None


@transaction.atomic
def load_demo() -> Project:
    """Make the project with its people, batches, judgments and a gold release."""
    people = {
        role: account_for(email=email_of(role), name=name, by=None)
        for role, name in PEOPLE.items()
    }
    owner = people[Role.OWNER]
    project = create_project(name=NAME, by=owner)
    project.note = NOTE
    project.save(update_fields=["note"])
    for role, user in people.items():
        if role != Role.OWNER:
            add_member(project=project, user=user, role=role, by=owner)
    simulated = [join_simulated(project, a.email, a.name, owner) for a in ANNOTATORS]
    dataset = load_dataset(project, owner)
    truth: dict[str, Truth] = json.loads((CONTENT / "truth.json").read_text())
    annotators = [people[Role.ANNOTATOR], *simulated]
    scoring = load_batch(
        project, dataset, "Answer quality", "rubric.json", "scoring", annotators, owner
    )
    pairwise = load_batch(
        project,
        dataset,
        "Which answer to send",
        "comparison.json",
        "pairwise",
        annotators,
        owner,
    )
    for batch in (scoring, pairwise):
        rows = simulated_rows(batch, truth)
        numbered = (Row(number, row) for number, row in enumerate(rows, start=1))
        counts = import_judgments(batch=batch, rows=numbered, by=owner)
        assert counts.rejected == 0, counts.errors[:3]
        move_batch(batch=batch, to="open", by=owner)
        request_release(project=project, batches=[batch], rule="majority", by=owner)
    speak_up(scoring, simulated)
    return project


def speak_up(batch: Batch, simulated: list[User]) -> None:
    """Two of the programs have something for the manager: a flag, a skip."""
    mira, jonas = simulated[:2]
    if unclear := take_next(batch_id=batch.pk, principal=Principal(mira)):
        raise_flag(assignment=unclear, kind=FlagKind.UNCLEAR_RUBRIC, text=FLAG_OF_MIRA)
    if strange := take_next(batch_id=batch.pk, principal=Principal(jonas)):
        skip(assignment=strange, reason=SKIP_REASONS[0])


def join_simulated(project: Project, email: str, name: str, owner: User) -> User:
    user = account_for(email=email, name=f"{name} (simulated)", by=None)
    user.is_active = False  # A program judged in this name; nobody signs in by it.
    user.save(update_fields=["is_active"])
    add_member(project=project, user=user, role=Role.ANNOTATOR, by=owner)
    return user


def load_dataset(project: Project, owner: User) -> Dataset:
    dataset = create_dataset(project=project, name="Support questions", by=owner)
    with (CONTENT / "questions.ndjson").open("rb") as file:
        counts = import_outputs(
            dataset=dataset,
            rows=read_ndjson(file),
            by=owner,
            source="questions.ndjson",
        )
    assert counts.rejected == 0, counts.errors[:3]
    return dataset


def load_batch(
    project: Project,
    dataset: Dataset,
    name: str,
    rubric: str,
    layout: str,
    annotators: list[User],
    owner: User,
) -> Batch:
    criteria = json.loads((CONTENT / rubric).read_text())
    version: RubricVersion = create_rubric(
        project=project,
        name=name,
        criteria=read_criteria(criteria),
        by=owner,
        publish=True,
    )
    batch, _, _ = create_batch(
        project=project,
        dataset=dataset,
        rubric_version=version,
        name=name,
        layout=layout,
        overlap=OVERLAP,
        annotators=annotators,
        selection=Selection(),
        by=owner,
        seed=SEED,
        guidelines=(CONTENT / "guidelines.md").read_text(),
    )
    return batch


def simulated_rows(batch: Batch, truth: dict[str, Truth]) -> Iterator[dict[str, Any]]:
    """Judgments of most units by three of the four simulated annotators, seeded."""
    chance = random.Random(f"{SEED}:{batch.layout}")  # noqa: S311  Must repeat.
    units = list(batch.units.order_by("place").values_list("pk", flat=True))
    outputs = outputs_by_unit(units)
    start = timezone.now() - timedelta(days=9)
    for index, unit in enumerate(units):
        share = index / len(units)
        count = OVERLAP if share < FULLY else 1 if share < FULLY + PARTLY else 0
        for place, annotator in enumerate(chance.sample(ANNOTATORS, count)):
            names = [ref.external_id for ref in outputs[unit]]
            if place % 2:
                names.reverse()
            answers: dict[str, Any]
            if batch.layout == "scoring":
                answers = score(annotator, truth[names[0]], chance)
            else:
                a, b = (truth[name] for name in names)
                answers = {"overall": compare(annotator, a, b, chance)}
            took = seconds(annotator, 90 * len(names), chance)
            at = start + timedelta(days=8 * share, hours=9 + chance.random() * 7)
            row = {
                "annotator": annotator.email,
                "answers": answers,
                "rationales": rationales(answers),
                "submitted_at": at.isoformat(),
                "elapsed_ms": int(took * 1_000),
            }
            yield row | (
                {"output": names[0]} if len(names) == 1 else {"outputs": names}
            )


def rationales(answers: dict[str, Any]) -> dict[str, str]:
    """The rubric asks why where correctness is below 3; programs say what they are."""
    if isinstance(answers.get("correctness"), int) and answers["correctness"] < 3:
        return {"correctness": "(simulated) It contradicts the knowledge base."}
    return {}
