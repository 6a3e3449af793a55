"""The ledger of an import: what a dataset holds, what a chunk of records adds to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext as _

from annotation.actions.leaks import LeakLedger
from annotation.importing.records import OutputRecord, Record, content_hash, digest
from annotation.models import (
    Assignment,
    Dataset,
    Import,
    Item,
    ItemSegment,
    Output,
    System,
    Unit,
)
from config.chunks import chunks

ITEM_DEFAULTS: dict[str, Any] = {
    "input": None,
    "context": None,
    "reference": None,
    "segments": {},
    "metadata": {},
    "warning": "",
}
OUTPUT_DEFAULTS: dict[str, Any] = {
    "system": "",
    "content": None,
    "latency_ms": None,
    "cost_usd": None,
    "tokens": None,
    "metadata": {},
}
# Ids asked for in one query; SQLite takes 32,766 parameters where it is built plainly.
NAMES = 10_000
# What annotators saw; the rest may change under their judgments.
ITEM_CONTENT = {"input", "context", "reference"}
OUTPUT_CONTENT = {"content", "system"}


@dataclass
class Known:
    """An item or output as it is or is about to be.

    row      its row, written or not; None where a dry run would have made one
    values   its fields as a record spells them, where they were needed
    fields   a digest of each field, where `values` are not kept
    item     for an output: the external id of its item
    planned  this import makes or changes it
    """

    row: Any
    record_hash: str
    values: dict[str, Any] | None = None
    fields: dict[str, str] = field(default_factory=dict)
    item: str = ""
    planned: bool = False

    @property
    def is_written(self) -> bool:
        return self.row is not None and self.row.pk is not None

    def take(self, sent: dict[str, Any], defaults: dict[str, Any]) -> dict[str, Any]:
        """Merge what was sent into what is known; returns all fields."""
        self.values = (self.values or defaults) | sent
        self.fields |= digests(sent)
        self.planned = True
        self.record_hash = hash_of(self.values, defaults)
        return self.values


@dataclass
class Outcome:
    """What one record comes to."""

    created: bool = False
    updated: bool = False
    faults: list[tuple[str, str]] = field(default_factory=list)


class Ledger:
    """Reads what a chunk needs in a few queries, decides, and writes in a few."""

    def __init__(self, dataset: Dataset, *, on_change: str, dry_run: bool) -> None:
        self.dataset = dataset
        self.on_change = on_change
        self.dry_run = dry_run
        # What a dry run would have written is remembered, by digests only.
        self.items: dict[str, Known] = {}
        self.outputs: dict[str, Known] = {}
        self.systems: dict[str, System] = {}
        self.leaks = LeakLedger(dataset)
        self.start_chunk()

    def start_chunk(self) -> None:
        """Forget the chunk before: it is written, or its transaction failed."""
        self.new_items: list[Known] = []
        self.new_outputs: list[Known] = []
        self.changed_items: dict[str, Known] = {}
        self.changed_outputs: dict[str, Known] = {}
        # Outputs whose content came with this chunk, to be read for names.
        self.told: dict[int, Known] = {}
        self.items = self.remembered(self.items)
        self.outputs = self.remembered(self.outputs)

    def remembered(self, known: dict[str, Known]) -> dict[str, Known]:
        """What the next chunk cannot read from the database: a dry run's own plans."""
        if not self.dry_run:
            return {}
        kept = {name: one for name, one in known.items() if one.planned}
        for one in kept.values():
            one.values = None
        return kept

    def forget(self) -> None:
        """Another import came first; what was read may be old."""
        self.systems = {}
        self.leaks = LeakLedger(self.dataset)
        self.start_chunk()

    @property
    def has_changes(self) -> bool:
        changes = (
            self.new_items
            or self.new_outputs
            or self.changed_items
            or self.changed_outputs
        )
        return bool(changes) and not self.dry_run

    def open(self, records: Iterable[Record]) -> None:
        """Read what the dataset knows of these records: two queries, rarely four."""
        self.start_chunk()
        records = list(records)
        # An id may stand in several records of a chunk, a row for each output.
        items: dict[str, set[str]] = defaultdict(set)
        outputs: dict[str, set[str]] = defaultdict(set)
        for record in records:
            items[record.id].add(hash_of(record.fields, ITEM_DEFAULTS))
            for output in record.outputs:
                outputs[output.id].add(hash_of(output.fields, OUTPUT_DEFAULTS))
        for piece in chunks([n for n in items if n not in self.items], NAMES):
            self.read_items(piece, items)
        for piece in chunks([n for n in outputs if n not in self.outputs], NAMES):
            self.read_outputs(piece, outputs)

    def read_items(self, names: list[str], sent: dict[str, set[str]]) -> None:
        rows = Item.objects.filter(dataset=self.dataset, external_id__in=names)
        differing = []
        for item in rows.only("pk", "external_id", "record_hash"):
            self.items[item.external_id] = Known(item, item.record_hash)
            if sent[item.external_id] != {item.record_hash}:
                differing.append(item.pk)
        if differing:
            for item in Item.objects.filter(pk__in=differing).prefetch_related(
                "segments"
            ):
                known = self.items[item.external_id]
                known.row, known.values = item, item_fields(item)
                known.fields = digests(known.values)

    def read_outputs(self, names: list[str], sent: dict[str, set[str]]) -> None:
        rows = Output.objects.filter(dataset=self.dataset, external_id__in=names)
        brief = rows.only("pk", "external_id", "revision", "record_hash").annotate(
            item_name=F("item__external_id")
        )
        for output in brief.order_by("revision"):  # the latest revision stays
            self.outputs[output.external_id] = Known(
                output, output.record_hash, item=output.item_name
            )
        differing = [
            self.outputs[name].row.pk
            for name in names
            if name in self.outputs and sent[name] != {self.outputs[name].record_hash}
        ]
        if differing:
            full = Output.objects.filter(pk__in=differing).select_related("system")
            for whole in full:
                known = self.outputs[whole.external_id]
                known.row, known.values = whole, output_fields(whole)
                known.fields = digests(known.values)

    def enter(self, record: Record) -> Outcome:
        """Decide what a record comes to; all of it is taken, or none."""
        outcome = Outcome()
        known = self.items.get(record.id)
        item_changes = changes_of(known, record.fields, ITEM_DEFAULTS)
        outcome.faults += self.item_objections(known, record, item_changes)
        decisions = []
        for output in record.outputs:
            there = self.outputs.get(output.id)
            changes = changes_of(there, output.fields, OUTPUT_DEFAULTS)
            outcome.faults += self.output_objections(record, output, there, changes)
            decisions.append((output, there, changes))
        if outcome.faults:
            return outcome

        if known is None:
            self.add_item(record)
            outcome.created = True
        elif item_changes:
            self.change_item(known, record)
            outcome.updated = True
        for output, there, changes in decisions:
            if there is None:
                self.add_output(output, record.id, 1, OUTPUT_DEFAULTS)
                outcome.created = True
            elif self.on_change == "revise" and changes & OUTPUT_CONTENT:
                self.revise_output(there, output)
                outcome.updated = True
            elif changes:
                self.change_output(there, output, changes)
                outcome.updated = True
        return outcome

    def item_objections(
        self, known: Known | None, record: Record, changes: set[str]
    ) -> list[tuple[str, str]]:
        if known is None and "input" not in record.fields:
            words = _("There is no item %(id)s yet, so an input is needed.") % {
                "id": repr(record.id)
            }
            return [("input", words)]
        if known is None or not changes:
            return []
        if self.on_change == "refuse":
            name = min(changes)
            words = _(
                "Item %(id)s is there with another %(name)s; send on_change=update to "
                "replace it."
            ) % {"id": repr(record.id), "name": name}
            return [(name, words)]
        if changes & ITEM_CONTENT and known.is_written and was_shown(item=known.row):
            name = min(changes & ITEM_CONTENT)
            words = _(
                "Item %(id)s was shown to annotators, so its %(name)s stays; send the "
                "new one under another id."
            ) % {"id": repr(record.id), "name": name}
            return [(name, words)]
        return []

    def output_objections(
        self,
        record: Record,
        output: OutputRecord,
        there: Known | None,
        changes: set[str],
    ) -> list[tuple[str, str]]:
        if there is None:
            if "content" in output.fields:
                return []
            words = _("An output needs content; it may be empty.")
            return [(output.place("content"), words)]
        if there.item != record.id:
            words = _("Output %(id)s belongs to the item %(item)s.") % {
                "id": repr(output.id),
                "item": repr(there.item),
            }
            return [(output.place("id"), words)]
        if not changes:
            return []
        name = min(changes)
        if self.on_change == "refuse":
            words = _(
                "Output %(id)s is there with another %(name)s; send on_change=update "
                "to replace it, or on_change=revise to keep both."
            ) % {"id": repr(output.id), "name": name}
            return [(output.place(name), words)]
        replaces = self.on_change == "update" and changes & OUTPUT_CONTENT
        if replaces and there.is_written and was_shown(output=there.row):
            words = _(
                "Output %(id)s was shown to annotators; send on_change=revise to add "
                "the new content as a revision."
            ) % {"id": repr(output.id)}
            return [(output.place(name), words)]
        return []

    # --- What will be written ---------------------------------------------------------

    def add_item(self, record: Record) -> None:
        known = Known(None, "", fields=digests(ITEM_DEFAULTS))
        fields = known.take(record.fields, ITEM_DEFAULTS)
        self.items[record.id] = known
        if not self.dry_run:
            known.row = Item(dataset=self.dataset, external_id=record.id)
            fill(known.row, fields, but="segments")
            self.new_items.append(known)

    def change_item(self, known: Known, record: Record) -> None:
        fields = known.take(record.fields, ITEM_DEFAULTS)
        if known.row is not None:
            fill(known.row, fields, but="segments")
            if known.is_written:
                self.changed_items[record.id] = known

    def add_output(
        self, record: OutputRecord, item: str, revision: int, fields: dict[str, Any]
    ) -> None:
        known = Known(None, "", item=item, values=fields, fields=digests(fields))
        known.take(record.fields, OUTPUT_DEFAULTS)
        self.outputs[record.id] = known
        self.told[id(known)] = known
        if not self.dry_run:
            known.row = Output(
                dataset=self.dataset, external_id=record.id, revision=revision
            )
            self.new_outputs.append(known)

    def revise_output(self, there: Known, record: OutputRecord) -> None:
        revision = there.row.revision + 1 if there.row is not None else 1
        fields = there.values or OUTPUT_DEFAULTS
        self.add_output(record, there.item, revision, dict(fields))

    def change_output(
        self, known: Known, record: OutputRecord, changes: set[str]
    ) -> None:
        if "content" in changes:
            self.told[id(known)] = known
        known.take(record.fields, OUTPUT_DEFAULTS)
        if known.is_written:
            self.changed_outputs[record.id] = known

    def find_leaks(self) -> int:
        """How many of the chunk's outputs name a model, a vendor or a system."""
        told = [known.values or {} for known in self.told.values()]
        contents = [fields["content"] for fields in told]
        systems = {fields["system"] for fields in told}
        return self.leaks.find(contents, systems)

    def write(self, imported: Import) -> None:
        """Write the chunk: items first, since outputs need their keys."""
        for known in (*self.new_items, *self.changed_items.values()):
            item, fields = known.row, known.values or {}
            item.content_hash = content_hash(item.input, item.context, item.reference)
            item.record_hash = hash_of(fields, ITEM_DEFAULTS)
        for known in self.new_items:
            known.row.imported_in = imported
        Item.objects.bulk_create(known.row for known in self.new_items)
        for known in self.changed_items.values():
            known.row.save()
        changed = [known.row for known in self.changed_items.values()]
        if changed:
            ItemSegment.objects.filter(item__in=changed).delete()
        ItemSegment.objects.bulk_create(
            ItemSegment(dataset=self.dataset, item=known.row, name=name, value=value)
            for known in (*self.new_items, *self.changed_items.values())
            for name, value in (known.values or {})["segments"].items()
        )
        self.write_outputs(imported)

    def write_outputs(self, imported: Import) -> None:
        outputs = (*self.new_outputs, *self.changed_outputs.values())
        self.make_systems({(known.values or {})["system"] for known in outputs})
        for known in outputs:
            output, fields = known.row, known.values or {}
            fill(output, fields, but="system")
            output.system = self.systems[fields["system"]]
            output.content_hash = digest(output.content)
            output.record_hash = hash_of(fields, OUTPUT_DEFAULTS)
        for known in self.new_outputs:
            known.row.item = self.items[known.item].row
            known.row.imported_in = imported
        Output.objects.bulk_create(known.row for known in self.new_outputs)
        for known in self.changed_outputs.values():
            known.row.save()
        self.leaks.write(
            [known.row for known in self.told.values()],
            new={known.row.pk for known in self.new_outputs},
        )

    def make_systems(self, names: set[str]) -> None:
        missing = names - self.systems.keys()
        if not missing:
            return
        project = self.dataset.project
        there = System.objects.filter(project=project, name__in=missing)
        self.systems |= {system.name: system for system in there}
        for name in sorted(missing - self.systems.keys()):
            self.systems[name], _ = System.objects.get_or_create(
                project=project, name=name
            )


def changes_of(
    known: Known | None, sent: dict[str, Any], defaults: dict[str, Any]
) -> set[str]:
    """Names of fields that were sent and differ from what is known."""
    if known is None or known.record_hash == hash_of(sent, defaults):
        return set()
    return {
        name for name, value in sent.items() if known.fields.get(name) != digest(value)
    }


def fill(row: Any, fields: dict[str, Any], *, but: str) -> None:
    """Set a row's columns from a record's fields, all but the one in another table."""
    for name, value in fields.items():
        if name != but:
            setattr(row, name, value)


def item_fields(item: Item) -> dict[str, Any]:
    """An item's fields as a record spells them."""
    fields = {name: getattr(item, name) for name in ITEM_DEFAULTS if name != "segments"}
    return fields | {"segments": {s.name: s.value for s in item.segments.all()}}


def output_fields(output: Output) -> dict[str, Any]:
    fields = {
        name: getattr(output, name) for name in OUTPUT_DEFAULTS if name != "system"
    }
    return fields | {"system": output.system.name}


def digests(fields: dict[str, Any]) -> dict[str, str]:
    return {name: digest(value) for name, value in fields.items()}


def hash_of(fields: dict[str, Any], defaults: dict[str, Any]) -> str:
    """One digest for all fields, with those not sent at their defaults."""
    return digest(defaults | fields)


def was_shown(*, item: Item | None = None, output: Output | None = None) -> bool:
    """Has anybody judged this, or had it on the screen to judge it?

    The units are held until the end of the transaction, so nobody claims one meanwhile.
    """
    which = Q(unit_outputs__output=output) if output is not None else Q(item=item)
    units = list(
        Unit.objects.select_for_update(of=("self",)).filter(which).order_by("pk")
    )
    shown = Q(opened_at__isnull=False) | Q(judgments__isnull=False)
    return Assignment.objects.filter(shown, unit__in=units).exists()
