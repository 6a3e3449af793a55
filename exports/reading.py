"""Votes in, labels out: what a release's batches say at the instant of reading."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from annotation.answers.conditions import is_asked
from annotation.models import Item, Unit, UnitOutput
from annotation.models.unit import UnitKind
from annotation.votes import OutputRef, Subject, Vote, subjects_of
from exports.deciding import decide_label
from exports.models import GoldRelease
from exports.rules import Options, labelled, rules_by_criterion
from exports.splits import split_of
from exports.tally import Tally
from rubrics.comparable import instrument_across
from rubrics.instrument import Question, published_instrument

CHUNK = 500

Label = dict[str, Any]  # The fields of a GoldLabel but release and position, as JSON.


class ItemFacts(NamedTuple):
    content_hash: str
    dataset_id: UUID


def read_labels(release: GoldRelease, tally: Tally) -> Iterator[Label]:
    """Yield a label for each subject, criterion and target, counting them in tally.

    Ordered by item, subject, the criterion's place and the output's place. A question
    that hangs on another is asked where that one's gold value opens it; elsewhere there
    is nothing to label. Memory is bounded: subjects stream.
    """
    instrument = instrument_across(release.rubric_version_id)
    rules = rules_by_criterion(instrument, release.rule)
    options = Options.from_json(release.options)
    subjects = subjects_of(release.batches.all(), instrument)
    for subject, item in with_items(subjects):
        split = split_of(item.content_hash, options.splits, seed=options.seed)
        tally.start_unit(subject, item.dataset_id, split)
        votes = votes_by_target(subject)
        gold = GoldSoFar()
        for question in instrument:
            for output in subject.targets(question):
                target = str(output.id) if output else ""
                if not is_asked(instrument, question, target, gold.value_at):
                    continue
                if question.key not in rules:
                    tally.excluded += 1
                    continue
                label = label_of(
                    subject,
                    question,
                    output,
                    votes[question.id, output.id if output else None],
                    rule=rules[question.key],
                    options=options,
                    split=split,
                )
                gold.values[question.key, target] = label["value"]
                yield tally.counted(question, label)
    tally.end_unit()


@dataclass
class GoldSoFar:
    """The values of one subject's labels, by criterion and output."""

    values: dict[tuple[str, str], Any] = field(default_factory=dict)

    def value_at(self, question: Question, output: str) -> Any:
        return self.values.get((question.key, output))


def label_of(
    subject: Subject,
    question: Question,
    output: OutputRef | None,
    votes: list[Vote],
    *,
    rule: str,
    options: Options,
    split: str,
) -> Label:
    decision = decide_label(
        question, subject.outputs, votes, rule=rule, options=options
    )
    return {
        "item_id": subject.item_id,
        "subject": subject.key,
        "outputs": [one.external_id for one in subject.outputs],
        "revisions": [one.revision for one in subject.outputs],
        "systems": [one.system for one in subject.outputs],
        "criterion_id": question.id,
        "output_id": output.id if output else None,
        "value": decision.value,
        "distribution": decision.distribution,
        "support": decision.support,
        "decided_by": rule,
        "disputed": decision.disputed,
        "split": split,
        "unresolved_because": decision.unresolved_because,
    }


def votes_by_target(subject: Subject) -> dict[tuple[int, int | None], list[Vote]]:
    found: dict[tuple[int, int | None], list[Vote]] = defaultdict(list)
    for vote in subject.votes:
        found[vote.criterion_id, vote.output_id].append(vote)
    return found


def with_items(subjects: Iterator[Subject]) -> Iterator[tuple[Subject, ItemFacts]]:
    """Each subject with what is asked of its item, fetched a chunk at a time."""
    while chunk := list(islice(subjects, CHUNK)):
        rows = Item.objects.filter(pk__in={subject.item_id for subject in chunk})
        facts = {
            pk: ItemFacts(content_hash, dataset_id)
            for pk, content_hash, dataset_id in rows.values_list(
                "pk", "content_hash", "dataset_id"
            )
        }
        for subject in chunk:
            yield subject, facts[subject.item_id]


def expected_labels(release: GoldRelease) -> int:
    """How many labels are to come, for the progress bar; a shared subject counts once
    for each batch here."""
    questions = labelled(published_instrument(release.rubric_version_id))
    of_outputs = sum(question.of_each_output for question in questions)
    units = Unit.objects.filter(batch__releases=release, kind=UnitKind.NORMAL)
    outputs = UnitOutput.objects.filter(unit__in=units)
    of_units = len(questions) - of_outputs
    return units.count() * of_units + outputs.count() * of_outputs
