"""Every string that people see is marked, and said whole in every language.

`locale/<code>/LC_MESSAGES/django.po` is a language; its compiled `.mo` stands beside
it, so that no installation needs gettext. The recipe is in docs/engineers.md.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polib
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils.translation.template import templatize

from accounts.models import User
from config.languages import spoken_languages
from config.spoken import pattern_of, spoken
from config.words import WORDS
from rubrics.library.shelf import library
from tests.access import COLUMNS, Row
from tests.test_access import ROWS
from tests.unmarked import (
    MARKS,
    called,
    unmarked_in_python,
    unmarked_in_script,
    unmarked_in_template,
)

ROOT = Path(__file__).resolve().parent.parent
APPS = ["accounts", "annotation", "config", "exports", "jobs", "rubrics"]
TEMPLATES = sorted(
    path for path in (ROOT / "templates").rglob("*") if path.suffix in (".html", ".txt")
)
STYLES = sorted((ROOT / "static/css").glob("*.css"))
SCRIPTS = sorted((ROOT / "static/js").glob("*.js"))
MODULES = sorted(
    path
    for app in APPS
    for path in (ROOT / app).rglob("*.py")
    if "migrations" not in path.parts
)
CATALOGUES = sorted((ROOT / "locale").glob("*/LC_MESSAGES/django.po"))
# Words for programs and for whoever runs the server: they stay English.
FOR_PROGRAMS = re.compile(
    r"^[a-z]+/api(/|\.py)|/management/|^config/(demo|serving|sqlite)/|"
    r"^config/(api|celery|deadlock|errors|middleware|secret_key|settings)\.py|"
    r"^accounts/(authentication|idempotency|schema)\.py|"
    r"^(rubrics/freeze|exports/guard|annotation/leaks/names)\.py"
)
FOR_PEOPLE = [
    path
    for path in MODULES
    if not FOR_PROGRAMS.search(path.relative_to(ROOT).as_posix())
]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# --- Nothing is unmarked --------------------------------------------------------------


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_templates_hold_no_unmarked_words(path: Path) -> None:
    assert unmarked_in_template(path.read_text()) == []


@pytest.mark.parametrize(
    "planted",
    [
        "<p>Nothing here</p>",
        '{% if x %}<a href="/">Go {{ name }} on</a>{% endif %}',
        '<button aria-label="Close this">×</button>',
        '<td data-label="Role">{{ role }}</td>',
        '<input type="submit" value="Send">',
        '{% include "x.html" with title="No batch yet" %}',
        '{{ name|default:"No name yet" }}',
        "{{ count }} answer{{ count|pluralize }}",
        "{# A comment\n   over two lines is none. #}",
        "{% translate \"Yes\" %} and {% translate 'no' %}",
    ],
)
def test_an_unmarked_word_in_a_template_is_found(planted: str) -> None:
    assert unmarked_in_template(planted)


@pytest.mark.parametrize(
    "marked",
    [
        '<p>{% translate "Nothing here" %}</p>',
        "<p>{% blocktranslate trimmed %}Of <b>all</b>{% endblocktranslate %}</p>",
        "<p><kbd>Enter</kbd> {{ name }}: {{ value }} × 2 · 5/7</p>",
        '{% include "x.html" with title=_("No batch yet") %}',
        '<p class="page lede" hx-trigger="every 2s">Touchstone</p>',
        "{# A comment about words. #}",
    ],
)
def test_marked_words_pass(marked: str) -> None:
    assert unmarked_in_template(marked) == []


@pytest.mark.parametrize("path", FOR_PEOPLE, ids=name_of)
def test_modules_hold_no_unmarked_sentences(path: Path) -> None:
    forms = "forms" in name_of(path)
    assert unmarked_in_python(path.read_text(), forms=forms) == []


@pytest.mark.parametrize(
    "planted",
    [
        'messages.success(request, "It is saved.")',
        'messages.error(request, f"{name} is gone")',
        'raise forms.ValidationError("Write a name and a share.")',
        'form.add_error("role", "No such role")',
        'name = forms.CharField(label="Your name")',
        "name = forms.CharField(required=False)",
        'kind = forms.ChoiceField(label=_("Kind"), choices=[("a", "One by one")])',
        'name = forms.CharField(help_text="such as Helpfulness")',
        'return "Nobody has judged it yet."',
    ],
)
def test_an_unmarked_sentence_in_a_module_is_found(planted: str) -> None:
    assert unmarked_in_python(planted, forms=True)


def test_marked_sentences_and_those_for_maintainers_pass() -> None:
    source = '''
        """A module about sentences. It has two."""
        logger.error("The mail server did not take it.")
        raise ValueError("There are no ratings here.")
        messages.success(request, _("It is saved."))
        label = ngettext("%(n)s unit is left.", "%(n)s units are left.", n)
    '''
    dedented = "\n".join(line.strip() for line in source.splitlines())
    assert unmarked_in_python(dedented, forms=True) == []


@pytest.mark.parametrize("path", STYLES, ids=name_of)
def test_styles_hold_no_words(path: Path) -> None:
    """Words come from the page: content: attr(data-…)."""
    shown = re.findall(r"content:\s*\"([^\"\n]*)\"", path.read_text())
    assert [text for text in shown if re.search("[A-Za-z]{2}", text)] == []


@pytest.mark.parametrize("path", SCRIPTS, ids=name_of)
def test_scripts_hold_no_unmarked_words(path: Path) -> None:
    assert unmarked_in_script(path.read_text()) == []


@pytest.mark.parametrize(
    "planted",
    [
        'pill.textContent = "Saved";',
        'report("Touchstone cannot be reached.");',
        'button.setAttribute("aria-label", "Remove");',
        "const text = `Still there? ${n} more`;",
    ],
)
def test_an_unmarked_word_in_a_script_is_found(planted: str) -> None:
    assert unmarked_in_script(planted)


def test_scripts_use_the_words_there_are() -> None:
    code = "\n".join(path.read_text() for path in SCRIPTS)
    asked_for = set(re.findall(r"\bwords\(\s*\"([^\"]+)\"", code))
    assert asked_for - set(WORDS) == set()
    families = tuple(re.findall(r"\bwords\(\s*`([^`$]+)\$\{", code))
    alone = [key for key in WORDS if not families or not key.startswith(families)]
    assert {key for key in alone if f'"{key}"' not in code} == set()


# --- Every language says all of it ----------------------------------------------------

Message = tuple[str, str, str]  # Context, text, plural.
MARKED = re.compile(
    r"""\b(?P<name>n?p?gettext|_)\(\s*
        (?P<first>u?"(?:[^"\\]|\\.)*"|u?'(?:[^'\\]|\\.)*')
        (?:\s*,\s*(?P<second>u?"(?:[^"\\]|\\.)*"|u?'(?:[^'\\]|\\.)*'))?
        (?:\s*,\s*(?P<third>u?"(?:[^"\\]|\\.)*"|u?'(?:[^'\\]|\\.)*'))?""",
    re.VERBOSE,
)


def messages_of_templates() -> set[Message]:
    """What the templates mark, read as makemessages reads it."""
    found = set()
    for path in TEMPLATES:
        for match in MARKED.finditer(templatize(path.read_text(), origin=str(path))):
            values = [
                ast.literal_eval(match[part]) if match[part] else ""
                for part in ["first", "second", "third"]
            ]
            found.add(message(match["name"], values))
    return found


def messages_of_modules() -> set[Message]:
    found = set()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and called(node) in MARKS and node.args:
                values = [
                    argument.value if isinstance(argument, ast.Constant) else ""
                    for argument in node.args
                ]
                if isinstance(values[0], str) and values[0]:
                    found.add(message(called(node), values))
    return found


def message(mark: str, values: list[Any]) -> Message:
    values = [*values, "", ""]
    if mark.startswith("np"):
        return values[0], values[1], values[2]
    if mark.startswith("p"):
        return values[0], values[1], ""
    if mark.startswith("n"):
        return "", values[0], values[1]
    return "", values[0], ""


def messages_of(catalogue: polib.POFile) -> set[Message]:
    return {
        (entry.msgctxt or "", entry.msgid, entry.msgid_plural) for entry in catalogue
    }


def test_there_is_german() -> None:
    assert "de" in dict(settings.LANGUAGES)


@pytest.mark.parametrize("path", CATALOGUES, ids=name_of)
def test_a_language_has_every_string_and_no_other(path: Path) -> None:
    """Missing, or too many: run makemessages with --no-obsolete, then translate."""
    has = messages_of(polib.pofile(str(path)))
    singular = {(context, text) for context, text, _ in has}
    needed = messages_of_templates() | messages_of_modules()
    plurals = {entry for entry in needed if entry[2]}
    # Gettext keeps one entry for a text that is marked with and without a plural.
    assert {(c, t) for c, t, _ in needed} - singular == set()
    assert plurals - has == set()
    assert singular - {(c, t) for c, t, _ in needed} == set()


@pytest.mark.parametrize("path", CATALOGUES, ids=name_of)
def test_a_language_is_translated_whole(path: Path) -> None:
    catalogue = polib.pofile(str(path))
    assert [entry.msgid for entry in catalogue if not entry.translated()] == []
    assert [entry.msgid for entry in catalogue if entry.fuzzy] == []
    assert [entry.msgid for entry in catalogue if faults_of(entry)] == []


def faults_of(entry: polib.POEntry) -> list[str]:
    """What a translation must keep: its values, its markup, space at its ends."""
    sources = [entry.msgid, entry.msgid_plural or entry.msgid]
    said = list(entry.msgstr_plural.values()) or [entry.msgstr]
    faults = []
    for text in said:
        if not any(kept(text) == kept(source) for source in sources):
            faults.append(f"{kept(text)} for {kept(entry.msgid)}")
        if ends(text) != ends(entry.msgid):
            faults.append("the space at its ends")
    return faults


def kept(text: str) -> tuple[list[str], list[str]]:
    values = re.findall(r"%\(\w+\)[a-z]|%%|\{\w+\}", text)
    values = [value for value in values if value != "%%"] + ["%%"] * ("%%" in values)
    return sorted(values), sorted(re.findall(r"<[^>]+>|`[^`]+`", text))


def ends(text: str) -> tuple[bool, bool, bool]:
    return text[:1].isspace(), text[-1:].isspace(), text.endswith("\n")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("%(n)s units", "Einheiten"),
        ("%(n)s units", "%(m)s Einheiten"),
        ("<b>All</b>", "Alle"),
        ("All ", "Alle"),
    ],
)
def test_a_translation_that_loses_something_is_found(source: str, said: str) -> None:
    assert faults_of(polib.POEntry(msgid=source, msgstr=said))


@pytest.mark.parametrize("path", CATALOGUES, ids=name_of)
def test_what_is_compiled_is_what_is_written(path: Path) -> None:
    """Renew it with `uv run manage.py compilemessages`, or any msgfmt."""
    written = {
        (entry.msgctxt, entry.msgid): entry.msgstr_plural or entry.msgstr
        for entry in polib.pofile(str(path))
    }
    compiled = {
        (entry.msgctxt, entry.msgid): entry.msgstr_plural or entry.msgstr
        for entry in polib.mofile(str(path.with_suffix(".mo")))
    }
    assert compiled == written


def test_a_folder_in_locale_is_a_language(tmp_path: Path) -> None:
    for code in ["de", "pt_BR"]:
        folder = tmp_path / code / "LC_MESSAGES"
        folder.mkdir(parents=True)
        (folder / "django.mo").touch()
    assert spoken_languages(tmp_path) == [
        ("en", "English"),
        ("de", "Deutsch"),
        ("pt-br", "Português Brasileiro"),
    ]


# --- What is stored in English is said in the reader's language -----------------------


def test_stored_sentences_are_said_with_their_values(in_german: None) -> None:
    assert spoken("There are no votes.") == "Es gibt keine Stimmen."
    assert (
        spoken("The rule needs 3 votes and has 2.")
        == "Die Regel braucht 3 Stimmen und hat 2."
    )
    assert spoken("Nobody has ever said this.") == "Nobody has ever said this."
    assert spoken("") == ""


def sentences_of_stats() -> Iterator[str]:
    """What stats may answer with: full sentences that are neither raised nor docs."""
    for path in sorted((ROOT / "stats").glob("*.py")):
        for found in unmarked_in_python(path.read_text()):
            yield found.text


def test_each_reason_of_stats_is_translated() -> None:
    """Stats imports no Django, so its sentences are marked where they are shown."""
    known = [entry.msgid for entry in polib.pofile(str(CATALOGUES[0]))]
    patterns = [pattern_of(source) for source in known if len(source) > 12]
    sentences = list(sentences_of_stats())
    assert len(sentences) > 8
    for sentence in sentences:
        assert any(pattern.fullmatch(sentence) for pattern in patterns), sentence


def test_each_verb_of_the_audit_trail_is_translated() -> None:
    known = {entry.msgid for entry in polib.pofile(str(CATALOGUES[0]))}
    verbs = set()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and called(node) == "record" and node.args:
                verb = node.args[0]
                if isinstance(verb, ast.Constant) and isinstance(verb.value, str):
                    verbs.add(verb.value)
    assert len(verbs) > 20
    assert verbs - known == set()


# --- A German page speaks no English --------------------------------------------------

ENGLISH = re.compile(
    r"\b(?:the|and|of|is|are|this|that|with|you|your|to|for|from|by|its|what|which|have|"
    r"has|will|can|be|been|they|their|who|when|again|yet|nothing|here|not)\b",
    re.IGNORECASE,
)
# The cast's own data stands in titles and notices, where no element says whose it is.
THEIRS = [
    "Support answers",
    "Is every claim true?",
    "Batch of Helpfulness v1 scoring",
    "Elsewhere",
    "a script",
    "Add a sentence about tone",
    "Clear to a reader?",
    # The library is written in English, as instruments are by whoever writes them.
    *(question.question for book in library() for question in book.criteria),
]
SPOKEN_BY_PEOPLE = {"code", "pre", "kbd", "bdi", "script", "style", "textarea", "q"}
MEASURES = re.compile(
    r"\b(?:x|y|x1|x2|y1|y2|cx|cy|r|d|width|height|viewBox|min|max|step|points|"
    r'data-[\w-]+)="([^"]*)"'
)
WORLD_METHODS = [
    row
    for row in ROWS
    if row.method == "GET" and not row.name.startswith(("api:", "docs", "schema"))
]


@pytest.fixture
def in_german() -> Iterator[None]:
    from django.utils.translation import override

    with override("de"):
        yield


@pytest.fixture
def world(request: pytest.FixtureRequest, project: Any) -> SimpleNamespace:
    class World(SimpleNamespace):
        def __getattr__(self, name: str) -> Any:
            return request.getfixturevalue(name)

    return World(project=project)


@pytest.mark.parametrize("row", WORLD_METHODS, ids=lambda row: row.name)
def test_a_german_page_speaks_no_english(row: Row, world: Any, db: None) -> None:
    """Each page as each person; refusals are pages too."""
    address = reverse(row.name, kwargs=row.kwargs(world)) + row.query
    for column in COLUMNS:
        client = Client(headers={"Accept-Language": "de"})
        if column != "visitor":
            person = getattr(world, column)
            User.objects.filter(pk=person.pk).update(language="de")
            client.force_login(person)
        reply = client.get(address)
        if "text/html" not in reply.headers.get("Content-Type", ""):
            continue
        page = reply.content.decode()
        assert "<html" not in page or '<html lang="de" dir="ltr"' in page
        assert english_in(page) == [], column
        assert [value for value in MEASURES.findall(page) if is_localised(value)] == []
        for written in re.findall(r'<time[^>]*datetime="([^"]*)"', page):
            assert re.match(r"\d{4}-\d\d-\d\d", written)


def is_localised(value: str) -> bool:
    """A machine reads points; lists of coordinates have commas of their own."""
    return bool(re.fullmatch(r"-?\d+,\d+|-?[\d.]+,\d+", value.strip()))


def english_in(page: str) -> list[str]:
    reader = Reader()
    reader.feed(page)
    reader.close()
    found = []
    for text in reader.texts:
        for theirs in THEIRS:
            text = text.replace(theirs, "")
        if ENGLISH.search(text):
            found.append(" ".join(text.split()))
    return found


class Reader(HTMLParser):
    """The words of a page that are ours: text and spoken attributes."""

    VOID = {"meta", "link", "input", "br", "img", "hr", "path", "rect", "circle"}

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self.theirs: list[str] = []  # Open elements within what people wrote.
        self.is_words = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "script" and attributes.get("id") == "script-words":
            self.is_words = True
            return
        is_theirs = tag in SPOKEN_BY_PEOPLE or ("dir" in attributes and tag != "html")
        if (self.theirs or is_theirs) and tag not in self.VOID:
            self.theirs.append(tag)
        if not self.theirs:
            self.texts += [
                attributes[name] or ""
                for name in ["aria-label", "title", "placeholder", "alt", "data-label"]
                if attributes.get(name)
            ]

    def handle_endtag(self, tag: str) -> None:
        if self.is_words and tag == "script":
            self.is_words = False
        elif self.theirs and tag in self.theirs:
            while self.theirs.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self.is_words:
            self.texts += json.loads(data).values()
        elif not self.theirs and data.strip():
            self.texts.append(data)


def test_an_english_word_on_a_german_page_is_found() -> None:
    assert english_in("<p>Das ist the Ende</p>") == ["Das ist the Ende"]
    assert english_in('<a aria-label="go to the list">→</a>')
    assert english_in('<p dir="auto">the words of a person</p><p>Ende</p>') == []


def test_mails_are_written_in_the_language_of_the_request(
    signed_in: Callable[[User], Client], project: Any, ada: User, settings: Any
) -> None:
    from django.core import mail

    settings.EMAIL_URL = "smtp://localhost"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    User.objects.filter(pk=ada.pk).update(language="de")
    signed_in(ada).post(
        f"/projects/{project.pk}/members/",
        {"email": "nina@example.org", "role": "annotator"},
    )
    [letter] = mail.outbox
    assert "Ada lädt Sie zu Support answers ein." in letter.body
    assert "Ihre Rolle: Bewerter:in." in letter.body
    assert english_in(letter.body.replace("http", "")) == []
