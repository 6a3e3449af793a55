"""A file from outside, read once: told by its content, held to its limit, cleaned."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.conf import settings
from django.utils.translation import gettext as _

from annotation.media import store
from annotation.media.images import redrawn
from annotation.media.refusal import MediaRefused, TooBig, UnknownType
from annotation.media.sniff import HEAD, IMAGE, TAKEN, FileType, sniffed
from annotation.media.tags import blank_tags

PIECE = 2**18


@dataclass(frozen=True)
class Read:
    """A clean file, ready to be put in its place.

    sha256  of the content as it was sent, so that the same file is known again
            whichever version of the image library cleaned it
    """

    path: Path
    sha256: str
    type: FileType
    size: int


@contextmanager
def read_media(source: IO[bytes], *, kinds: tuple[str, ...] = ()) -> Iterator[Read]:
    """Read a file of media into a clean one, which is gone after unless it is put.

    Raises UnknownType, TooBig, or MediaRefused for one that is broken. `kinds`
    narrows what it may be.
    """
    with store.scratch_file() as (raw_path, raw):
        kind, sha256, size = copied(source, raw)
        if kinds and kind.kind not in kinds:
            raise UnknownType(_("The file is of another kind than its place says."))
        if kind.kind != IMAGE:
            blank_tags(raw, kind)
            raw.flush()
            yield Read(raw_path, sha256, kind, size)
            return
        with store.scratch_file() as (path, clean):
            raw.seek(0)
            kind = redrawn(raw, kind, clean)
            clean.flush()
            yield Read(path, sha256, kind, path.stat().st_size)


def copied(source: IO[bytes], to: IO[bytes]) -> tuple[FileType, str, int]:
    """Copy to the end, or to the limit of the kind that its first bytes tell."""
    head = b""
    while len(head) < HEAD and (piece := source.read(HEAD - len(head))):
        head += piece
    if not head:
        raise MediaRefused(_("The file is empty."))
    kind = sniffed(head)
    if kind is None:
        raise UnknownType(
            _("This is none of the types that are taken: %(types)s.") % {"types": TAKEN}
        )
    most, size, digest = settings.MEDIA_LARGEST[kind.kind], 0, hashlib.sha256()
    piece = head
    while piece:
        size += len(piece)
        if size > most:
            raise TooBig(too_big(kind.kind, most))
        digest.update(piece)
        to.write(piece)
        piece = source.read(PIECE)
    to.flush()
    return kind, digest.hexdigest(), size


def too_big(kind: str, most: int) -> str:
    words = {
        "image": _("The image is larger than %(size)s MB; send a smaller one."),
        "audio": _("The audio file is larger than %(size)s MB; send a smaller one."),
        "video": _("The video is larger than %(size)s MB; send a smaller one."),
    }
    return words[kind] % {"size": f"{most / 1_000_000:g}"}
