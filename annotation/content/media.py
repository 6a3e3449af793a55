"""Images, audio and video within content, shown from our own address only.

A part of content is media when it says so by its `type`: our own shape, and those of
the common chat APIs. An annotator's browser loads nothing from elsewhere: only
`media:<id>` becomes an element, every other address becomes a sentence with the reason.

`media_html` asks no database. `with_media` comes first, once for all content of a
screen: it puts `media:<id>` in the place of each foreign address whose file we hold,
and the reason in the place of the others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotation.models import Media, UnitOutput
from annotation.models.media import MediaState

# By foreign address: ours, the state, and the hosts that its project allows.
Found = Mapping[str, tuple[str, str, list[str]]]
KINDS = ("image", "audio", "video")
OURS = re.compile(r"media:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE)
KIND_OF = {
    **{kind: kind for kind in KINDS},
    **{f"{kind}_url": kind for kind in KINDS},
    **{f"input_{kind}": kind for kind in KINDS},
}
NAMES = {
    "image": gettext_lazy("Image"),
    "audio": gettext_lazy("Audio"),
    "video": gettext_lazy("Video"),
}
REASONS = {
    "host": gettext_lazy("not loaded: the owner has not allowed this host"),
    "waiting": gettext_lazy("not loaded yet: it is waiting to be fetched"),
    "failed": gettext_lazy("not loaded: it could not be fetched"),
    "embedded": gettext_lazy("not loaded: the embedded data is not stored here"),
    "plain": gettext_lazy("not loaded: only https addresses are fetched"),
    "address": gettext_lazy("not loaded: its address cannot be shown"),
}


def is_media(part: Any) -> bool:
    """Does this piece of content say that it is an image, audio or video?"""
    return (
        isinstance(part, dict)
        and isinstance(part.get("type"), str)
        and part["type"] in KIND_OF
        and (address_of(part) is not None or "not_loaded" in part)
    )


def media_html(part: dict[str, Any]) -> SafeString:
    """One piece of media as an element with its words; see `is_media`."""
    kind = KIND_OF[part["type"]]
    words = words_of(part)
    address = address_of(part) or ""
    ours = OURS.fullmatch(address)
    if ours is None:
        return not_loaded(part, kind, words, address)
    source = f"/media/{ours[1].lower()}/"
    if kind == "image":
        return format_html(
            '<figure class="media media--image"><details class="media__zoom">'
            '<summary title="{}"><img src="{}" alt="{}" loading="lazy" '
            'decoding="async"></summary></details></figure>',
            _("Enlarge or shrink"),
            source,
            words or _("Image without a description"),
        )
    caption = (
        format_html('<figcaption dir="auto">{}</figcaption>', words) if words else ""
    )
    tag, more = (kind, "") if kind == "audio" else (kind, SafeString(" playsinline"))
    return format_html(
        '<figure class="media media--{kind}">'
        '<{tag} controls preload="metadata"{more} src="{source}" aria-label="{label}">'
        "</{tag}>{caption}</figure>",
        kind=kind,
        tag=SafeString(tag),
        more=more,
        source=source,
        label=words or NAMES[kind],
        caption=caption,
    )


def not_loaded(part: dict[str, Any], kind: str, words: str, address: str) -> SafeString:
    """The words and the reason. Of the address only the host: a path names systems."""
    reason = part.get("not_loaded") or reason_for(address)
    host = host_of(address) or str(part.get("host") or "")
    return format_html(
        '<p class="media media--absent"><span class="media__kind">{}</span> '
        '<bdi dir="auto">{}</bdi> <span class="media__why">{}</span></p>',
        NAMES[kind],
        " · ".join(text for text in (words, host) if text),
        REASONS.get(str(reason), REASONS["address"]),
    )


def reason_for(address: str) -> str:
    if address[:5].lower() == "data:":
        return "embedded"
    if address[:5].lower() == "http:":
        return "plain"
    return "host" if host_of(address) else "address"


def host_of(address: str) -> str:
    """The host of an address on the web; nothing for any other."""
    try:
        split = urlsplit(address)
        return (split.hostname or "") if split.scheme in ("http", "https") else ""
    except ValueError:
        return ""


def address_of(part: dict[str, Any]) -> str | None:
    """Where a part's media stands, whichever shape it has; None when it says none."""
    kind = part.get("type")
    found = part.get("url")
    if kind in ("image_url", "audio_url", "video_url"):
        inner = part.get(str(kind))
        found = inner.get("url") if isinstance(inner, dict) else inner or found
    elif kind in ("input_image", "input_audio", "input_video"):
        found = input_address(part, str(kind)) or found
    elif found is None and isinstance(part.get("source"), dict):
        found = source_address(part["source"])
    return found if isinstance(found, str) else None


def input_address(part: dict[str, Any], kind: str) -> str | None:
    """`input_audio` embeds base64 with a format; `input_image` names an address."""
    inner = part.get(kind)
    if isinstance(inner, dict) and isinstance(inner.get("data"), str):
        subtype = str(inner.get("format") or "octet-stream")
        return f"data:{KIND_OF[kind]}/{subtype};base64,{inner['data']}"
    found = part.get("image_url")
    return found if isinstance(found, str) else None


def source_address(source: dict[str, Any]) -> str | None:
    """A source by address, or embedded as base64 with its media type."""
    if isinstance(source.get("url"), str):
        return str(source["url"])
    if isinstance(source.get("data"), str):
        return f"data:{source.get('media_type') or ''};base64,{source['data']}"
    return None


def media_in_words(part: dict[str, Any]) -> str:
    """A piece of media where there is only text: in a line, a list, a count.

    The same in every language and whether its file is here or not, since the places of
    marked passages are counted in it.
    """
    kind, words = KIND_OF[part["type"]], words_of(part)
    return f"[{kind}: {words}]" if words else f"[{kind}]"


def with_address(part: dict[str, Any], address: str) -> dict[str, Any]:
    """The same part standing at another address; what it embedded is left out."""
    kind = part["type"]
    inner = part.get(kind)
    if kind in ("image_url", "audio_url", "video_url"):
        put = inner | {"url": address} if isinstance(inner, dict) else address
        return part | {kind: put}
    if kind == "input_image" and isinstance(part.get("image_url"), str):
        return part | {"image_url": address}
    kept = {name: part[name] for name in part if name not in (kind, "source", "url")}
    return kept | {"type": KIND_OF[kind], "url": address}


def with_media(contents: Sequence[Any], *, dataset_id: Any) -> list[Any]:
    """Content ready to be shown: foreign addresses become what we hold of them.

    One query for all of it, and none where nothing foreign stands in it. Call it
    before anything else that looks into the content.
    """
    addresses: set[str] = set()
    for content in contents:
        collect(content, addresses)
    if not addresses:
        return list(contents)
    rows = Media.objects.filter(
        project__datasets=dataset_id, source_url__in=sorted(addresses)
    ).values_list("source_url", "pk", "state", "project__media_hosts")
    found = {url: (f"media:{pk}", state, hosts) for url, pk, state, hosts in rows}
    return [replaced(content, found) for content in contents]


def show_media(rows: Sequence[UnitOutput]) -> None:
    """Make the content of a unit's outputs and of their item ready to be shown."""
    if not rows:
        return
    item = rows[0].output.item
    contents = [item.input, item.reference, *(row.output.content for row in rows)]
    ready = with_media(contents, dataset_id=item.dataset_id)
    item.input, item.reference = ready[:2]
    for row, content in zip(rows, ready[2:], strict=True):
        row.output.item = item
        row.output.content = content


def collect(content: Any, addresses: set[str]) -> None:
    if isinstance(content, list):
        for one in content:
            if not isinstance(one, str):
                collect(one, addresses)
    elif isinstance(content, dict):
        if is_media(content):
            address = address_of(content) or ""
            if host_of(address):
                addresses.add(address)
            return
        for one in content.values():
            if not isinstance(one, str):
                collect(one, addresses)


def replaced(content: Any, found: Found) -> Any:
    if isinstance(content, list):
        return [replaced(one, found) for one in content]
    if not isinstance(content, dict):
        return content
    if not is_media(content):
        return {name: replaced(one, found) for name, one in content.items()}
    address = address_of(content) or ""
    host = host_of(address)
    if not host:
        return content
    ours, state, hosts = found.get(address, ("", "", []))
    if state == MediaState.READY:
        return with_address(content, ours)
    # The address itself goes no further: its path may name the system that made it.
    reason = reason_for(address) if host not in hosts else str(state)
    return {
        "type": KIND_OF[content["type"]],
        "alt": words_of(content),
        "host": host,
        "not_loaded": reason,
    }


def words_of(part: dict[str, Any]) -> str:
    """What the content says the media shows."""
    for name in ("alt", "caption", "title"):
        words = part.get(name)
        if isinstance(words, str) and words.strip():
            return words.strip()[:1_000]
    return ""
