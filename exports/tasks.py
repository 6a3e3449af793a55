"""Background work of exports: build a release; give up those that nobody builds."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from exports.actions import abandon_release, build_release
from exports.actions.requesting import BUILDING
from exports.models import GoldRelease
from jobs.models import Job
from jobs.registry import Report, housekeeping, work

NOBODY = gettext_noop(
    "Its work was given up, so this release was not built. Release again."
)


def page_of(job: Job) -> str:
    return GoldRelease(pk=job.params["release"]).get_absolute_url()


@work(BUILDING, title=_("Building a gold release"), page=page_of)
def gold_release(job: Job, report: Report) -> dict[str, Any]:
    return build_release(GoldRelease.objects.get(pk=job.params["release"]), report)


@housekeeping
def give_up_abandoned() -> None:
    for release in GoldRelease.objects.abandoned().select_related("job")[:20]:
        abandon_release(release, (release.job and release.job.error) or NOBODY)
