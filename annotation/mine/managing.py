"""What waits for somebody who manages: told, stuck, late or done, in every project.

Each function takes many batches and asks as many queries as for one.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Membership, User
from accounts.permissions import MANAGING
from annotation.flags import skips_by_batch, waiting_by_batch
from annotation.mine.attention import MOST, Attention
from annotation.models import Assignment, Batch, BatchMember
from annotation.models.assignment import AssignmentState
from annotation.models.batch import BatchState
from annotation.watching.counts import Counts
from annotation.watching.snapshot import counts_in

MOST_BATCHES = 100
MANY_LAPSED = 3


def of_a_manager(user: User) -> list[Attention]:
    """What waits for me in the projects that I manage, what cannot wait first."""
    managing = Membership.objects.current().filter(user=user, role__in=list(MANAGING))
    batches = list(
        Batch.objects.filter(project__in=managing.values("project"))
        .filter(state__in=[BatchState.OPEN, BatchState.PAUSED])
        .select_related("project")
        .order_by("created_at")[:MOST_BATCHES]
    )
    if not batches:
        return []
    counts = {pk: kept.value for pk, kept in counts_in(batches).items()}
    return [
        *told_by_annotators(batches),
        *trainees(batches),
        *standing_still(batches, counts),
        *ready_for_gold(batches, counts),
    ][:MOST]


def told_by_annotators(batches: Sequence[Batch]) -> list[Attention]:
    """Flags and skips that wait for an answer, by batch."""
    flags, skips = waiting_by_batch(batches), skips_by_batch(batches)
    found = []
    for batch in batches:
        waiting, skipped = flags.get(batch.pk, 0), skips.get(batch.pk, 0)
        if not waiting and not skipped:
            continue
        said = []
        if waiting:
            words = ngettext("%(n)s flag waits", "%(n)s flags wait", waiting)
            said.append(words % {"n": f"{waiting:,}"})
        if skipped:
            words = ngettext("%(n)s skip waits", "%(n)s skips wait", skipped)
            said.append(words % {"n": f"{skipped:,}"})
        address = reverse("annotation:flags", args=[batch.pk])
        found.append(
            about(
                batch,
                ", ".join(said),
                url=address if waiting else f"{address}?show=skips",
                action=_("Read and answer"),
            )
        )
    return found


def trainees(batches: Sequence[Batch]) -> list[Attention]:
    """Annotators who used their last attempt in vain: one query."""
    trained = {batch.pk: batch for batch in batches if batch.has_training}
    if not trained:
        return []
    members = (
        BatchMember.objects.filter(batch__in=list(trained), active=True)
        .filter(trained_at=None)
        .annotate(tried=Count("attempts"))
        .filter(tried__gte=F("batch__training_attempts"))
        .select_related("user")
        .order_by("pk")
    )
    return [
        about(
            trained[member.batch_id],
            _("%(person)s did not pass the training") % {"person": member.user},
            words=_("Nothing is given to them until you let them in."),
            action=_("Open the batch"),
        )
        for member in members[:MOST]
    ]


def standing_still(
    batches: Sequence[Batch], counts: dict[UUID, Counts]
) -> list[Attention]:
    """Open batches that are late, that nobody works in, or whose leases ran out."""
    now = timezone.now()
    at_work = people_at_work(batches)
    lapsed = lapsed_leases(batches)
    found = []
    for batch in batches:
        if not batch.is_open or not counts[batch.pk].remaining:
            continue
        if batch.due_at and batch.due_at < now:
            title = _("Late: it was due %(date)s")
            date = date_format(timezone.localtime(batch.due_at), "DATE_FORMAT")
            found.append(about(batch, title % {"date": date}))
        elif batch.pk not in at_work:
            found.append(about(batch, _("Nobody takes its units; add annotators")))
        elif lapsed.get(batch.pk, 0) >= MANY_LAPSED:
            words = _("%(n)s units were opened and left until their lease ran out")
            found.append(about(batch, words % {"n": f"{lapsed[batch.pk]:,}"}))
    return found


def people_at_work(batches: Sequence[Batch]) -> set[UUID]:
    """Batches with an annotator who still judges there: one query."""
    there = Membership.objects.current().judging()
    there = there.filter(project=OuterRef("batch__project"), user=OuterRef("user"))
    members = BatchMember.objects.filter(Exists(there), batch__in=batches, active=True)
    return set(members.order_by().values_list("batch", flat=True).distinct())


def lapsed_leases(batches: Sequence[Batch]) -> dict[UUID, int]:
    """How many leases are over and not given back, by batch: one query."""
    rows = Assignment.objects.filter(
        batch__in=batches,
        state=AssignmentState.LEASED,
        reserved=False,
        lease_expires_at__lt=timezone.now(),
    )
    return dict(rows.order_by().values_list("batch").annotate(count=Count("*")))


def ready_for_gold(
    batches: Sequence[Batch], counts: dict[UUID, Counts]
) -> list[Attention]:
    return [
        about(
            batch,
            _("Every judgment is there"),
            words=_("Close it, then settle what is disputed and release gold."),
            action=_("Open the batch"),
        )
        for batch in batches
        if counts[batch.pk].is_done
    ]


def about(
    batch: Batch, title: str, *, words: str = "", url: str = "", action: str = ""
) -> Attention:
    return Attention(
        title=title,
        where=f"{batch.name}, {batch.project.name}",
        words=words,
        by="",
        url=url or batch.get_absolute_url(),
        action=action or _("Open the batch"),
    )
