"""The nouns of rubrics, one file each."""

from rubrics.models.criterion import (
    Criterion,
    EvidenceRule,
    Kind,
    Level,
    RationaleRule,
    Target,
)
from rubrics.models.rubric import Rubric, RubricVersion

__all__ = [
    "Criterion",
    "EvidenceRule",
    "Kind",
    "Level",
    "RationaleRule",
    "Rubric",
    "RubricVersion",
    "Target",
]
