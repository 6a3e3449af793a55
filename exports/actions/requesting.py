"""Asking for a release: everything checked, a number given, the work queued."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import AuditEvent, Project, User
from annotation.models import Batch
from config.api import Refused
from exports.models import GoldRelease
from exports.rules import Fault, Options, fault, option_faults, rule_faults
from jobs.actions import start
from rubrics.comparable import comparable_versions
from rubrics.instrument import published_instrument
from rubrics.models import RubricVersion

BUILDING = "gold_release"
NOT_MADE = gettext_lazy("The release was not made.")


@transaction.atomic
def request_release(
    *,
    project: Project,
    batches: Sequence[Batch],
    rule: str | Mapping[str, str],
    by: User,
    options: Options | None = None,
) -> GoldRelease:
    """Make the project's next release and start building it.

    Raises Refused with every fault of the request.
    """
    options = options or Options()
    batches = list(dict.fromkeys(batches))
    refuse(batch_faults(project, batches))
    version = newest_version(batches)
    instrument = published_instrument(version.pk)
    faults = rule_faults(instrument, rule)
    refuse(faults or option_faults(instrument, rule, options))

    release = GoldRelease.objects.create(
        project=project,
        number=next_number(project),
        rubric_version=version,
        rule=rule if isinstance(rule, str) else dict(rule),
        options=options.as_json(),
        by=by,
    )
    release.batches.set(batches)
    release.job = start(
        BUILDING, project=project, by=by, params={"release": str(release.pk)}
    )
    release.save(update_fields=["job"])
    AuditEvent.objects.record(
        "gold release requested",
        release,
        by=by,
        project=project,
        number=release.number,
        batches=[str(batch.pk) for batch in batches],
        rule=release.rule,
        options=release.options,
    )
    return release


def refuse(faults: Sequence[Fault]) -> None:
    if faults:
        raise Refused(str(NOT_MADE), list(faults))


def batch_faults(project: Project, batches: Sequence[Batch]) -> list[Fault]:
    if not batches:
        return [fault("batches", _("Name at least one batch."))]
    foreign = [batch for batch in batches if batch.project_id != project.pk]
    if foreign:
        return [fault("batches", _("A batch belongs to another project."))]
    version = newest_version(batches)
    fitting = comparable_versions(version.pk)
    if any(batch.rubric_version_id not in fitting for batch in batches):
        used = "; ".join(
            _("%(batch)s uses %(version)s")
            % {"batch": batch.name, "version": batch.rubric_version}
            for batch in batches
        )
        return [
            fault(
                "batches",
                _(
                    "Gold never mixes rubric versions that ask another thing. Release "
                    "these batches apart: %(used)s."
                )
                % {"used": used},
            )
        ]
    return []


def newest_version(batches: Sequence[Batch]) -> RubricVersion:
    """The one by which judgments on all of them are read."""
    return max((batch.rubric_version for batch in batches), key=lambda v: v.number)


def next_number(project: Project) -> int:
    """Numbers are given one at a time: who asks at the same time waits here."""
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    last = GoldRelease.objects.filter(project=project).aggregate(last=Max("number"))
    return (last["last"] or 0) + 1
