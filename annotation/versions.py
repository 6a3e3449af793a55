"""Which version of its rubric a batch is on, and what became of it since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from annotation.models import Batch, Judgment
from annotation.models.batch import BatchState
from annotation.stale import Staleness, staleness_of
from rubrics.changes import Change, compare_versions
from rubrics.comparable import breaking_between
from rubrics.instrument import published_instrument
from rubrics.models import Rubric, RubricVersion

# What is closed is done; reopen it to go on with it.
MOVABLE = (BatchState.DRAFT, BatchState.OPEN, BatchState.PAUSED)


def newest_version(rubric_id: UUID) -> RubricVersion | None:
    """The rubric's latest published version; None while there are only drafts."""
    versions = RubricVersion.objects.published().filter(rubric=rubric_id)
    return versions.select_related("rubric").order_by("-number").first()


def newer_version_of(batch: Batch) -> RubricVersion | None:
    """The rubric's latest published version, where the batch is on an earlier one."""
    newest = newest_version(published_instrument(batch.rubric_version_id).rubric_id)
    is_newer = newest is not None and newest.pk != batch.rubric_version_id
    return newest if is_newer else None


@dataclass(frozen=True)
class Standing:
    """A batch beside the version in force: what changed since, and what can be done."""

    batch: Batch
    newest: RubricVersion
    changes: list[Change]
    is_comparable: bool
    is_judged: bool
    stale: Staleness

    @property
    def is_current(self) -> bool:
        return self.batch.rubric_version_id == self.newest.pk

    @property
    def can_move(self) -> bool:
        fits = self.is_comparable or not self.is_judged
        return not self.is_current and fits and self.batch.state in MOVABLE

    @property
    def must_be_reopened(self) -> bool:
        """It could move, were it not closed."""
        fits = self.is_comparable or not self.is_judged
        return not self.is_current and fits and self.batch.state == BatchState.CLOSED

    @property
    def can_relabel(self) -> bool:
        return bool(self.stale.units)


def batches_on(rubric: Rubric) -> QuerySet[Batch]:
    """Every batch of the rubric, whatever its version, with whether it is judged."""
    judged = Judgment.objects.filter(assignment__batch=OuterRef("pk"))
    return (
        Batch.objects.filter(rubric_version__rubric=rubric)
        .select_related("rubric_version__rubric", "project")
        .annotate(is_judged=Exists(judged))
        .order_by("name", "pk")
    )


def standings_of(batches: Sequence[Batch], newest: RubricVersion) -> list[Standing]:
    """How each of these batches, from `batches_on`, stands to the newest version."""
    stale = staleness_of(newest, batches)
    return [standing_of(batch, newest, stale) for batch in batches]


def standing_of(
    batch: Batch, newest: RubricVersion, stale: dict[UUID, Staleness]
) -> Standing:
    was, now = (published_instrument(pk) for pk in (batch.rubric_version_id, newest.pk))
    return Standing(
        batch,
        newest,
        changes=compare_versions(was, now),
        is_comparable=not breaking_between(batch.rubric_version_id, newest.pk),
        is_judged=batch.is_judged,  # type: ignore[attr-defined]
        stale=stale.get(batch.pk, Staleness()),
    )
