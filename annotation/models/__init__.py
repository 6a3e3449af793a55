"""The nouns of annotation, one file each."""

from annotation.models.assignment import Assignment, Skip
from annotation.models.batch import Batch, BatchMember, GuidelinesChange
from annotation.models.dataset import Dataset, Import
from annotation.models.flag import Flag
from annotation.models.item import Item, ItemSegment, Output, System
from annotation.models.judgment import Adjudication, Answer, Judgment, Span
from annotation.models.leak import IdentityLeak
from annotation.models.media import Media
from annotation.models.returned import Return
from annotation.models.stages import CalibrationComment, KnownAnswer, TrainingAttempt
from annotation.models.unit import Unit, UnitOutput

__all__ = [
    "Adjudication",
    "Answer",
    "Assignment",
    "Batch",
    "BatchMember",
    "CalibrationComment",
    "Dataset",
    "Flag",
    "GuidelinesChange",
    "IdentityLeak",
    "Import",
    "Item",
    "ItemSegment",
    "Judgment",
    "KnownAnswer",
    "Media",
    "Output",
    "Return",
    "Skip",
    "Span",
    "System",
    "TrainingAttempt",
    "Unit",
    "UnitOutput",
]
