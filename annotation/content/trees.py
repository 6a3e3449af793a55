"""JSON as a tree of rows that open and close, made on the server.

A tree never shows more than MOST_NODES at once, nor more than ITEMS children of one
node: what is beyond is a closed row that says how much it holds, and is fetched by the
path to it when it is opened.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotation.content.signs import with_signs

MOST_NODES = 2_000
FEW_NODES = 300
OPEN_NODES = 150
ITEMS = 200
LONGEST_JSON = 5_000_000
LONGEST_STRING = 5_000
DEEPEST = 24


@dataclass(frozen=True)
class Spot:
    """Where in a value a row stands: the keys to it, and which of its children."""

    path: tuple[str, ...] = ()
    first: int = 0
    last: int | None = None

    def child(self, key: str) -> Spot:
        return Spot((*self.path, key))

    def written(self) -> str:
        """As it stands in an address: an array of keys, then the range."""
        place = json.dumps([*self.path], ensure_ascii=False)
        some = "" if self.last is None else f"&items={self.first}-{self.last}"
        return f"at={quote(place)}{some}"


# Gives the address of what stands at a spot, as a row that is not here yet.
Lazily = Callable[[Spot], str]


@dataclass
class Budget:
    """How many rows may still be written, and how many of them open."""

    nodes: int = MOST_NODES
    open: int = OPEN_NODES


def json_in(text: str) -> Any:
    """The object or array that a text wholly is; None when it is something else."""
    stripped = text.strip()
    if len(stripped) > LONGEST_JSON or stripped[:1] + stripped[-1:] not in ("{}", "[]"):
        return None
    try:
        return json.loads(stripped)
    except (ValueError, RecursionError):
        return None


def tree(
    value: Any, lazily: Lazily, spot: Spot | None = None, *, most: int = MOST_NODES
) -> SafeString:
    """A value, or what stands at a spot of it, as rows."""
    budget = Budget(most, min(OPEN_NODES, most // 3))
    if not is_container(value):
        return mark_safe(f'<p class="tree">{leaf(value)}</p>')  # noqa: S308
    rows = "".join(rows_of(value, spot or Spot(), lazily, budget, 0))
    return mark_safe(f'<ul class="tree">{rows}</ul>')  # noqa: S308


def at(value: Any, path: list[Any]) -> Any:
    """What stands at the end of a path; KeyError when nothing does."""
    for key in path:
        if isinstance(value, dict):
            value = value[str(key)]
        elif isinstance(value, list) and str(key).isdecimal() and len(str(key)) < 10:
            value = value[int(str(key)) : int(str(key)) + 1]
            if not value:
                raise KeyError(key)
            value = value[0]
        else:
            raise KeyError(key)
    return value


def is_container(value: Any) -> bool:
    return isinstance(value, dict | list) and bool(value)


def rows_of(
    value: Any, spot: Spot, lazily: Lazily, budget: Budget, depth: int
) -> Iterator[str]:
    """One row for each child; a long list in groups of its own."""
    children = list(value.items() if isinstance(value, dict) else enumerate(value))
    chosen = children[spot.first : spot.last]
    if len(chosen) > ITEMS:
        many = ITEMS
        while len(chosen) > many * ITEMS:
            many *= ITEMS
        for first in range(spot.first, spot.first + len(chosen), many):
            last = min(first + many, spot.first + len(chosen))
            yield group(value, replace(spot, first=first, last=last), lazily, budget)
        return
    for key, child in chosen:
        budget.nodes -= 1
        name = f'<span class="t-b" dir="auto">{with_signs(escape(key))}</span>: '
        if not is_container(child):
            yield f"<li>{name}{leaf(child)}</li>"
            continue
        yield f"<li>{branch(name, child, spot.child(str(key)), lazily, budget, depth)}"


def group(value: Any, spot: Spot, lazily: Lazily, budget: Budget) -> str:
    """A closed row for some of the children of a node; the first group is open."""
    label = f"{spot.first + 1}–{spot.last}"
    if spot.first > 0 or budget.nodes < ITEMS:
        return f"<li>{closed(label, spot, lazily)}"
    rows = "".join(rows_of(value, spot, lazily, budget, 1))
    return f"<li><details open><summary>{label}</summary><ul>{rows}</ul></details>"


def branch(
    name: str, value: Any, spot: Spot, lazily: Lazily, budget: Budget, depth: int
) -> str:
    label = f'{name}<span class="tree__size">{size(value)}</span>{peek(value)}'
    if budget.nodes < min(len(value), ITEMS) or depth >= DEEPEST:
        return closed(label, spot, lazily)
    opened = " open" if budget.open > 0 else ""
    budget.open -= min(len(value), ITEMS)
    rows = "".join(rows_of(value, spot, lazily, budget, depth + 1))
    return f"<details{opened}><summary>{label}</summary><ul>{rows}</ul></details>"


def closed(label: str, spot: Spot, lazily: Lazily) -> str:
    return (
        f'<details class="lazy"><summary>{label}</summary><a href="'
        f'{escape(lazily(spot))}" target="_blank">{escape(_("Show this part"))}</a>'
        "</details>"
    )


def size(value: Any) -> str:
    """How much a row holds, in the brackets that JSON puts around it."""
    count = len(value)
    if isinstance(value, dict):
        words = ngettext("%(count)d key", "%(count)d keys", count) % {"count": count}
        return f"{{ {words} }}"
    words = ngettext("%(count)d item", "%(count)d items", count) % {"count": count}
    return f"[ {words} ]"


def peek(value: Any) -> str:
    """The first short values of an object, to tell closed rows apart."""
    if not isinstance(value, dict):
        return ""
    shown: list[str] = []
    for key, child in value.items():
        if isinstance(child, str | int | float | bool) and len(str(child)) <= 30:
            shown.append(f"{key[:20]}: {json.dumps(child, ensure_ascii=False)}")
        if len(shown) == 3:
            break
    words = with_signs(escape(", ".join(shown)))
    return f' <span class="tree__peek" dir="auto">{words}</span>' if shown else ""


def leaf(value: Any) -> str:
    if isinstance(value, str):
        shown = value
        if len(value) > LONGEST_STRING:
            shown = value[:LONGEST_STRING]
        quoted = with_signs(escape(json.dumps(shown, ensure_ascii=False)))
        # Line breaks are shown as such: words of several lines are read, not decoded.
        broken = quoted.replace("\\n", "\\n\n") if "\\\\n" not in quoted else quoted
        more = more_characters(len(value) - len(shown))
        return f'<span class="t-s" dir="auto">{broken}</span>{more}'
    written = json.dumps(value)
    is_word = value is None or isinstance(value, bool | dict | list)
    kind = "k" if is_word else "n"
    return f'<span class="t-{kind}">{written}</span>'


def more_characters(count: int) -> SafeString | str:
    if count <= 0:
        return ""
    words = ngettext(
        "%(count)s more character, see the raw text",
        "%(count)s more characters, see the raw text",
        count,
    ) % {"count": f"{count:,}"}
    return format_html(' <span class="tree__size">… {}</span>', words)
