"""Building a release: read one instant, write rows and files, and only then be ready.

The reading holds nobody up (`config.snapshot`). The rows are written in short
transactions, so that on SQLite annotators wait for tenths of a second and not for the
whole: until the state is ready nobody reads them, and whatever a killed build has left
is removed when the next one begins.
"""

from __future__ import annotations

import json
from itertools import islice
from tempfile import TemporaryFile
from typing import IO, Any

from django.db import InterfaceError, OperationalError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from config.snapshot import snapshot
from config.text import canonical_json
from exports.files import make_file, remove_files
from exports.formats import MAIN
from exports.formats.jsonl import JSONL
from exports.manifest import manifest_of
from exports.models import GoldLabel, GoldRelease, ReleaseState
from exports.reading import expected_labels, read_labels
from exports.rows import Gold
from exports.tally import Tally
from jobs.registry import Report

CHUNK = 1_000
FAILED = gettext_noop(
    "The release could not be built, and nothing of it was kept. Release again; if it "
    "fails again, ask whoever runs this server to look in its log for job %(job)s."
)


def build_release(release: GoldRelease, report: Report) -> dict[str, Any]:
    """Build the release and return the job's result; safe to run again."""
    if not begin(release):
        return result_of(release)
    try:
        with TemporaryFile("w+", encoding="utf-8") as spool:
            tally = spool_labels(release, spool, report)
            write_labels(release, spool, tally, report)
        finish(release, write_files(release, tally, report))
    except (OperationalError, InterfaceError):
        raise  # The database was away: the job is tried again, from the start.
    except Exception:
        abandon_release(release, FAILED % {"job": release.job_id})
        raise
    return result_of(release)


@transaction.atomic
def begin(release: GoldRelease) -> bool:
    """Make this build the one that counts, on clean ground; False if none is needed."""
    row = GoldRelease.objects.select_for_update().get(pk=release.pk)
    if row.is_building:
        row.tries += 1
        row.save(update_fields=["tries"])
        row.labels.all().delete()
        remove_files(row)
    release.refresh_from_db()
    return release.is_building


def spool_labels(release: GoldRelease, spool: IO[str], report: Report) -> Tally:
    """Read one instant's votes and put the labels they give on disk."""
    with snapshot():
        tally = Tally.of(release)
        total = 2 * expected_labels(release)  # Each is read once and written once.
        report(0, total, _("Reading judgments."))
        for label in read_labels(release, tally):
            spool.write(f"{canonical_json(label)}\n")
            if tally.rows % CHUNK == 0:
                report(tally.rows, total, _("Reading judgments."))
    return tally


def write_labels(
    release: GoldRelease, spool: IO[str], tally: Tally, report: Report
) -> None:
    spool.seek(0)
    written = 0
    while chunk := list(islice(spool, CHUNK)):
        labels = [
            GoldLabel(release=release, position=position, **json.loads(line))
            for position, line in enumerate(chunk, start=written + 1)
        ]
        with transaction.atomic():
            release.hold()
            GoldLabel.objects.bulk_create(labels)
        written += len(labels)
        report(tally.rows + written, 2 * tally.rows, _("Writing labels."))


def write_files(release: GoldRelease, tally: Tally, report: Report) -> dict[str, Any]:
    """Write the file that is hashed, then the others; return the manifest."""
    manifest = manifest_of(release, tally)
    gold = Gold(release, manifest)
    for made_as in MAIN:
        report(
            2 * tally.rows, message=_("Writing %(label)s.") % {"label": made_as.label}
        )
        kept = make_file(gold, made_as)
        if made_as is JSONL:
            manifest["sha256"] = kept.sha256
    return manifest


@transaction.atomic
def finish(release: GoldRelease, manifest: dict[str, Any]) -> None:
    release.hold()
    release.state = ReleaseState.READY
    release.manifest = manifest
    release.counts = manifest["counts"]
    release.sha256 = manifest["sha256"]
    release.save(update_fields=["state", "manifest", "counts", "sha256"])


@transaction.atomic
def abandon_release(release: GoldRelease, error: str) -> None:
    """Say that it failed, and take away what there is of it."""
    mine = GoldRelease.objects.filter(
        pk=release.pk, state=ReleaseState.BUILDING, tries=release.tries
    )
    if mine.update(state=ReleaseState.FAILED, error=error):
        release.labels.all().delete()
        release.batches.clear()  # What failed keeps no batch from being deleted.
        remove_files(release)
        release.refresh_from_db()


def result_of(release: GoldRelease) -> dict[str, Any]:
    return {"release": str(release.pk), "number": release.number, **release.counts}
