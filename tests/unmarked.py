"""Finds words that people see and that no translator would: unmarked strings.

Templates, Python and scripts each have a finder; tests/test_translations.py asks all
three, and shows each of them a planted fault.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import NamedTuple

# The lexer that counts lines and keeps positions.
from django.template.base import DebugLexer, TokenType

BLANK = "\ue000"  # Stands for what Django's own syntax took.
LETTERS = re.compile(r"[^\W\d_]{2,}")
TRANSLATED = ("blocktranslate", "blocktrans")
SHOWN_ATTRIBUTES = {
    "title",
    "aria-label",
    "aria-description",
    "aria-roledescription",
    "aria-valuetext",
    "placeholder",
    "alt",
    "data-label",
    "label",
}
NOT_WORDS = {"kbd", "code", "pre", "script", "style"}
# Names and units that every language spells alike.
NAMES = [
    "Touchstone",
    "UTC",
    "SHA-256",
    "API",
    "JSON Lines",
    "JSON",
    "CSV",
    "Excel",
    "AC1",
    "AC2",
]
# Filters whose arguments are shown.
SHOWN_FILTERS = re.compile(
    r"""\|\s*(default|default_if_none|yesno|join|add)\s*:\s*"([^"]*)\""""
)
LITERAL = re.compile(r"""(?<!_\()(?<==)(["'])(.*?)\1""")


class Unmarked(NamedTuple):
    line: int
    text: str


# --- Templates ------------------------------------------------------------------------


def unmarked_in_template(source: str) -> list[Unmarked]:
    """Text, attributes and tag arguments with words outside the translation tags."""
    page = Page()
    page.feed(html_of(source))
    page.close()
    return sorted([*page.found, *arguments_of(source)])


def html_of(source: str) -> str:
    """The template with Django's syntax and what is translated blanked out."""
    parts = []
    inside = False
    for token in DebugLexer(source).tokenize():
        start, end = token.position
        text = source[start:end]
        if token.token_type == TokenType.BLOCK:
            name = token.contents.split()[0]
            inside = name in TRANSLATED or (inside and not name.startswith("endbl"))
        if token.token_type == TokenType.TEXT and not inside:
            parts.append(text)
        else:
            parts.append("".join("\n" if char == "\n" else BLANK for char in text))
    return "".join(parts)


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Unmarked] = []
        self.open: list[str] = []

    def handle_starttag(
        self, tag: str, attributes: list[tuple[str, str | None]]
    ) -> None:
        if tag in NOT_WORDS:
            self.open.append(tag)
        for name, value in attributes:
            if is_shown(tag, name, dict(attributes)) and has_words(value or ""):
                self.add(f"{name}={value}")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            self.open.remove(tag)

    def handle_data(self, data: str) -> None:
        if not self.open and has_words(data):
            self.add(data)

    def add(self, text: str) -> None:
        shown = " ".join(text.replace(BLANK, " ").split())
        self.found.append(Unmarked(self.getpos()[0], shown))


def is_shown(tag: str, name: str, attributes: dict[str, str | None]) -> bool:
    if name == "value":
        return tag == "input" and attributes.get("type") in ("submit", "button")
    if name == "content":
        return tag == "meta" and attributes.get("name") == "description"
    return name in SHOWN_ATTRIBUTES


def has_words(text: str) -> bool:
    for name in NAMES:
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "", text)
    return bool(LETTERS.search(text))


def arguments_of(source: str) -> Iterator[Unmarked]:
    """Words handed to an include or a filter without _()."""
    for token in DebugLexer(source).tokenize():
        if token.token_type == TokenType.TEXT:
            continue
        text = token.contents
        if "|pluralize" in text:
            yield Unmarked(token.lineno, text)
        for _, words in SHOWN_FILTERS.findall(text):
            if has_words(words) and " " in words + words[:1].isupper() * " ":
                yield Unmarked(token.lineno, words)
        if text.startswith("include "):
            for _, words in LITERAL.findall(text):
                if " " in words or words[:1].isupper():
                    yield Unmarked(token.lineno, words)


# --- Python ---------------------------------------------------------------------------

MARKS = {
    "_",
    "gettext",
    "gettext_lazy",
    "gettext_noop",
    "ngettext",
    "ngettext_lazy",
    "pgettext",
    "pgettext_lazy",
    "npgettext",
}
# Calls whose words people read, sentences or not.
SHOWING = {"success", "info", "warning", "error", "ValidationError", "add_error"}
SHOWN_KEYWORDS = {"label", "help_text", "empty_label", "title"}
# Calls whose words only a maintainer or a program reads. A PermissionDenied is told by
# the API; the page of a 403 has its own words.
UNSEEN = {
    "AssertionError",
    "CommandError",
    "ImproperlyConfigured",
    "LookupError",
    "OAuth2Error",
    "PermissionDenied",
    "RuntimeError",
    "TypeError",
    "ValueError",
    "critical",
    "debug",
    "exception",
    "extend_schema",
    "OpenApiParameter",
}
# In a form any run of words is a label or a choice.
PHRASE = re.compile(r"[“A-Z][^\n]*[a-z]{2,}:? \S")
SENTENCE = re.compile(r"[“A-Z][^\n]*[a-z]{2,}\s\S+[^\n]*[.?…]\Z")


def unmarked_in_python(source: str, *, forms: bool = False) -> list[Unmarked]:
    """Sentences outside the marks; in modules of forms, labels of any shape too."""
    finder = Sentences(forms=forms)
    finder.visit(ast.parse(source))
    return sorted(set(finder.found))


class Sentences(ast.NodeVisitor):
    def __init__(self, *, forms: bool) -> None:
        self.forms = forms
        self.found: list[Unmarked] = []

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # A docstring.
            self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = called(node)
        if name in MARKS or name in UNSEEN:
            return
        if name in {"info", "warning", "error"} and ends_in(node.func, "logger"):
            return
        if self.forms and is_unnamed_field(node):
            self.found.append(Unmarked(node.lineno, f"{name} without a label"))
        if name in SHOWING:
            for argument in node.args:
                self.look_at(argument, shown=True)
        for keyword in node.keywords:
            is_shown = keyword.arg in SHOWN_KEYWORDS and self.forms
            if keyword.arg == "help_text" and not self.forms:
                continue  # Of a model: for its reader.
            if is_shown:
                self.look_at(keyword.value, shown=True)
            self.visit(keyword.value)
        self.visit(node.func)
        for argument in node.args:
            self.visit(argument)

    def visit_Constant(self, node: ast.Constant) -> None:
        self.look_at(node, shown=False)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        self.look_at(node, shown=False)

    def look_at(self, node: ast.expr, *, shown: bool) -> None:
        text = words_of(node)
        is_label = shown and (" " in text or text[:1].isupper()) and has_words(text)
        is_phrase = self.forms and PHRASE.match(text)
        if text and (is_label or is_phrase or SENTENCE.match(text)):
            self.found.append(Unmarked(node.lineno, text))


def is_unnamed_field(node: ast.Call) -> bool:
    """Django would make a label of the field's English name."""
    return called(node).endswith("Field") and "label" not in {
        keyword.arg or "label" for keyword in node.keywords
    }


def words_of(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = [p.value if isinstance(p, ast.Constant) else "…" for p in node.values]
        return "".join(map(str, parts))
    return ""


def called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def ends_in(node: ast.expr, name: str) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == name
    )


# --- Scripts --------------------------------------------------------------------------

COMMENT = re.compile(r"/\*.*?\*/|(?<![:\"'`])//[^\n]*", re.DOTALL)
STRING = re.compile(
    r"\"((?:[^\"\\\n]|\\.)*)\"|'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`"
)
INSERTED = re.compile(r"\$\{[^{}]*\}")
SCRIPT_SENTENCE = re.compile(r"[A-Z][a-z]+,? [a-z]")
SHOWN_PROPERTY = re.compile(
    r"(?:textContent|innerText|placeholder|title|ariaLabel|label)\s*\+?=\s*"
    r"[\"'`][^\"'`\n]*[A-Za-z]{2}|"
    r"setAttribute\(\s*[\"'](?:aria-label|title|placeholder)[\"'],\s*[\"'`][^\"'`\n]*"
    r"[A-Za-z]{2}"
)


def unmarked_in_script(source: str) -> list[Unmarked]:
    """Literals that look like sentences, or that are put where people read."""
    code = COMMENT.sub(lambda match: "\n" * match[0].count("\n"), source)
    code = INSERTED.sub("", code)
    found = {
        Unmarked(code.count("\n", 0, match.start()) + 1, text)
        for match in STRING.finditer(code)
        if SCRIPT_SENTENCE.match(text := next(filter(None, match.groups()), ""))
    }
    found |= {
        Unmarked(code.count("\n", 0, match.start()) + 1, match[0])
        for match in SHOWN_PROPERTY.finditer(code)
    }
    return sorted(found)
