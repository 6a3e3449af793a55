"""Untrusted text as safe HTML: the one place where markup is let through.

Everything that a model, an import or an annotator wrote passes here before a template
may print it unescaped. Markdown is rendered without raw HTML and without images, then
held to an allow-list; every other kind of content is escaped text.
"""

from __future__ import annotations

import re
from functools import lru_cache

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

from annotation.content import formulas
from annotation.content.code import CLASSES, highlighted
from annotation.content.renderings import kept
from annotation.content.signs import with_signs

TAGS = {
    *("p", "br", "hr", "strong", "em", "del", "code", "pre", "blockquote", "span"),
    *("ul", "ol", "li", "h3", "h4", "h5", "h6"),
    *("table", "thead", "tbody", "tr", "th", "td"),
    *formulas.TAGS,
}
ATTRIBUTES = {**formulas.ATTRIBUTES, "ol": {"start"}}
# Longer texts are shown as they are: parsing them would keep the annotator waiting.
LONGEST_MARKDOWN = 100_000
HEADING = re.compile(r"<(/?)h([1-6])>")
FIRST_LEVEL = 3


@lru_cache(maxsize=1)
def parser() -> MarkdownIt:
    """CommonMark, tables, formulas; no HTML, no images, no links: they are text."""
    markdown = MarkdownIt(
        "commonmark", {"html": False, "breaks": True, "highlight": highlighted}
    )
    markdown.enable(["table", "strikethrough"])
    markdown.disable(["image", "link", "autolink"])
    formulas.with_formulas(markdown)
    return markdown


@kept
def rendered(text: str) -> str:
    """Markdown as sanitised HTML; headings begin below those of the screen."""
    if len(text) > LONGEST_MARKDOWN:
        return raw(text)
    html = HEADING.sub(Levels().below, parser().render(text))
    cleaned = nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        allowed_classes={"span": set(CLASSES)},
    )
    return scrolling_tables(with_signs(cleaned))


class Levels:
    """Headings of a text on levels without gaps, below those of the screen."""

    def __init__(self) -> None:
        self.above: list[int] = []

    def below(self, found: re.Match[str]) -> str:
        if not found[1]:
            level = int(found[2])
            self.above = [*(one for one in self.above if one < level), level]
        return f"<{found[1]}h{min(FIRST_LEVEL + len(self.above) - 1, 6)}>"


def scrolling_tables(html: str) -> str:
    """A wide table scrolls inside itself, by keyboard too; an empty head is no head."""
    if "<table>" not in html:
        return html
    html = html.replace("<th></th>", "<td></td>")
    return html.replace("<table>", '<div class="wide" tabindex="0"><table>').replace(
        "</table>", "</table></div>"
    )


def raw(text: str) -> SafeString:
    """The text as it was written, its places unchanged: one code point is one."""
    # A browser would read a carriage return as a line feed, or drop the first of them.
    escaped = escape(text).replace("\r", "&#13;")
    first = "\n" if text.startswith("\n") else ""
    return mark_safe(f'<pre class="out--raw">{first}{with_signs(escaped)}</pre>')  # noqa: S308
