"""The shape of a rubric as the API spells it: JSON in, frozen drafts or faults out."""

from rubrics.shape.criterion import read_criteria
from rubrics.shape.drafts import CriterionDraft, LevelDraft, plain_number
from rubrics.shape.faults import Fault, Misshapen
from rubrics.shape.rubric import read_rubric, read_taken, read_version

__all__ = [
    "CriterionDraft",
    "Fault",
    "LevelDraft",
    "Misshapen",
    "plain_number",
    "read_criteria",
    "read_rubric",
    "read_taken",
    "read_version",
]
