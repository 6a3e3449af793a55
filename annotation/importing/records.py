"""The canonical import record: one item with its outputs, checked field by field."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _

from config.text import Unreadable, canonical_json, check_tree

MAX_FIELD = 1_000_000
MAX_SEGMENTS = 50
LONGEST_OUTPUT_ID = 250
LONGEST_WARNING = 300

ALIASES = {
    "input": ("input", "prompt"),
    "content": ("output", "response"),
    "system": ("system", "model"),
}
ITEM_FIELDS = ("id", "context", "reference", "segments", "metadata", "warning")
OUTPUT_FIELDS = (
    "id",
    "system",
    "content",
    "latency_ms",
    "cost_usd",
    "tokens",
    "metadata",
)
FLAT_NAMES = {"content": "output", "id": "output_id"}
FLAT_FIELDS = (
    *ITEM_FIELDS,
    *(alias for aliases in ALIASES.values() for alias in aliases),
    "output_id",
    "latency_ms",
    "cost_usd",
    "tokens",
)


class Faulty(ValueError):
    """A record that cannot be taken; `faults` are (field, message)."""

    def __init__(self, faults: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{name}: {text}" for name, text in faults))
        self.faults = faults


@dataclass(frozen=True)
class OutputRecord:
    """One system's answer; `fields` holds what was sent, and only that is compared.

    `path` is where it stood in its record: "outputs.0.", or nothing in a flat one.
    """

    id: str
    system: str
    fields: dict[str, Any]
    path: str = ""

    def place(self, name: str) -> str:
        """How the sender knows one of its fields."""
        return place_of(self.path, name)

    @property
    def content(self) -> Any:
        return self.fields.get("content", "")

    @property
    def content_hash(self) -> str:
        return digest(self.content)


@dataclass(frozen=True)
class Record:
    """An item with the outputs that came with it."""

    id: str
    fields: dict[str, Any]
    outputs: list[OutputRecord] = field(default_factory=list)

    @property
    def content_hash(self) -> str:
        return content_hash(
            self.fields.get("input"),
            self.fields.get("context"),
            self.fields.get("reference"),
        )


def place_of(path: str, name: str) -> str:
    """A flat record calls an output's content and id otherwise."""
    return f"{path}{name}" if path else FLAT_NAMES.get(name, name)


def content_hash(input_: Any, context: Any, reference: Any) -> str:
    """Equal for equal questions, whatever they are called."""
    return digest([input_, context, reference])


def digest(value: Any) -> str:
    return sha256(canonical_json(value).encode()).hexdigest()


def read_record(data: Any) -> Record:
    """Check one record, canonical or flat; raises Faulty with all its faults."""
    if not isinstance(data, Mapping):
        raise Faulty([("", _("A record is a JSON object."))])
    try:
        check_tree(dict(data))
    except Unreadable as error:
        raise Faulty([("", str(error))]) from None
    return Reading().record(data)


class Reading:
    """One pass over a record, collecting faults."""

    def __init__(self) -> None:
        self.faults: list[tuple[str, str]] = []

    def record(self, data: Mapping[str, Any]) -> Record:
        flat = "outputs" not in data
        known = FLAT_FIELDS if flat else (*ITEM_FIELDS, *ALIASES["input"], "outputs")
        for name in data.keys() - set(known):
            self.fault(
                str(name),
                _("No such field; there are %(known)s.") % {"known": ", ".join(known)},
            )
        fields = self.item_fields(data)
        item_id = self.name("id", data.get("id"), 200)
        if item_id is None:
            if "input" not in fields:
                self.fault("input", _("A record needs an id or an input."))
            item_id = digest([fields.get("input"), fields.get("context")])
        if flat:
            outputs = list(self.flat_output(data, item_id))
        else:
            outputs = list(self.outputs(data["outputs"], item_id))
        if self.faults:
            raise Faulty(self.faults)
        return Record(item_id, fields, outputs)

    def item_fields(self, data: Mapping[str, Any]) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        asked = self.aliased(data, "input")
        if asked is not None:
            if not isinstance(asked, (str, list, dict)):
                self.fault("input", _("An input is text or a list of messages."))
            fields["input"] = self.sized("input", asked)
        if data.get("context") is not None:
            fields["context"] = self.documents(self.sized("context", data["context"]))
        if data.get("reference") is not None:
            fields["reference"] = self.sized("reference", data["reference"])
        if data.get("segments") is not None:
            fields["segments"] = self.segments(data["segments"])
        if data.get("metadata") is not None:
            fields["metadata"] = self.mapping("metadata", data["metadata"])
        if data.get("warning") is not None:
            fields["warning"] = self.warning(data["warning"])
        return fields

    def warning(self, sent: Any) -> str:
        """What may disturb in the item, on one line; empty where nothing does."""
        if not isinstance(sent, str):
            self.fault(
                "warning", _("A warning is text; leave it out where none is due.")
            )
            return ""
        words = " ".join(sent.split())
        if len(words) > LONGEST_WARNING:
            self.fault(
                "warning",
                _("Longer than %(longest)s characters.") % {"longest": LONGEST_WARNING},
            )
        return words

    def documents(self, sent: Any) -> list[dict[str, str]]:
        """Context as documents: {title, content}; plain text is one without title."""
        documents = []
        for index, one in enumerate(sent if isinstance(sent, list) else [sent]):
            if isinstance(one, str):
                documents.append({"title": "", "content": one})
            elif isinstance(one, Mapping) and isinstance(one.get("content"), str):
                documents.append(
                    {"title": str(one.get("title") or ""), "content": one["content"]}
                )
            else:
                self.fault(
                    f"context.{index}",
                    _("A document is text or {title, content}, both text."),
                )
        return documents

    def segments(self, sent: Any) -> dict[str, str]:
        segments = {}
        for name, value in self.mapping("segments", sent).items():
            if isinstance(value, (Mapping, list)) or value is None:
                self.fault(f"segments.{name}", _("A segment's value is a word."))
            elif not 0 < len(name) <= 60 or len(str(value)) > 200:
                self.fault(
                    f"segments.{name}",
                    _("A segment's name has at most 60 characters, its value 200."),
                )
            else:
                plain = str(value).lower() if isinstance(value, bool) else str(value)
                segments[name] = plain
        if len(segments) > MAX_SEGMENTS:
            self.fault(
                "segments",
                _("An item has at most %(most)s segments.") % {"most": MAX_SEGMENTS},
            )
        return segments

    def flat_output(
        self, data: Mapping[str, Any], item_id: str
    ) -> Iterator[OutputRecord]:
        content = self.aliased(data, "content")
        system = self.aliased(data, "system")
        if content is None and system is None:
            return
        if content is None:
            self.fault("output", _("A record with a system needs its output."))
        sent = {name: data[name] for name in OUTPUT_FIELDS[3:6] if name in data}
        sent |= {"id": data.get("output_id"), "system": system, "content": content}
        yield self.output("", sent, item_id, set())

    def outputs(self, sent: Any, item_id: str) -> Iterator[OutputRecord]:
        if not isinstance(sent, list):
            self.fault("outputs", _("Send a list of outputs."))
            return
        used: set[str] = set()
        for index, one in enumerate(sent):
            path = f"outputs.{index}"
            if not isinstance(one, Mapping):
                self.fault(path, _("An output is an object."))
                continue
            one = dict(one)
            for alias in (*ALIASES["content"], "model"):
                if alias in one:
                    name = "system" if alias == "model" else "content"
                    if name in one:
                        self.fault(f"{path}.{alias}", f"{name} stands here already.")
                    one[name] = one.pop(alias)
            for name in one.keys() - set(OUTPUT_FIELDS):
                known = ", ".join(OUTPUT_FIELDS)
                self.fault(
                    f"{path}.{name}",
                    _("No such field; there are %(known)s.") % {"known": known},
                )
            if one.get("content") is None:
                self.fault(
                    f"{path}.content", _("An output needs content; it may be empty.")
                )
            record = self.output(f"{path}.", one, item_id, used)
            if record.id in used:
                self.fault(
                    f"{path}.id",
                    _("The id %(id)s stands twice.") % {"id": repr(record.id)},
                )
            used.add(record.id)
            yield record

    def output(
        self, path: str, one: Mapping[str, Any], item_id: str, used: set[str]
    ) -> OutputRecord:
        system = self.name(place_of(path, "system"), one.get("system"), 200)
        if system is None:
            self.fault(
                place_of(path, "system"),
                _("An output needs the system that produced it."),
            )
            system = ""
        fields: dict[str, Any] = {"system": system}
        if one.get("content") is not None:
            place = place_of(path, "content")
            fields["content"] = self.sized(place, one["content"])
        for name in ("latency_ms", "cost_usd"):
            if one.get(name) is not None:
                fields[name] = self.measure(f"{path}{name}", one[name])
        if one.get("tokens") is not None:
            tokens = self.measure(f"{path}tokens", one["tokens"])
            if tokens != int(tokens) or tokens >= 2**31:
                self.fault(f"{path}tokens", _("Tokens are counted in whole numbers."))
            else:
                fields["tokens"] = int(tokens)
        if one.get("metadata") is not None:
            fields["metadata"] = self.mapping(f"{path}metadata", one["metadata"])
        given = self.name(place_of(path, "id"), one.get("id"), LONGEST_OUTPUT_ID)
        if given is None:
            given = unused(f"{item_id}/{system}", used)
            if len(given) > LONGEST_OUTPUT_ID:
                self.fault(
                    place_of(path, "id"),
                    _(
                        "Item and system make an id of more than %(longest)s "
                        "characters; send a shorter one."
                    )
                    % {"longest": LONGEST_OUTPUT_ID},
                )
        return OutputRecord(given, system, fields, path)

    def aliased(self, data: Mapping[str, Any], name: str) -> Any:
        """The value under whichever alias was used; two of them are a fault."""
        present = [alias for alias in ALIASES[name] if data.get(alias) is not None]
        if len(present) > 1:
            self.fault(present[1], f"{present[0]} says the same; send one of them.")
        return data[present[0]] if present else None

    def name(self, path: str, value: Any, longest: int) -> str | None:
        if value is None or value == "":
            return None
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str):
            self.fault(path, _("Send a name as text."))
            return None
        if len(value) > longest:
            self.fault(
                path, _("Longer than %(longest)s characters.") % {"longest": longest}
            )
        if not value.isprintable():
            self.fault(path, _("A name holds printable characters only."))
        return value

    def sized(self, path: str, value: Any) -> Any:
        size = len(value) if isinstance(value, str) else len(canonical_json(value))
        if size > MAX_FIELD:
            self.fault(
                path,
                _("Longer than %(longest)s characters.")
                % {"longest": intcomma(MAX_FIELD)},
            )
        return value

    def mapping(self, path: str, value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            self.fault(path, _("Send an object."))
            return {}
        return dict(self.sized(path, value))

    def measure(self, path: str, value: Any) -> float:
        if isinstance(value, str):
            try:
                value = float(value)
            except ValueError:
                value = None
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not number or not math.isfinite(value) or value < 0:
            self.fault(path, _("Send a number that is not negative."))
            return 0.0
        return float(value)

    def fault(self, name: str, message: str) -> None:
        self.faults.append((name, message))


def unused(name: str, used: set[str]) -> str:
    """`name`, or `name#2`, `name#3` … when the record has several by one system."""
    if name not in used:
        return name
    number = 2
    while f"{name}#{number}" in used:
        number += 1
    return f"{name}#{number}"
