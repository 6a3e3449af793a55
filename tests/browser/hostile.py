"""Hostile words for the world of tests/browser/world.py: payloads in every field.

payloads.json holds them, one a line. What can be long holds all of them or a dozen at a
time; what is short holds as many as fit, other ones in every object.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

PAYLOADS: list[str] = json.loads(
    (Path(__file__).parent / "payloads.json").read_text(encoding="utf-8")
)
# A fence swallows what follows it in Markdown, so it comes last.
LAST = [one for one in PAYLOADS if one.startswith("```")]
EVERY = [one for one in PAYLOADS if one not in LAST]
PRINTABLE = [one for one in PAYLOADS if one.isprintable()]
WHOLE = {
    "project_note",
    "document",
    "reference",
    "help",
    "guidelines",
    "new_guidelines",
    "explanation",
    "comment",
    "flag",
    "flag_answer",
    "note",
    "answer",
    "tool_argument",
    "tool_result",
    "answer_turn",
}
BY_THE_DOZEN = {
    "input",
    "output",
    "turn",
    "rationale",
    "anchor",
    "flaw_anchor",
    "metadata",
    "tool",
    "tool_value",
}
DOZEN = 12
LONGEST = {
    "person": 150,
    "group": 100,
    "token": 100,
    "level": 90,
    "flaw": 90,
    "measure": 30,
    "segment_name": 60,
    "question_of": 500,
    "item_id": 150,
    "output_id": 150,
    "warning": 300,
    "reason": 450,
}
LONGEST_NAME = 200


class Hostile:
    """hostile("rubric"): payloads, going on where the field's last ones ended.

    `put` tells which payloads each field holds by now.
    """

    def __init__(self) -> None:
        self.at: dict[str, int] = defaultdict(int)
        self.put: dict[str, set[str]] = defaultdict(set)

    def __call__(self, field: str) -> str:
        name = field.partition(":")[0]
        if name in WHOLE:
            return self.said(name, [*EVERY, *LAST], "\n\n")
        if name in BY_THE_DOZEN:
            return self.said(name, self.following(name, PAYLOADS, DOZEN), "\n\n")
        return self.short(name)

    def following(self, name: str, payloads: list[str], count: int) -> list[str]:
        start = self.at[name]
        self.at[name] += count
        return [payloads[(start + n) % len(payloads)] for n in range(count)]

    def short(self, name: str) -> str:
        """As many as fit, each whole."""
        room = LONGEST.get(name, LONGEST_NAME)
        chosen: list[str] = []
        for one in self.following(name, PRINTABLE, len(PRINTABLE)):
            if len(" ".join([*chosen, one])) <= room:
                chosen.append(one)
            elif len(chosen) > 3 or room < 100:
                break
        # The next object begins after the first of these: they differ at least.
        self.at[name] += len(chosen) or 1
        return self.said(name, chosen, " ")

    def said(self, name: str, payloads: list[str], between: str) -> str:
        self.put[name] |= set(payloads)
        return between.join(payloads)
