"""Identity leaks: found while outputs come in, and what the manager decides of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast, Now

from accounts.models import AuditEvent, User
from annotation.leaks import Found, Scanner
from annotation.leaks.scanning import is_telling, words_of
from annotation.models import Dataset, IdentityLeak, Output, System
from annotation.models.leak import LeakState
from config.chunks import chunks

CHUNK = 2_000


class LeakLedger:
    """The names found in what an import brings, chunk by chunk.

    A system that an import brings is sought in the outputs that came before it too.
    """

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self.systems: set[str] | None = None
        self.scanner = Scanner()
        self.came: set[str] = set()
        self.found: list[list[Found]] = []

    def find(self, contents: Sequence[Any], systems: Collection[str]) -> int:
        """Read a chunk's contents; returns how many name somebody."""
        if contents:
            self.know(systems)
        self.found = [self.scanner.find(content) for content in contents]
        return sum(bool(found) for found in self.found)

    def know(self, systems: Collection[str]) -> None:
        """Seek these systems' names too, beside those of the project."""
        self.came = set()
        if self.systems is None:
            project = System.objects.filter(project=self.dataset.project_id)
            self.systems = set(project.values_list("name", flat=True))
            self.scanner = Scanner(self.systems)
        self.came = set(filter(is_telling, set(systems) - self.systems))
        self.systems.update(systems)
        if self.came:
            self.scanner = Scanner(self.systems)

    def write(self, outputs: Sequence[Output], *, new: Collection[int]) -> None:
        """Store what was found in them, in the transaction that writes them."""
        settle(self.dataset, outputs, self.found, new=new)
        if self.came:
            self.seek_earlier(self.came, before=min(new, default=None))
            self.came = set()

    def seek_earlier(self, systems: Collection[str], *, before: int | None) -> None:
        """Read again the outputs that came before these systems did."""
        rows = Output.objects.filter(dataset=self.dataset)
        if before is not None:
            rows = rows.filter(pk__lt=before)
        rows = rows.annotate(text=Cast("content", TextField()))
        candidates = rows.filter(may_name(systems)).iterator(chunk_size=CHUNK)
        for outputs in chunks(candidates, CHUNK):
            found = [self.scanner.find(output.content) for output in outputs]
            settle(self.dataset, outputs, found)


def settle(
    dataset: Dataset,
    outputs: Sequence[Output],
    found: Sequence[list[Found]],
    *,
    new: Collection[int] = (),
) -> None:
    """Make the leaks of these outputs what was found; what was decided stays so.

    `new` are the ids of those that were written just now and have none yet.
    """
    before = leaks_of([output.pk for output in outputs if output.pk not in new])
    added: list[IdentityLeak] = []
    gone: list[IdentityLeak] = []
    for output, names in zip(outputs, found, strict=True):
        there = {leak.term.casefold(): leak for leak in before[output.pk]}
        for name in names:
            known = there.pop(name.term.casefold(), None)
            if known is None:
                added.append(leak_of(dataset, output, name))
            elif (known.count, known.excerpt) != (name.count, name.excerpt):
                known.count, known.excerpt = name.count, name.excerpt
                known.save(update_fields=["count", "excerpt"])
        gone += there.values()
    IdentityLeak.objects.bulk_create(added)
    if gone:
        IdentityLeak.objects.filter(pk__in=[leak.pk for leak in gone]).delete()
        put_masks([leak.output_id for leak in gone])


def leaks_of(output_ids: Sequence[int]) -> dict[int, list[IdentityLeak]]:
    found: dict[int, list[IdentityLeak]] = defaultdict(list)
    for piece in chunks(output_ids, CHUNK):
        for leak in IdentityLeak.objects.filter(output__in=piece):
            found[leak.output_id].append(leak)
    return found


def leak_of(dataset: Dataset, output: Output, found: Found) -> IdentityLeak:
    return IdentityLeak(
        dataset=dataset,
        output=output,
        term=found.term,
        count=found.count,
        excerpt=found.excerpt,
    )


def may_name(systems: Collection[str]) -> Q:
    """A condition that the database can test: the longest word of each name."""
    condition = Q()
    for system in systems:
        words = words_of(system)
        if not words:
            return Q()
        condition |= Q(text__icontains=max(words, key=len).decode())
    return condition


# --- Deciding -------------------------------------------------------------------------


def decide_leaks(
    *,
    dataset: Dataset,
    leaks: QuerySet[IdentityLeak],
    state: str,
    by: User,
    **about: Any,
) -> int:
    """Mask these names, keep them, or open them again; returns how many changed.

    Thousands at a time, each piece in a transaction of its own: what was decided when
    a process dies stays so, and doing it again goes on from there. `about` is what the
    audit trail says of the choice.
    """
    waiting = leaks.filter(dataset=dataset).exclude(state=state).order_by("pk")
    changed, last = 0, 0
    while True:
        with transaction.atomic():
            lock(dataset)
            piece = list(
                waiting.filter(pk__gt=last).values_list("pk", "output")[:CHUNK]
            )
            if not piece:
                return changed
            if not changed:
                told = {name: value for name, value in about.items() if value}
                record(dataset, state, by=by, names=waiting.count(), **told)
            pks = [pk for pk, _ in piece]
            IdentityLeak.objects.filter(pk__in=pks).update(
                state=state,
                decided_at=None if state == LeakState.OPEN else Now(),
                decided_by=None if state == LeakState.OPEN else by,
            )
            put_masks(sorted({output for _, output in piece}))
        changed += len(piece)
        last = pks[-1]


VERBS = {
    LeakState.MASKED: "names masked",
    LeakState.KEPT: "names kept",
    LeakState.OPEN: "names opened again",
}


def record(dataset: Dataset, state: str, *, by: User, **about: Any) -> None:
    AuditEvent.objects.record(
        VERBS[LeakState(state)], dataset, by=by, project=dataset.project, **about
    )


def lock(dataset: Dataset) -> None:
    """Decisions and imports into one dataset take turns."""
    list(
        Dataset.objects.select_for_update(no_key=True)
        .filter(pk=dataset.pk)
        .values_list("pk")
    )


def put_masks(output_ids: Sequence[int]) -> None:
    """Write each output's masks from its leaks; equal masks in one statement."""
    masks: dict[int, list[str]] = {pk: [] for pk in output_ids}
    masked = IdentityLeak.objects.filter(output__in=output_ids, state=LeakState.MASKED)
    for output, term in masked.order_by("term").values_list("output", "term"):
        masks[output].append(term)
    outputs: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for output, terms in masks.items():
        outputs[tuple(terms)].append(output)
    for equal, pks in outputs.items():
        Output.objects.filter(pk__in=pks).update(masks=list(equal))
