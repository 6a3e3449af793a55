"""Where two short texts differ, word by word."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

TOKEN = re.compile(r"\s+|\w+|[^\w\s]")
# Beyond it the comparison takes too long for a page, and helps nobody either.
MOST_PAIRS = 1_000_000


@dataclass(frozen=True)
class Run:
    """Words that both have ("="), or only the old text ("-") or the new one ("+")."""

    sign: str
    text: str


def differences(was: str, now: str) -> list[Run]:
    """
    >>> [(run.sign, run.text) for run in differences("Is it right?", "Is it true?")]
    [('=', 'Is it '), ('-', 'right'), ('+', 'true'), ('=', '?')]
    """
    old, new = TOKEN.findall(was), TOKEN.findall(now)
    if len(old) * len(new) > MOST_PAIRS:
        return [run for run in (Run("-", was), Run("+", now)) if run.text]
    runs = []
    matcher = SequenceMatcher(a=old, b=new, autojunk=False)
    for verb, a, b, c, d in matcher.get_opcodes():
        if verb == "equal":
            runs.append(Run("=", "".join(old[a:b])))
            continue
        runs.append(Run("-", "".join(old[a:b])))
        runs.append(Run("+", "".join(new[c:d])))
    return [run for run in runs if run.text]
