"""A batch asked for: everything that makes one, checked before any of it is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from accounts.models import Project, User
from annotation.actions.units import selection_faults
from annotation.models import Batch, Dataset
from annotation.models.batch import Layout, Priority, Stage, Strategy
from annotation.selecting import Selection
from annotation.skills import segments_named, skills_in
from config.api import Refused
from rubrics.instrument import published_instrument
from rubrics.models import Kind, RubricVersion

if TYPE_CHECKING:
    from annotation.actions.calibration import Round
    from annotation.actions.training import Training


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What `create_batch` makes, and what `cost_of` reckons without making it."""

    project: Project
    dataset: Dataset
    rubric_version: RubricVersion
    name: str
    layout: str
    overlap: int
    annotators: Sequence[User]
    selection: Selection
    overlap_share: float = 1.0
    strategy: str = Strategy.POOL
    skill_segment: str = ""
    cap: int | None = None
    daily_cap: int | None = None
    priority: int = Priority.NORMAL
    lease: timedelta = timedelta(minutes=30)
    due_at: datetime | None = None
    seed: int = 0
    guidelines: str = ""
    training: Training | None = None
    calibration: Round | None = None

    def as_batch(self) -> Batch:
        """The batch as it would be; not saved."""
        return Batch(
            project=self.project,
            dataset=self.dataset,
            rubric_version=self.rubric_version,
            name=self.name,
            layout=self.layout,
            overlap=self.overlap,
            overlap_share=self.overlap_share,
            strategy=self.strategy,
            skill_segment=self.skill_segment,
            cap=self.cap,
            daily_cap=self.daily_cap,
            priority=self.priority,
            lease=self.lease,
            due_at=self.due_at,
            seed=self.seed,
            selection=self.selection.as_json(),
            guidelines=self.guidelines,
            training_pass_mark=self.training.pass_mark if self.training else None,
            training_attempts=self.training.attempts if self.training else 3,
            calibration_stage=Stage.OPEN if self.calibration else "",
            calibration_waits=self.calibration.waits if self.calibration else True,
        )


def refuse_misfits(asked: Asked) -> None:
    """Refuse what cannot be judged, all faults at once. Raises Refused."""
    faults = [
        *rubric_misfits(asked),
        *people_misfits(asked),
        *strategy_misfits(asked),
    ]
    refuse_faults([{"field": field, "message": message} for field, message in faults])
    refuse_faults(selection_faults(asked.dataset, asked.layout, asked.selection))


def refuse_faults(faults: list[dict[str, str]]) -> None:
    if faults:
        raise Refused(_("The batch was not made."), faults)


def rubric_misfits(asked: Asked) -> list[tuple[str, str]]:
    if asked.dataset.project_id != asked.project.pk:
        return [("dataset", _("The dataset belongs to another project."))]
    if asked.rubric_version.rubric.project_id != asked.project.pk:
        return [("rubric_version", _("The rubric belongs to another project."))]
    if not asked.rubric_version.is_published:
        words = _("The version is a draft; publish it first.")
        return [("rubric_version", words)]
    faults = []
    for question in published_instrument(asked.rubric_version.pk):
        if asked.layout == Layout.SCORING and not question.of_each_output:
            words = _(
                "%(key)s compares outputs, and scoring shows one at a time; choose "
                "pairwise."
            )
        elif asked.layout == Layout.RANKING and question.kind == Kind.PREFERENCE:
            words = _("%(key)s prefers one of two outputs; choose pairwise.")
        else:
            continue
        faults.append(("layout", words % {"key": question.key}))
    return faults


def people_misfits(asked: Asked) -> list[tuple[str, str]]:
    """Too few for what must be shared out; a pool may wait for others to join."""
    people = len(set(asked.annotators))
    if not people:
        return [("annotators", _("Name at least one annotator."))]
    if asked.strategy == Strategy.FIXED and asked.overlap > people:
        words = _(
            "%(overlap)s annotators are to judge each unit, but only %(people)s are "
            "named."
        )
        return [("overlap", words % {"overlap": asked.overlap, "people": people})]
    return []


def strategy_misfits(asked: Asked) -> list[tuple[str, str]]:
    faults = []
    named = asked.strategy == Strategy.NAMED
    if named and not asked.selection.assigned:
        words = _("Say who judges which unit, or choose another strategy.")
        faults.append(("assigned", words))
    if asked.selection.assigned and not named:
        words = _("Only the strategy “named” gives units to named people.")
        faults.append(("assigned", words))
    if named and asked.overlap_share != 1:
        words = _("Each unit is judged by all who are named for it.")
        faults.append(("overlap_share", words))
    if asked.strategy == Strategy.SKILL:
        faults += skill_misfits(asked)
    elif asked.skill_segment:
        words = _("Only the strategy “skill” asks for a segment of skills.")
        faults.append(("skill_segment", words))
    return faults


def skill_misfits(asked: Asked) -> list[tuple[str, str]]:
    """A segment that nobody can serve; what some cannot is told in the preview."""
    if not asked.skill_segment:
        words = _("Name the segment whose values are the skills.")
        return [("skill_segment", words)]
    segments = segments_named(asked.as_batch()).filter(dataset=asked.dataset)
    if not segments.exists():
        words = _("The dataset has no segment %(name)s.")
        return [("skill_segment", words % {"name": repr(asked.skill_segment)})]
    skills = skills_in(asked.project.pk)
    known = {word for user in asked.annotators for word in skills.get(user.pk, [])}
    if asked.annotators and not segments.filter(word__in=known).exists():
        words = _(
            "No annotator has a skill that is a value of %(name)s; give them skills on "
            "their member pages first."
        )
        return [("skill_segment", words % {"name": repr(asked.skill_segment)})]
    return []
