"""One value from the votes on one unit and criterion, by a stated rule."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass

from stats.ratings import as_number


@dataclass(frozen=True)
class Consensus:
    """What a rule makes of the votes; unresolved says why in a full sentence.

    distribution  how many votes each value got, in order of appearance
    support       number of votes
    """

    value: Hashable | None
    distribution: Mapping[Hashable, int]
    support: int
    unresolved_because: str = ""

    @property
    def is_resolved(self) -> bool:
        return not self.unresolved_because


def decide(
    rule: str,
    votes: Sequence[Hashable],
    *,
    tie: Hashable | None = None,
    min_support: int = 1,
) -> Consensus:
    """Apply a rule of RULES by name; only "majority" takes a tie.

    Raises ValueError for an unknown rule, or a tie where it means nothing.

    >>> decide("median", [3, 4]).value
    3.5
    """
    if rule not in RULES:
        known = ", ".join(RULES)
        raise ValueError(f"There is no consensus rule {rule!r}; choose among {known}.")
    if tie is None:
        return RULES[rule](votes, min_support=min_support)
    if rule != "majority":
        raise ValueError(f"A value for ties means nothing to the rule {rule!r}.")
    return majority(votes, tie=tie, min_support=min_support)


def unanimous(votes: Sequence[Hashable], *, min_support: int = 1) -> Consensus:
    """Take the value that every vote has."""
    if reason := too_few(votes, min_support):
        return unresolved(votes, reason)
    if len(set(votes)) > 1:
        return unresolved(votes, "The votes differ.")
    return resolved(votes, votes[0])


def majority(
    votes: Sequence[Hashable], *, tie: Hashable | None = None, min_support: int = 1
) -> Consensus:
    """Take the most frequent value if it is alone at the top, else tie if given."""
    if reason := too_few(votes, min_support):
        return unresolved(votes, reason)
    counted = Counter(votes)
    most = max(counted.values())
    top = [value for value, count in counted.items() if count == most]
    if len(top) == 1:
        return resolved(votes, top[0])
    if tie is not None:
        return resolved(votes, tie)
    return unresolved(votes, f"{len(top)} values share the most votes.")


def median(votes: Sequence[Hashable], *, min_support: int = 1) -> Consensus:
    """Take the middle vote, or the midpoint of the two middle votes if they differ.

    Raises TypeError for a vote that is not a finite number.
    """
    ordered = sorted(votes, key=as_number)
    if reason := too_few(votes, min_support):
        return unresolved(votes, reason)
    lower, upper = ordered[(len(votes) - 1) // 2], ordered[len(votes) // 2]
    if lower == upper:
        return resolved(votes, lower)
    return resolved(votes, (as_number(lower) + as_number(upper)) / 2)


def mean(votes: Sequence[Hashable], *, min_support: int = 1) -> Consensus:
    """Take the arithmetic mean, as float.

    Raises TypeError for a vote that is not a finite number.
    """
    numbers = [as_number(vote) for vote in votes]
    if reason := too_few(votes, min_support):
        return unresolved(votes, reason)
    return resolved(votes, math.fsum(numbers) / len(numbers))


def too_few(votes: Sequence[Hashable], min_support: int) -> str:
    """Return why the votes are not enough, or nothing if they are."""
    if not votes:
        return "There are no votes."
    if len(votes) < min_support:
        return f"The rule needs {min_support} votes and has {len(votes)}."
    return ""


def resolved(votes: Sequence[Hashable], value: Hashable) -> Consensus:
    return Consensus(value, dict(Counter(votes)), len(votes))


def unresolved(votes: Sequence[Hashable], reason: str) -> Consensus:
    return Consensus(None, dict(Counter(votes)), len(votes), reason)


RULES: Mapping[str, Callable[..., Consensus]] = {
    "unanimous": unanimous,
    "majority": majority,
    "median": median,
    "mean": mean,
}
