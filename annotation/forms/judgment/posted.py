"""From a post to the API's shape of answers, rationales and evidence."""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Iterator
from typing import Any

from django.http import QueryDict

from rubrics.instrument import Instrument, Question
from rubrics.models import Kind

PLACE = re.compile(r"([0-9]{1,9})-([0-9]{1,9})", re.ASCII)


def suffix_of(question: Question, side: str) -> str:
    """How the fields of a question about a side (or, with none, about all) end."""
    return f"{question.key}-{side}" if side else question.key


def as_sent(instrument: Instrument, sides: str, post: QueryDict) -> dict[str, Any]:
    """The post as the API would have sent it: answers, rationales, spans, note."""
    answers: dict[str, Any] = {}
    rationales: dict[str, Any] = {}
    spans: dict[str, Any] = {}
    for question in instrument:
        for side in sides if question.of_each_output else ("",):
            suffix = suffix_of(question, side)
            put(answers, question, side, posted_value(question, side, sides, post))
            rationale = "".join(texts(post, f"rationale-{suffix}")[-1:]).strip()
            put(rationales, question, side, rationale or None)
        for side in sides if question.takes_evidence else "":
            marked = list(posted_passages(f"span-{question.key}-{side}", post))
            put(spans, question, side, marked or None)
    note = "".join(texts(post, "note")[-1:]).strip()
    return {"answers": answers, "rationales": rationales, "spans": spans, "note": note}


def texts(post: QueryDict, name: str) -> list[str]:
    """What was posted under a name, as it can be kept.

    Nobody types a NUL, and PostgreSQL cannot hold one. A browser sends a line's end as
    CR LF or as LF, depending on how it sends; the same words must stay the same.
    """
    return [one.replace("\x00", "").replace("\r\n", "\n") for one in post.getlist(name)]


def put(values: dict[str, Any], question: Question, side: str, value: Any) -> None:
    if value is None:
        return
    if side:
        values.setdefault(question.key, {})[side] = value
    else:
        values[question.key] = value


def posted_value(question: Question, side: str, sides: str, post: QueryDict) -> Any:
    """One control's value in the API's spelling; None when it was left open."""
    absent, posted = [], []
    name = f"answer-{suffix_of(question, side)}"
    for one in texts(post, name):
        if one.startswith("absent:"):
            absent.append(one.removeprefix("absent:"))
        else:
            posted.append(one)
    if question.kind == Kind.MULTIPLE:
        value: Any = posted or ([] if f"{name}-none" in post else None)
    elif question.kind == Kind.RANKING:
        value = posted_ranking(question, sides, post)
    else:
        value = posted_answer(question, posted)
    if not absent:
        return value
    said = {"absent": absent[0] if len(absent) == 1 else absent}
    return said if value is None else said | {"value": value}


def posted_answer(question: Question, posted: list[str]) -> Any:
    if len(posted) > 1:
        return posted  # Two values for one choice: refused, not chosen between.
    only = posted[0] if posted else ""
    if not only.strip():
        return None
    if question.kind == Kind.NUMERIC:
        return posted_number(only)
    if question.kind == Kind.PREFERENCE:
        if question.with_strength and only[-1:].isdecimal():
            return {"choice": only[:-1], "strength": int(only[-1])}
        return only
    step = question.by_code.get(only)
    return step.value if step else only


def posted_number(posted: str) -> float | str:
    """A finite number, else the words as they came, to be refused."""
    with contextlib.suppress(ValueError):
        number = float(posted.replace(",", "."))
        if math.isfinite(number):
            return int(number) if number.is_integer() else number
    return posted


def posted_ranking(question: Question, sides: str, post: QueryDict) -> Any:
    places: dict[int, list[str]] = {}
    for side in sides:
        place = "".join(texts(post, f"rank-{question.key}-{side}")[-1:])
        if place.isdecimal() and len(place) <= 3:
            places.setdefault(int(place), []).append(side)
    ranking = [places[place] for place in sorted(places)]
    return [group[0] if len(group) == 1 else group for group in ranking] or None


def posted_passages(name: str, post: QueryDict) -> Iterator[dict[str, Any]]:
    """Evidence: the places that were marked, without those to drop; words to find."""
    dropped = set(texts(post, f"{name}-drop"))
    for place in " ".join(texts(post, name)).split():
        found = PLACE.fullmatch(place)
        if found and place not in dropped:
            yield {"start": int(found[1]), "end": int(found[2])}
    for line in "\n".join(texts(post, f"{name}-words")).split("\n"):
        if line.strip():
            yield {"quote": line.strip()}
