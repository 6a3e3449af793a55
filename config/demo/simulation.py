"""Simulated annotators: known care, leniency and preference for a side, seeded.

They are given what a careful expert would say (the truth) and blur it. Nothing here
knows the database; the values are those of the API.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

GRADED = ("correctness", "completeness", "tone")
WEIGHTS = {"correctness": 0.5, "completeness": 0.3, "tone": 0.2}
Truth = dict[str, float]


@dataclass(frozen=True)
class Annotator:
    """One simulated person.

    care      share of judgments given with attention; the rest are half guesses
    leniency  levels added to (or taken from) what the truth says, on average
    first     how much quality the output on side A gains in their eyes, in levels
    """

    name: str
    care: float
    leniency: float
    first: float

    @property
    def email(self) -> str:
        return f"{self.name.lower()}@simulated.example"


ANNOTATORS = (
    Annotator("Mira", care=0.95, leniency=0.0, first=0.0),
    Annotator("Jonas", care=0.90, leniency=0.5, first=0.1),
    Annotator("Amara", care=0.85, leniency=-0.4, first=0.0),
    Annotator("Felix", care=0.65, leniency=0.1, first=0.7),
)


def score(
    annotator: Annotator, truth: Truth, chance: random.Random
) -> dict[str, object]:
    """Answers to the scoring rubric for one output."""
    answers: dict[str, object] = {}
    for key in GRADED:
        answers[key] = level(truth[key] + annotator.leniency, annotator, chance)
    sure = chance.random() < annotator.care
    answers["sendable"] = bool(truth["sendable"]) if sure else chance.random() < 0.5
    return answers


def level(expected: float, annotator: Annotator, chance: random.Random) -> int:
    """A level of 1 to 5 near what is expected, further off without attention."""
    spread = 0.45 if chance.random() < annotator.care else 1.4
    return max(1, min(5, round(chance.gauss(expected, spread))))


def compare(annotator: Annotator, a: Truth, b: Truth, chance: random.Random) -> str:
    """A preference between the output on side A and the one on side B."""
    spread = 0.35 if chance.random() < annotator.care else 1.5
    gap = quality(a) - quality(b) + annotator.first + chance.gauss(0, spread)
    if max(quality(a), quality(b)) < 2.3 and chance.random() < annotator.care:
        return "both_bad"
    if abs(gap) < 0.35:
        return "tie"
    return "A" if gap > 0 else "B"


def quality(truth: Truth) -> float:
    return sum(truth[key] * weight for key, weight in WEIGHTS.items())


def seconds(annotator: Annotator, words: int, chance: random.Random) -> float:
    """How long they looked: reading time, less of it without care."""
    reading = 6 + words / 4.0
    return reading * (0.5 + annotator.care * chance.uniform(0.5, 1.2))
