"""Media in import records: what is embedded is stored, what is foreign is noted.

An image that a record carries as a data URL (or audio as base64) is stored as media
before the record is checked, and `media:<id>` stands in its place. It is known again by
its content, so sending the record again finds the same id and changes nothing; and it
is stored before the chunk that names it, so no content names a file that is not there.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Project, User
from annotation.actions.media import (
    fetch_later,
    new_id,
    note_addresses,
    store_media,
    uploaded,
)
from annotation.content.media import (
    KIND_OF,
    address_of,
    host_of,
    is_media,
    with_address,
)
from annotation.importing.readers import Row
from annotation.media.reading import read_media
from annotation.media.refusal import MediaRefused

# Where a record has content; the rest is never looked into.
FIELDS = ("input", "prompt", "reference", "output", "response", "content")
DATA = re.compile(r"data:[^,]{0,200};base64,", re.IGNORECASE)
DEEPEST = 64


class RecordMedia:
    """The media of one import, row by row."""

    def __init__(self, *, project: Project, by: User, dry_run: bool) -> None:
        self.project, self.by, self.dry_run = project, by, dry_run
        self.ids: dict[str, str] = {}
        self.addresses: list[str] = []
        self.has_noted = False

    def taken_from(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows with `media:<id>` for what they embed; one that cannot be taken
        becomes a faulty row."""
        for row in rows:
            yield self.taken(row) if holds_media(row.data) else row

    def taken(self, row: Row) -> Row:
        data = dict(row.data)
        try:
            self.replace(data, "")
            if isinstance(data.get("outputs"), list):
                data["outputs"] = [
                    self.output(one, f"outputs.{index}.")
                    for index, one in enumerate(data["outputs"])
                ]
        except Unfit as error:
            return Row(row.number, fault=str(error))
        return Row(row.number, data)

    def output(self, one: Any, path: str) -> Any:
        if not isinstance(one, Mapping):
            return one
        copied = dict(one)
        self.replace(copied, path)
        return copied

    def replace(self, fields: dict[str, Any], path: str) -> None:
        for name in FIELDS:
            if isinstance(fields.get(name), (list, dict)):
                fields[name] = self.walked(fields[name], f"{path}{name}", 0)

    def walked(self, value: Any, path: str, depth: int) -> Any:
        """The same content with its embedded media stored; unchanged parts as is."""
        if depth > DEEPEST:
            return value  # Refused as too deep right after.
        if isinstance(value, list):
            return [
                one
                if isinstance(one, str)
                else self.walked(one, f"{path}.{index}", depth + 1)
                for index, one in enumerate(value)
            ]
        if not isinstance(value, dict):
            return value
        if is_media(value):
            return self.part(value, path)
        return {
            name: self.walked(inner, f"{path}.{name}", depth + 1)
            for name, inner in value.items()
        }

    def part(self, part: dict[str, Any], path: str) -> dict[str, Any]:
        address = address_of(part) or ""
        if address[:5].lower() == "data:":
            found = self.stored(address, KIND_OF[part["type"]], path)
            return with_address(part, f"media:{found}")
        if host_of(address):
            self.addresses.append(address)
        return part

    def stored(self, address: str, kind: str, path: str) -> str:
        """The id under which the embedded file is kept."""
        content = decoded(address, path)
        sha256 = hashlib.sha256(content).hexdigest()
        if sha256 not in self.ids:
            try:
                self.ids[sha256] = self.keep(content, sha256, kind)
            except MediaRefused as error:
                raise Unfit(path, str(error)) from None
        return self.ids[sha256]

    def keep(self, content: bytes, sha256: str, kind: str) -> str:
        if self.dry_run:
            there = uploaded(self.project, sha256)
            with read_media(io.BytesIO(content), kinds=(kind,)):
                return str(there.pk) if there else new_id()
        media, _is_new = store_media(
            project=self.project, file=io.BytesIO(content), by=self.by, kinds=(kind,)
        )
        return str(media.pk)

    def note(self) -> None:
        """Write down the foreign addresses that were met since the last call."""
        if self.addresses and not self.dry_run:
            note_addresses(project=self.project, addresses=self.addresses, by=self.by)
            self.has_noted = True
        self.addresses = []

    def fetch(self) -> None:
        """Have them fetched, as far as the owner allows their hosts."""
        if self.has_noted:
            fetch_later(project=self.project, by=self.by)


def holds_media(value: Any) -> bool:
    """Is there media in it, at any depth? Most records hold none and are left alone."""
    left = [value]
    while left:
        inner = left.pop()
        if isinstance(inner, dict):
            if "type" in inner and is_media(inner):
                return True
            left.extend(one for one in inner.values() if one.__class__ in (dict, list))
        elif isinstance(inner, list):
            left.extend(one for one in inner if one.__class__ in (dict, list))
    return False


class Unfit(Exception):
    """Embedded media that cannot be taken; says where it stands."""

    def __init__(self, path: str, sentence: str) -> None:
        super().__init__(f"{path}: {sentence}")


def decoded(address: str, path: str) -> bytes:
    head = DATA.match(address)
    if head is None:
        raise Unfit(path, _("Embedded data must be base64."))
    try:
        # Whitespace inside is common where lines were wrapped; nothing else is let by.
        text = re.sub(r"\s+", "", address[head.end() :])
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise Unfit(path, _("The embedded data is not base64.")) from None
