"""What people do to rubrics: draft, publish, delete; one transaction per act."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from django.db import IntegrityError, transaction
from django.db.models import Max, ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import AuditEvent, Project, User
from rubrics.instrument import read_instrument
from rubrics.library import LibraryRubric
from rubrics.models import Criterion, Level, Rubric, RubricVersion
from rubrics.serialize import fingerprint
from rubrics.shape import CriterionDraft


class Refusal(Exception):
    """The state of the rubric does not allow the act; the message says what to do."""


class AlreadyPublished(Refusal):
    """The version was published before, perhaps by a double click."""


class NameTaken(Refusal):
    """The project has a rubric of that name."""


class EmptyVersion(Refusal):
    """There is no criterion to publish."""


class DraftInTheWay(Refusal):
    """Somebody's unfinished draft would be lost."""


class RubricInUse(Refusal):
    """Work depends on the rubric."""


@transaction.atomic
def create_rubric(
    *,
    project: Project,
    name: str,
    criteria: Sequence[CriterionDraft],
    by: User,
    publish: bool = False,
    origin: str = "",
) -> RubricVersion:
    """Make a rubric and return its first version, which names the rubric."""
    lock_names(project)
    if project.rubrics.filter(name=name).exists():
        raise NameTaken(
            _(
                "This project has a rubric named “%(name)s”. Choose another name, or "
                "make a new version of that one."
            )
            % {"name": name}
        )
    rubric = Rubric.objects.create(
        project=project, name=name, created_by=by, origin=origin
    )
    AuditEvent.objects.record(
        "rubric created", rubric, by=by, project=project, name=name
    )
    version = RubricVersion.objects.create(rubric=rubric, number=1)
    write_criteria(version, criteria)
    return freeze(version, by) if publish else version


@transaction.atomic
def take_from_library(
    *,
    project: Project,
    book: LibraryRubric,
    by: User,
    name: str = "",
    publish: bool = True,
) -> RubricVersion:
    """Make the library's rubric the project's; without a name, under a free one."""
    lock_names(project)
    return create_rubric(
        project=project,
        name=name or free_name(project, book.title),
        criteria=book.criteria,
        by=by,
        publish=publish,
        origin=book.key,
    )


@transaction.atomic
def save_draft(
    *,
    rubric: Rubric,
    criteria: Sequence[CriterionDraft],
    by: User,
    seen: str | None = None,
) -> RubricVersion:
    """Make the rubric's draft, or replace what it says.

    `seen` is the fingerprint of the draft that the editor began from, "" for none;
    with it another person's draft is not overwritten unseen.
    """
    lock(rubric)
    draft = rubric.versions.filter(published_at=None).first()
    if seen is not None and seen != fingerprint_of(draft):
        raise DraftInTheWay(
            _(
                "Somebody saved another draft of this rubric after you opened it. "
                "Compare with theirs in another tab; saving again replaces theirs "
                "with yours."
            )
        )
    if draft is None:
        draft = RubricVersion.objects.create(rubric=rubric, number=next_number(rubric))
    draft.criteria.all().delete()
    write_criteria(draft, criteria)
    AuditEvent.objects.record(
        "rubric drafted", draft, by=by, project=rubric.project, number=draft.number
    )
    return draft


@transaction.atomic
def create_version(
    *,
    rubric: Rubric,
    criteria: Sequence[CriterionDraft],
    by: User,
    publish: bool = True,
    replace_draft: bool = False,
) -> RubricVersion:
    """Make the rubric's next version; a draft is replaced only on demand."""
    lock(rubric)
    draft = rubric.versions.filter(published_at=None).first()
    if draft is not None and not replace_draft:
        raise DraftInTheWay(
            _(
                "Version %(number)s is a draft. Publish or delete it first, or send "
                "`replace_draft: true`."
            )
            % {"number": draft.number}
        )
    version = save_draft(rubric=rubric, criteria=criteria, by=by)
    return freeze(version, by) if publish else version


@transaction.atomic
def publish(*, version: RubricVersion, by: User) -> RubricVersion:
    """Freeze a draft for ever; of several at the same time one succeeds."""
    # The rubric's row, as save_draft takes: nobody replaces criteria meanwhile.
    lock(version.rubric)
    return freeze(RubricVersion.objects.select_related("rubric").get(pk=version.pk), by)


@transaction.atomic
def delete_draft(*, version: RubricVersion, by: User) -> None:
    """Throw a draft away; a rubric that was never published goes with its draft."""
    rubric = version.rubric
    lock(rubric)
    if RubricVersion.objects.published().filter(pk=version.pk).exists():
        raise AlreadyPublished(
            _("%(version)s is published and stays as it is.") % {"version": version}
        )
    if not rubric.versions.exclude(pk=version.pk).exists():
        delete_rubric(rubric=rubric, by=by)
        return
    AuditEvent.objects.record(
        "rubric draft deleted",
        version,
        by=by,
        project=rubric.project,
        number=version.number,
    )
    version.delete()


def delete_rubric(*, rubric: Rubric, by: User) -> None:
    """Delete a rubric with all its versions, if nothing was made with it."""
    try:
        with transaction.atomic():
            AuditEvent.objects.record(
                "rubric deleted",
                rubric,
                by=by,
                project=rubric.project,
                name=rubric.name,
            )
            Rubric.objects.get(pk=rubric.pk).delete()
    except ProtectedError as error:
        raise RubricInUse(in_use(rubric, len(error.protected_objects))) from None
    except IntegrityError:
        # Work was begun with it between the look and the deletion.
        raise RubricInUse(
            _("“%(rubric)s” is in use and cannot be deleted.") % {"rubric": rubric}
        ) from None


def lock(rubric: Rubric) -> None:
    """Acts on one rubric's versions follow one another."""
    if not Rubric.objects.select_for_update().filter(pk=rubric.pk).values("pk"):
        raise Refusal(_("This rubric was deleted meanwhile."))


def lock_names(project: Project) -> None:
    """Whoever names a rubric of the project waits for whoever is naming one."""
    rows = Project.objects.select_for_update(no_key=True).filter(pk=project.pk)
    if not rows.values("pk"):
        raise Refusal(_("This project was deleted meanwhile."))


def free_name(project: Project, name: str) -> str:
    """The name, or with the first number that makes it new."""
    taken = set(project.rubrics.values_list("name", flat=True))
    numbered = (f"{name} {number}" for number in range(2, len(taken) + 3))
    return next(one for one in (name, *numbered) if one not in taken)


def next_number(rubric: Rubric) -> int:
    last = rubric.versions.aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def fingerprint_of(draft: RubricVersion | None) -> str:
    return fingerprint(read_instrument(draft)) if draft else ""


def write_criteria(version: RubricVersion, criteria: Sequence[CriterionDraft]) -> None:
    rows = []
    for position, draft in enumerate(criteria, start=1):
        columns = asdict(draft)
        del columns["levels"]
        rows.append(Criterion(version=version, position=position, **columns))
    Criterion.objects.bulk_create(rows)
    Level.objects.bulk_create(
        Level(criterion=row, position=position, **asdict(level))
        for row, draft in zip(rows, criteria, strict=True)
        for position, level in enumerate(draft.levels, start=1)
    )


def freeze(version: RubricVersion, by: User) -> RubricVersion:
    if version.is_published:
        raise AlreadyPublished(
            _("%(version)s is published already.") % {"version": version}
        )
    if not version.criteria.exists():
        raise EmptyVersion(
            _("%(version)s has no criteria. Add one, then publish it.")
            % {"version": version}
        )
    version.published_at = timezone.now()
    version.published_by = by
    version.save(update_fields=["published_at", "published_by"])
    AuditEvent.objects.record(
        "rubric published",
        version,
        by=by,
        project=version.rubric.project,
        number=version.number,
    )
    return version


def in_use(rubric: Rubric, count: int) -> str:
    return ngettext(
        "“%(rubric)s” is in use by %(count)s batch or release and cannot be deleted.",
        "“%(rubric)s” is in use by %(count)s batches or releases and cannot be "
        "deleted.",
        count,
    ) % {"rubric": rubric, "count": count}
