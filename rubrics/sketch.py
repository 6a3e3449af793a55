"""An instrument that no row stands behind: what is being written, or is in the library.

Its ids are places, not those of any row; it is for showing and comparing only.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from uuid import UUID

from rubrics.instrument import Condition, Instrument, Question, Step
from rubrics.models.criterion import natural_value
from rubrics.shape import CriterionDraft

NOWHERE = UUID(int=0)


def sketched(
    name: str, criteria: Sequence[CriterionDraft], *, number: int = 1
) -> Instrument:
    ids = count(1)
    questions = tuple(sketched_question(draft, ids) for draft in criteria)
    return Instrument(
        version_id=NOWHERE,
        rubric_id=NOWHERE,
        name=name,
        number=number,
        questions=questions,
        by_key={question.key: question for question in questions},
    )


def sketched_question(draft: CriterionDraft, ids: count[int]) -> Question:
    columns = vars(draft) | {
        "id": next(ids),
        "asked_when": Condition.from_json(draft.asked_when),
        "steps": tuple(
            Step(
                id=next(ids),
                value=natural_value(draft.kind, level.value, level.number),
                code=level.value,
                number=level.number,
                label=level.label,
                anchor=level.anchor,
                hotkey=level.hotkey,
            )
            for level in draft.levels
        ),
    }
    del columns["levels"]
    return Question(**columns)
