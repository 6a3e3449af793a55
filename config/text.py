"""Text and JSON from outside: what no database can keep is refused at the border."""

import json
import math
from typing import Any, NoReturn

from django.utils.translation import gettext as _

MAX_DEPTH = 64
MAX_KEYS = 10_000


class Unreadable(ValueError):
    """The message says what is wrong, as a full sentence for the sender."""


def clean_text(text: str) -> str:
    """Return the text unchanged, or refuse what PostgreSQL or UTF-8 cannot hold.

    >>> clean_text("naïve ≠ naive")
    'naïve ≠ naive'
    >>> clean_text("a\\x00b")
    Traceback (most recent call last):
    config.text.Unreadable: The text holds a NUL character; remove it.
    """
    if "\x00" in text:
        raise Unreadable(_("The text holds a NUL character; remove it."))
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise Unreadable(
            _("The text holds half of a surrogate pair; send valid Unicode.")
        ) from None
    return text


def read_json(text: str | bytes) -> Any:
    """Parse JSON strictly: finite numbers, distinct keys, bounded depth and size.

    >>> read_json('{"a": NaN}')
    Traceback (most recent call last):
    config.text.Unreadable: NaN is not a JSON number.
    """
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8")
        value = json.loads(
            text,
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_bounded,
            object_pairs_hook=_distinct_keys,
        )
    except UnicodeDecodeError as error:
        raise Unreadable(
            _("Not UTF-8 at byte %(place)s.") % {"place": error.start}
        ) from None
    except RecursionError:
        raise Unreadable(
            _("Nested deeper than %(most)s levels.") % {"most": MAX_DEPTH}
        ) from None
    except json.JSONDecodeError as error:
        raise Unreadable(
            _("Not JSON at line %(line)s, column %(column)s: %(what)s.")
            % {"line": error.lineno, "column": error.colno, "what": error.msg}
        ) from None
    check_tree(value)
    return value


def check_tree(value: Any) -> None:
    """Refuse what parses but cannot be kept: depth, NUL, surrogates, NaN."""
    keys = 0
    level = [value]
    for _depth in range(MAX_DEPTH):
        below: list[Any] = []
        for node in level:
            if isinstance(node, str):
                clean_text(node)
            elif isinstance(node, dict):
                keys += len(node)
                for key in node:
                    clean_text(key)
                below.extend(node.values())
            elif isinstance(node, list):
                below.extend(node)
            elif isinstance(node, float) and not math.isfinite(node):
                raise Unreadable(_("A number is not finite."))
        if keys > MAX_KEYS:
            raise Unreadable(
                _("More than %(most)s keys in one object.") % {"most": MAX_KEYS}
            )
        if not below:
            return
        level = below
    raise Unreadable(_("Nested deeper than %(most)s levels.") % {"most": MAX_DEPTH})


def canonical_json(value: Any) -> str:
    """One spelling for equal values: sorted keys, no spaces, no escapes but needed."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str
    )


def _refuse_constant(name: str) -> NoReturn:
    raise Unreadable(_("%(name)s is not a JSON number.") % {"name": name})


def _finite(literal: str) -> float:
    number = float(literal)
    if not math.isfinite(number):
        raise Unreadable(
            _("The number %(number)s is too large.") % {"number": literal[:20]}
        )
    return number


def _bounded(literal: str) -> int:
    # Larger integers fit no column and are lost by other readers of the export.
    if len(literal) > 19 or abs(int(literal)) >= 2**63:
        raise Unreadable(
            _("The number %(number)s is too large.") % {"number": f"{literal[:20]}…"}
        )
    return int(literal)


def _distinct_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise Unreadable(
                _("The key %(key)s stands twice in one object.")
                % {"key": repr(key[:50])}
            )
        found[key] = value
    return found
