"""Program text with its words coloured by kind: classes, never styles."""

from __future__ import annotations

from functools import lru_cache
from time import thread_time

from django.utils.html import escape
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import (
    Comment,
    Error,
    Generic,
    Keyword,
    Literal,
    Name,
    Number,
    Operator,
    String,
    _TokenType,
)
from pygments.util import ClassNotFound

LONGEST_CODE = 100_000
# Ten times what program text takes. What keeps a lexer busier was written to do so.
SECONDS_A_BLOCK, SECONDS_A_CHARACTER = 0.05, 20e-6

# Languages that models write, by the names they use. Others are shown as plain text:
# a lexer is a set of regular expressions that hostile text can keep busy.
LANGUAGES_WRITTEN = """
bash sh shell zsh console c h cpp c++ cc csharp c# cs css scss dart diff patch
dockerfile docker elixir erlang fortran go golang graphql groovy haskell hs html http
ini cfg java javascript js jsx json jsonc julia kotlin kt latex tex lisp lua makefile
make matlab nginx nix objective-c objc ocaml perl pl php powershell ps1 prolog proto
protobuf python py python3 pycon r ruby rb rust rs scala scheme sql postgresql swift
terraform hcl toml typescript ts tsx verilog vhdl vim xml yaml yml
"""
LANGUAGES = frozenset(LANGUAGES_WRITTEN.split())
# Their lexers look for a function's head in one expression, whose time grows with the
# square of the text and which nothing can interrupt; a page is drawn all at once.
SLOW_LANGUAGES_WRITTEN = "c h cpp c++ cc csharp c# cs java objective-c objc html php"
SLOW_LANGUAGES = frozenset(SLOW_LANGUAGES_WRITTEN.split())
LONGEST_SLOW_CODE = 3_000
# The more exact kind first; what is in none keeps the colour of the text.
KINDS: tuple[tuple[_TokenType, str], ...] = (
    (Comment, "c"),
    (Keyword, "k"),
    (Operator.Word, "k"),
    (String, "s"),
    (Number, "n"),
    (Literal, "n"),
    (Name.Function, "f"),
    (Name.Class, "f"),
    (Name.Decorator, "f"),
    (Name.Builtin, "b"),
    (Name.Tag, "k"),
    (Name.Attribute, "b"),
    (Name.Constant, "n"),
    (Generic.Deleted, "d"),
    (Generic.Inserted, "i"),
    (Generic.Heading, "c"),
    (Generic.Subheading, "c"),
    (Error, ""),
)
CLASSES = frozenset(f"t-{kind}" for _, kind in KINDS if kind)


def highlighted(code: str, info: str, _attributes: str = "") -> str:
    """The escaped text of a block with its words in classes; "" leaves it plain."""
    name = info.split()[0].lower() if info.split() else ""
    longest = LONGEST_SLOW_CODE if name in SLOW_LANGUAGES else LONGEST_CODE
    lexer = lexer_for(name) if len(code) <= longest else None
    if lexer is None:
        return ""
    end = thread_time() + SECONDS_A_BLOCK + SECONDS_A_CHARACTER * len(code)
    words = []
    for _, kind, text in lexer.get_tokens_unprocessed(code):
        if thread_time() > end:
            return ""
        words.append(word(kind, text))
    return "".join(words)


@lru_cache(maxsize=128)
def lexer_for(name: str) -> Lexer | None:
    if name not in LANGUAGES:
        return None
    try:
        return get_lexer_by_name(name, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


def word(token: _TokenType, text: str) -> str:
    kind = kind_of(token)
    shown = escape(text)
    return f'<span class="t-{kind}">{shown}</span>' if kind else shown


@lru_cache(maxsize=512)
def kind_of(token: _TokenType) -> str:
    return next((kind for within, kind in KINDS if token in within), "")
