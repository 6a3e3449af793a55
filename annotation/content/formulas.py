r"""LaTeX as MathML: $…$, $$…$$, \(…\) and \[…\], read on the server.

The tree that the converter makes is written out here, element by element, because it
passes on whatever a formula says: addresses, styles, markup within \text. A formula
that cannot be read is shown as it was written.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from typing import Any
from xml.etree.ElementTree import Element

from django.utils.html import escape
from latex2mathml.converter import convert_to_element
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from mdit_py_plugins.dollarmath import dollarmath_plugin

LONGEST_FORMULA = 2_000
MOST_FORMULAS = 300
DEEPEST = 40

TAGS = {
    *("math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "ms"),
    *("mfrac", "msqrt", "mroot", "mstyle", "mpadded", "mphantom"),
    *("msub", "msup", "msubsup", "munder", "mover", "munderover", "mmultiscripts"),
    *("mtable", "mtr", "mtd", "menclose", "mprescripts", "none"),
}
ATTRIBUTES = {
    "math": {"display"},
    "mo": {"stretchy", "fence", "form", "separator", "minsize", "maxsize"},
    "mi": {"mathvariant"},
    "mn": {"mathvariant"},
    "mtext": {"mathvariant"},
    "mspace": {"width"},
    "mfrac": {"linethickness"},
    "mover": {"accent"},
    "munder": {"accentunder"},
    "mstyle": {"displaystyle", "scriptlevel"},
    "mtd": {"columnalign"},
    "mtable": {"columnalign", "rowspacing"},
    "menclose": {"notation"},
}
HARMLESS = re.compile(r"[A-Za-z0-9.+\- ]{1,60}")
INLINE_BRACKETS = {"\\(": ("\\)", "inline"), "\\[": ("\\]", "block")}


def with_formulas(markdown: MarkdownIt) -> None:
    """Teach a Markdown parser the four ways to write a formula."""
    dollarmath_plugin(
        markdown,
        allow_labels=False,
        allow_space=False,
        allow_digits=False,
        double_inline=True,
    )
    markdown.inline.ruler.before("escape", "math_brackets", bracketed)
    markdown.block.ruler.before(
        "fence",
        "math_bracket_block",
        bracketed_block,
        {"alt": ["paragraph", "reference", "blockquote", "list"]},
    )
    markdown.add_render_rule("math_inline", writer("inline"))
    markdown.add_render_rule("math_inline_block", writer("block"))
    markdown.add_render_rule("math_inline_double", writer("block"))
    markdown.add_render_rule("math_block", writer("block"))


def bracketed(state: StateInline, silent: bool) -> bool:
    r"""\( … \), and \[ … \] within a line."""
    opening = state.src[state.pos : state.pos + 2]
    if opening not in INLINE_BRACKETS:
        return False
    closing, display = INLINE_BRACKETS[opening]
    end = state.src.find(
        closing, state.pos + 2, min(state.pos + 2 + LONGEST_FORMULA, state.posMax)
    )
    if end == -1 or not state.src[state.pos + 2 : end].strip():
        return False
    if not silent:
        kind = "math_inline" if display == "inline" else "math_inline_block"
        token = state.push(kind, "math", 0)
        token.content = state.src[state.pos + 2 : end]
        token.markup = opening
    state.pos = end + 2
    return True


def bracketed_block(
    state: StateBlock, startLine: int, endLine: int, silent: bool
) -> bool:
    r"""\[ … \] on lines of its own, whatever the lines between look like."""
    start = state.bMarks[startLine] + state.tShift[startLine]
    if not state.src.startswith("\\[", start):
        return False
    last = min(endLine, startLine + 60)
    for line in range(startLine, last):
        end_of_line = state.eMarks[line]
        written = state.src[state.bMarks[line] : end_of_line].rstrip()
        if line > startLine and not written:
            return False
        if written.endswith("\\]"):
            break
    else:
        return False
    content = state.src[start + 2 : end_of_line].rstrip()[:-2]
    if "\\]" in content or not content.strip():
        return False
    if silent:
        return True
    token = state.push("math_block", "math", 0)
    token.block = True
    token.content = content
    token.markup = "\\["
    token.map = [startLine, line + 1]
    state.line = line + 1
    return True


def writer(display: str) -> Callable[..., str]:
    def write(
        renderer: Any, tokens: Sequence[Any], index: int, options: Any, env: Any
    ) -> str:
        token = tokens[index]
        env["formulas"] = env.get("formulas", 0) + 1
        closing = {"\\(": "\\)", "\\[": "\\]"}.get(token.markup, token.markup)
        written = f"{token.markup}{token.content}{closing}"
        formula = (
            mathml(token.content, display) if env["formulas"] <= MOST_FORMULAS else ""
        )
        shown = formula or f"<code>{escape(written)}</code>"
        return f"<p>{shown}</p>\n" if token.block else shown

    return write


def mathml(latex: str, display: str) -> str:
    """A formula as MathML; nothing when it is too long or cannot be read."""
    if len(latex) > LONGEST_FORMULA:
        return ""
    try:
        tree = convert_to_element(latex, display=display)
        return written_out(tree, DEEPEST)
    except Exception:  # Whatever stops the converter, the text is shown.
        return ""


class TooDeep(ValueError):
    """Browsers lay out what is nested this deep slowly or not at all."""


def written_out(element: Element, depth: int) -> str:
    """An element with what may stand in it, all text escaped; others are left out."""
    if depth == 0:
        raise TooDeep
    inner = text_of(element.text) + "".join(
        written_out(child, depth - 1) + text_of(child.tail) for child in element
    )
    if element.tag not in TAGS:
        return inner
    allowed = ATTRIBUTES.get(element.tag, set())
    attributes = "".join(
        f' {name}="{value}"'
        for name, value in element.attrib.items()
        if name in allowed and HARMLESS.fullmatch(value)
    )
    return f"<{element.tag}{attributes}>{inner}</{element.tag}>"


def text_of(text: str | None) -> str:
    """The converter writes signs as character references; they are read first."""
    return str(escape(html.unescape(text))) if text else ""
