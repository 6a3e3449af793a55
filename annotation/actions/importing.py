"""Importing outputs: in chunks, each one transaction; the same again writes nothing."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, replace
from operator import itemgetter
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import AuditEvent, User
from annotation.actions.ledger import Ledger
from annotation.importing.media import RecordMedia
from annotation.importing.readers import Row, UnreadableFile
from annotation.importing.records import Faulty, Record, read_record
from annotation.models import Dataset, Import
from config.chunks import chunks

CHUNK = 500
MOST_ERRORS = 1_000
ON_CHANGE = ("refuse", "update", "revise")


@dataclass
class ImportCounts:
    """What became of the records, with the first thousand faults by row and field.

    leaks  how many of the outputs that came name a model, a vendor or a system
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    leaks: int = 0
    errors: list[dict[str, Any]] = field(default_factory=list)

    @property
    def records(self) -> int:
        return self.created + self.updated + self.unchanged + self.rejected

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def reject(self, row: int, faults: Iterable[tuple[str, str]]) -> None:
        self.rejected += 1
        for name, message in faults:
            if len(self.errors) < MOST_ERRORS:
                fault = {"row": row, "field": name, "message": message}
                insort(self.errors, fault, key=itemgetter("row"))


def import_outputs(
    *,
    dataset: Dataset,
    rows: Iterable[Row],
    by: User,
    on_change: str = "refuse",
    dry_run: bool = False,
    source: str = "",
    report: Callable[..., None] | None = None,
) -> ImportCounts:
    """Take records into a dataset; safe to send again, whole or after a break.

    on_change  what to do with other content under a known id: "refuse" it, "update"
               it where nobody has judged it, or "revise": keep the old output and
               add the new one as its next revision
    dry_run    check and count everything, write nothing
    """
    counts = ImportCounts()
    ledger = Ledger(dataset, on_change=on_change, dry_run=dry_run)
    imported: Import | None = None
    media = RecordMedia(project=dataset.project, by=by, dry_run=dry_run)
    for piece in chunks(media.taken_from(rows), CHUNK):
        media.note()
        records = readable(piece, counts)
        imported = import_chunk(ledger, records, counts, imported, by, source)
        if report is not None:
            report(counts.records)
        del piece, records  # Not kept while the next chunk is read.
    if imported is not None:
        note_totals(imported, counts)
    media.fetch()
    return counts


def note_totals(imported: Import, counts: ImportCounts) -> None:
    """The row of an import counts the whole sending, faults of reading too."""
    Import.objects.filter(pk=imported.pk).update(
        created=counts.created,
        updated=counts.updated,
        unchanged=counts.unchanged,
        rejected=counts.rejected,
    )


def readable(rows: list[Row], counts: ImportCounts) -> list[tuple[int, Record]]:
    """The records that could be read; the others are counted as rejected."""
    records = []
    for row in rows:
        if row.fault:
            counts.reject(row.number, [("", row.fault)])
            continue
        try:
            records.append((row.number, read_record(row.data)))
        except Faulty as error:
            counts.reject(row.number, error.faults)
    return records


def import_chunk(
    ledger: Ledger,
    records: list[tuple[int, Record]],
    counts: ImportCounts,
    imported: Import | None,
    by: User,
    source: str,
) -> Import | None:
    """One transaction; tried again when another import wrote the same ids first."""
    for last_try in (False, False, True):
        before = replace(counts, errors=list(counts.errors))
        try:
            with transaction.atomic():
                return write_chunk(ledger, records, counts, imported, by, source)
        except IntegrityError:
            if last_try:
                raise
            counts.__dict__.update(before.__dict__)
            ledger.forget()
    return imported


def write_chunk(
    ledger: Ledger,
    records: list[tuple[int, Record]],
    counts: ImportCounts,
    imported: Import | None,
    by: User,
    source: str,
) -> Import | None:
    lock(ledger.dataset)
    ledger.open(record for _, record in records)
    for number, record in records:
        outcome = ledger.enter(record)
        if outcome.faults:
            counts.reject(number, outcome.faults)
        elif outcome.created:
            counts.created += 1
        elif outcome.updated:
            counts.updated += 1
        else:
            counts.unchanged += 1
    counts.leaks += ledger.find_leaks()
    if not ledger.has_changes:
        return imported
    if imported is None:
        imported = Import.objects.create(dataset=ledger.dataset, by=by, source=source)
        AuditEvent.objects.record(
            "outputs imported",
            imported,
            by=by,
            project=ledger.dataset.project,
            dataset=str(ledger.dataset.pk),
            source=source,
        )
    ledger.write(imported)
    note_totals(imported, counts)
    return imported


def lock(dataset: Dataset) -> None:
    """Imports into one dataset take turns, chunk by chunk: none waits in a circle."""
    rows = Dataset.objects.select_for_update(no_key=True).filter(pk=dataset.pk)
    if rows.first() is None:
        raise UnreadableFile(_("The dataset was deleted meanwhile."))
