"""The calibration round: its units chosen, its stages, what is said in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import AuditEvent, User
from annotation.actions.before_work import (
    faults_of_known,
    subjects_before_work,
    units_before_work,
)
from annotation.actions.holding import WrongState, locked
from annotation.actions.units import listed_plans
from annotation.answers.given import text_within_limits
from annotation.models import Batch, CalibrationComment, Unit
from annotation.models.batch import BatchState, Stage
from annotation.models.unit import UnitKind
from config.api import Refused

AT_MOST = 100
# The discussion may be opened again; the judging not, since what was seen stays seen.
MOVES = {
    Stage.DISCUSSION: {Stage.OPEN, Stage.CLOSED},
    Stage.CLOSED: {Stage.OPEN, Stage.DISCUSSION},
}


@dataclass(frozen=True)
class Round:
    """A calibration round that is asked for.

    units   so many of the batch's own, drawn with its seed, or lists of outputs by
            external id
    waits   whether the pool stays closed until the round is
    """

    units: int | Sequence[Sequence[str]]
    waits: bool = True

    @property
    def drawn(self) -> int:
        """How many are drawn; none where they are listed."""
        return self.units if isinstance(self.units, int) else 0

    @property
    def listed(self) -> Sequence[Sequence[str]]:
        return () if isinstance(self.units, int) else self.units


def draw_units(batch: Batch, count: int) -> int:
    """Take units out of the pool for the round, by the batch's seed.

    Safe to run again. Returns how many there are now.
    """
    there = Unit.objects.filter(batch=batch, kind=UnitKind.CALIBRATION).count()
    # The place of a unit is a number drawn from seed and outputs.
    pool = Unit.objects.filter(batch=batch, kind=UnitKind.NORMAL, assignments=None)
    drawn = pool.order_by("place", "pk").values_list("pk", flat=True)
    chosen = list(drawn[: max(0, count - there)])
    Unit.objects.filter(pk__in=chosen).update(kind=UnitKind.CALIBRATION)
    return there + len(chosen)


def list_units(batch: Batch, lists: Sequence[Sequence[str]]) -> None:
    """Make the round of these outputs. Raises Refused."""
    plans = list(listed_plans(batch, lists, "calibration.units"))
    faults = faults_of_known(subjects_before_work(batch), plans, "calibration.units")
    if faults:
        raise Refused(_("The batch was not made."), faults)
    units_before_work(batch, plans, UnitKind.CALIBRATION)


@transaction.atomic
def move_calibration(*, batch: Batch, to: str, by: User) -> Batch:
    """Open the discussion, or close the round; the same stage again changes nothing.

    Raises WrongState.
    """
    row = locked(batch)
    if not row.has_calibration:
        raise WrongState(_("The batch has no calibration round."))
    if row.state in (BatchState.DRAFT, BatchState.ARCHIVED):
        raise WrongState(
            _("The batch is %(state)s; its calibration does not move.")
            % {"state": row.state_in_words}
        )
    if row.calibration_stage == to:
        return row
    if row.calibration_stage not in MOVES.get(Stage(to), set()):
        raise WrongState(
            _(
                "The calibration round is in its stage %(calibration_stage)s; it "
                "cannot go to %(to)s from there."
            )
            % {"calibration_stage": row.calibration_stage, "to": to}
        )
    row.calibration_stage = to
    row.save(update_fields=["calibration_stage"])
    row.members.update(looked_back_at=None)
    AuditEvent.objects.record(
        "calibration moved", row, by=by, project=row.project, stage=to
    )
    batch.calibration_stage = to
    return row


@transaction.atomic
def add_comment(*, unit: Unit, by: User, text: str) -> CalibrationComment:
    """Say something about the spread of a unit, while it is discussed.

    Raises WrongState, and Fault for text that cannot stand.
    """
    row = locked(unit.batch)
    if not row.is_discussed:
        raise WrongState(_("The discussion of this calibration round is not open."))
    words = text_within_limits(text.strip())
    return CalibrationComment.objects.create(unit=unit, author=by, text=words)
