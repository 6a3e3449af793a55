"""Reading a file that anybody may have written: YAML or JSON, nothing but plain data.

The YAML is that of JSON with comments: no anchors, no tags, and `yes`, `1:30` or
`2026-01-01` are the text they look like.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Any

import yaml
from django.utils.translation import gettext as _

from config.text import Unreadable, clean_text, read_json
from rubrics.shape import Fault

LONGEST = 1_000_000
DEEPEST = 12
MOST_NODES = 100_000
INT, FLOAT = "tag:yaml.org,2002:int", "tag:yaml.org,2002:float"
BOOL, NULL = "tag:yaml.org,2002:bool", "tag:yaml.org,2002:null"
LONGEST_NUMBER = 40


class Lined(dict[str, Any]):
    """A YAML mapping that knows in which line each of its paths stands."""

    lines: dict[str, int]


# libyaml where it is there: it reads twenty times as fast.
Reader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class PlainLoader(Reader):
    """Knows numbers, true, false and null; all else is text."""

    yaml_implicit_resolvers: dict[str, Any] = {}


# No wider than what PyYAML quotes when it writes a text that looks like one of these.
for tag, pattern, first in [
    (BOOL, r"true|True|TRUE|false|False|FALSE", "tTfF"),
    (NULL, r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    (INT, r"[-+]?(?:0|[1-9][0-9]*)", "-+0123456789"),
    (FLOAT, r"[-+]?[0-9]+\.[0-9]*(?:[eE][-+][0-9]+)?", "-+0123456789"),
]:
    PlainLoader.add_implicit_resolver(tag, re.compile(rf"(?:{pattern})\Z"), list(first))


def read_file(content: str | bytes) -> dict[str, Any]:
    """Read a rubric's file, whichever of both it is; raise Unreadable for neither."""
    text = text_of(content)
    value = read_json(text) if text.lstrip().startswith("{") else read_yaml(text)
    if not isinstance(value, dict):
        raise Unreadable(
            _("This is no rubric: a file starts with `name:` and `criteria:`.")
        )
    return value


def text_of(content: str | bytes) -> str:
    if len(content) > LONGEST:
        raise Unreadable(_("A rubric's file has at most 1 MB; this one is larger."))
    if isinstance(content, str):
        return clean_text(content)
    try:
        return clean_text(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Unreadable(
            _("Not UTF-8 at byte %(place)s.") % {"place": error.start}
        ) from None


def read_yaml(content: str | bytes) -> Any:
    text = text_of(content)
    try:
        refuse_tricks(text)
        node = yaml.compose(text, Loader=PlainLoader)
    except yaml.MarkedYAMLError as error:
        raise Unreadable(
            _("Not YAML at line %(line)s: %(what)s.")
            % {"line": line_of(error.problem_mark), "what": error.problem}
        ) from None
    except yaml.YAMLError as error:
        raise Unreadable(_("Not YAML: %(what)s.") % {"what": error}) from None
    if node is None:
        raise Unreadable(_("The file is empty."))
    lines: dict[str, int] = {}
    value = value_of(node, "", lines)
    if not isinstance(value, dict):
        return value
    body = Lined(value)
    body.lines = lines
    return body


def refuse_tricks(text: str) -> None:
    """Look at the file's events before anything is built from them."""
    depth = nodes = 0
    for event in yaml.parse(text, Loader=PlainLoader):
        line = line_of(event.start_mark)
        if isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise Unreadable(
                _("Line %(line)s: anchors and aliases are not read; write it out.")
                % {"line": line}
            )
        if getattr(event, "tag", None):
            raise Unreadable(
                _("Line %(line)s: tags such as !!set are not read.") % {"line": line}
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        nodes += isinstance(event, yaml.NodeEvent)
        if depth > DEEPEST or nodes > MOST_NODES:
            raise Unreadable(
                _("Line %(line)s: this is nested deeper or longer than a rubric is.")
                % {"line": line}
            )


def value_of(node: Any, path: str, lines: dict[str, int]) -> Any:
    lines[path] = line_of(node.start_mark)
    if isinstance(node, yaml.SequenceNode):
        return [
            value_of(one, joined(path, place), lines)
            for place, one in enumerate(node.value)
        ]
    if isinstance(node, yaml.ScalarNode):
        return scalar_of(node)
    found: dict[str, Any] = {}
    for name, value in node.value:
        line = line_of(name.start_mark)
        if not isinstance(name, yaml.ScalarNode):
            raise Unreadable(
                _("Line %(line)s: a field's name is a word.") % {"line": line}
            )
        key = name.value
        if key in found:
            raise Unreadable(
                _("Line %(line)s: %(key)s stands twice.") % {"line": line, "key": key}
            )
        found[key] = value_of(value, joined(path, key), lines)
        lines[joined(path, key)] = line
    return found


def scalar_of(node: yaml.ScalarNode) -> Any:
    text: str = node.value
    if node.tag == NULL:
        return None
    if node.tag == BOOL:
        return text.lower() == "true"
    if node.tag not in (INT, FLOAT):
        return clean_text(text)
    number = float(text) if node.tag == FLOAT or len(text) > 19 else int(text)
    if len(text) > LONGEST_NUMBER or not math.isfinite(number):
        raise Unreadable(
            _("Line %(line)s: the number is too large.")
            % {"line": line_of(node.start_mark)}
        )
    return number


def line_of(mark: Any) -> int:
    return mark.line + 1 if mark is not None else 1


def joined(path: str, name: object) -> str:
    return f"{path}.{name}" if path else str(name)


def with_lines(faults: list[Fault], body: object) -> list[Fault]:
    """The faults with the lines of the file that they are about, where it has any."""
    if not isinstance(body, Lined):
        return faults
    return [
        replace(
            fault,
            message=_("Line %(line)s: %(message)s")
            % {"line": line_at(fault.field, body.lines), "message": fault.message},
        )
        for fault in faults
    ]


def line_at(path: str, lines: dict[str, int]) -> int:
    """The line of the path, or of the nearest around it that stands there."""
    while path and path not in lines:
        path = path.rpartition(".")[0]
    return lines.get(path, 1)
