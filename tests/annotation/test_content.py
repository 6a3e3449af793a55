"""Content as it is shown: Markdown, formulas, code, JSON, chats, long texts."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from time import thread_time
from typing import Any

import pytest

from annotation.content import as_text, rendered
from annotation.content.differences import difference
from annotation.content.finding import claim_of, found_in, marked, ranked
from annotation.content.folding import outline, passages
from annotation.content.markdown import raw
from annotation.content.renderings import Renderings
from annotation.content.specimens import Look, Specimen, one_part, rows_at, specimen
from annotation.content.trees import Spot

LOOK = Look("/there/", "A")
RAW = Look("/there/", "A", "raw")


def html_of(shown: Specimen) -> str:
    return "".join(turn.html for part in shown.parts for turn in part.turns)


def shown(content: Any) -> str:
    return html_of(specimen(content, LOOK))


# Markdown, formulas, code


def test_markdown_is_rendered_and_its_headings_begin_below_those_of_the_screen():
    assert rendered("# A\n\n**b**") == "<h3>A</h3>\n<p><strong>b</strong></p>\n"


def test_headings_leave_no_level_out():
    html = rendered("## a\n\n#### b\n\n## c\n\n# d\n\n### e")
    assert re.findall(r"<(h\d)>", html) == ["h3", "h4", "h3", "h3", "h4"]


def test_a_wide_table_scrolls_inside_itself_and_a_list_keeps_its_first_number():
    html = rendered("| a |\n|---|\n| 1 |\n\n7. seven")
    assert '<div class="wide" tabindex="0"><table>' in html
    assert '<ol start="7">' in html


def test_links_and_images_are_text():
    html = rendered("[x](https://x.org) ![y](https://x.org/y.png) <https://x.org>")
    assert "<a" not in html
    assert "<img" not in html
    assert "https://x.org/y.png" in html


@pytest.mark.parametrize(
    "written",
    [
        "$x^2$",
        r"\(x^2\)",
        "$$x^2$$",
        r"\[x^2\]",
        "\\[\n= x^2\n- 1\n\\]",
        "Let $$\nx^2\n$$",
        "- in a list $x^2$",
    ],
)
def test_a_formula_is_mathml(written):
    html = rendered(written)
    assert "<msup><mi>x</mi><mn>2</mn></msup>" in html
    assert "$" not in html


@pytest.mark.parametrize(
    "written",
    [
        r"$x^a^b$",
        "$" + "{" * 900 + "$",
        r"$\def\x{\x\x}\x$",
        "$" + "x+" * 1500 + "x$",
    ],
    ids=["wrong", "nested", "endless", "long"],
)
def test_a_formula_that_cannot_be_read_is_shown_as_it_was_written(written):
    html = rendered(written)
    assert "<math" not in html
    assert f"<code>{written}</code>" in html


def test_prices_are_no_formulas():
    html = rendered("It was $5, then $10, and US$3 more.")
    assert "<math" not in html
    assert "$5, then $10" in html


def test_code_is_coloured_by_classes_alone():
    html = rendered("```python\nif x: return 'y'  # z\n```")
    assert '<span class="t-k">if</span>' in html
    assert '<span class="t-c"># z</span>' in html
    assert "style" not in html


@pytest.mark.parametrize("name", ["", "brainfuck", "{.python onload=x}", "../../x"])
def test_code_in_no_known_language_is_plain(name):
    html = rendered(f"```{name}\nif x:\n```")
    assert "<pre><code>if x:\n</code></pre>" in html


def test_very_long_code_is_plain():
    html = rendered("```python\n" + "if x: pass\n" * 9_000 + "```")
    assert "t-k" in html  # 99,000 characters.
    assert "t-k" not in rendered("```python\n" + "if x: pass\n" * 9_100 + "```")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("python", " \n"),
        ("javascript", '"a\\'),
        ("css", '"a\\'),
        ("c", " \n"),
        ("csharp", "a\n"),
        ("java", "a "),
    ],
)
def test_code_that_keeps_a_lexer_busy_is_plain(name: str, code: str) -> None:
    start = thread_time()
    html = rendered(f"```{name}\nif x\n{code * (40_000 // len(code))}\n```")
    assert thread_time() - start < 4  # It grew with the square of the length.
    assert "<pre><code>if x" in html


# Hostile content


PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<math href='javascript:alert(1)'>x</math>",
    "<math><maction actiontype='statusline#javascript:alert(1)'>x</maction></math>",
    "<math><annotation-xml encoding='text/html'><script>alert(1)</script></math>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)></object>",
    "<embed src=javascript:alert(1)>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "<video><source onerror=alert(1)></video>",
    "<input autofocus onfocus=alert(1)>",
    "<form action=/sign-out/ method=post><button>x</button></form>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>*{background:url(//evil.example)}</style>",
    "<p style='position:fixed;inset:0'>x</p>",
    "<div id=judge>x</div>",
    "<div hx-get=/sign-out/ hx-trigger=load>x</div>",
    "<div data-hx-post=/sign-out/ data-press=v>x</div>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x]: javascript:alert(1)\n\n[x]",
    "![x](https://evil.example/canary.png)",
    "![x](x 'onerror=alert(1)')",
    "<https://evil.example/>",
    "<javascript:alert(1)>",
    "`<script>alert(1)</script>`",
    "```html\n<script>alert(1)</script>\n```",
    '```"><script>alert(1)</script>\nx\n```',
    "~~~<img/src=x/onerror=alert(1)>\nx\n~~~",
    "| <img src=x onerror=alert(1)> |\n|---|\n| <script>alert(1)</script> |",
    "# <script>alert(1)</script>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml-stylesheet href='javascript:alert(1)'?>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<template><script>alert(1)</script></template>",
    "<textarea></textarea><script>alert(1)</script>",
    "<xmp><p title='</xmp><img src=x onerror=alert(1)>'>",
    "</div></form></main><script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    r"$\href{javascript:alert(1)}{x}$",
    r"$\style{position:fixed}{x}$",
    r"$\class{btn}{x}$",
    r"$\id{judge}{x}$",
    r"$\text{<script>alert(1)</script>}$",
    r"$\text{</mtext></math><img src=x onerror=alert(1)>}$",
    r"$\text{&#60;script&#62;alert(1)}$",
    r"$\color{red;background:url(//evil.example)}{x}$",
    r"$\includegraphics{//evil.example/x.png}$",
    r"$\html{<img src=x onerror=alert(1)>}$",
    r"\(\operatorname{<svg/onload=alert(1)>}\)",
    r"\[\begin{<script>}x\end{<script>}\]",
    r"$$\tag{<script>alert(1)</script>}x$$",
    "{{7*7}}{% debug %}{{ request.user.password }}",
    "{0.__class__.__init__.__globals__}",
    "${7*7}#{7*7}<%= 7*7 %>",
    "\u202e<script>alert(1)</script>\u202c",
    "<\u200bscript>alert(1)</\u200bscript>",
    "<scr\x00ipt>alert(1)</scr\x00ipt>",
    "\ufeff<script>alert(1)</script>",
    '"><script>alert(1)</script>',
    "' onmouseover='alert(1)",
    "</span></li></ul></details><script>alert(1)</script>",
    "</pre><script>alert(1)</script>",
    "<mark class=best onclick=alert(1)>x</mark>",
    "javascript:/*--></title></style></textarea></script></xmp><svg/onload='+/\"/+/onmou"
    "seover=1/+/[*/[]/+alert(1)//'>",
]
TAGS = {
    *("p", "br", "hr", "strong", "em", "del", "ins", "code", "pre", "blockquote"),
    *("span", "div", "ul", "ol", "li", "h3", "h4", "h5", "h6", "mark", "bdi"),
    *("table", "thead", "tbody", "tr", "th", "td", "details", "summary", "a"),
    *("math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "mfrac", "msqrt", "mroot"),
    *("mstyle", "msub", "msup", "msubsup", "munder", "mover", "munderover"),
    *("mtable", "mtr", "mtd"),
}
ATTRIBUTES = {"class", "dir", "title", "start", "tabindex", "open", "display"} | {
    *("stretchy", "fence", "form", "mathvariant", "linethickness", "width"),
    *("columnalign", "displaystyle", "scriptlevel", "accent", "separator"),
}
CLASSES = re.compile(
    r"(t-[a-z]|sign|wide|tree|tree__size|tree__peek|lazy|call|call__\w+|call__name--result|thought|"
    r"call__name call__name--result|out--raw|omitted|best)"
)


class Reader(HTMLParser):
    """Reads markup as a browser would, and refuses what may not stand in it."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        for name, value in attrs:
            if tag == "a" and name in ("href", "target"):
                assert value == "_blank" or (value or "").startswith("/there/?")
                continue
            assert name in ATTRIBUTES, (tag, name, value)
            if name == "class":
                assert CLASSES.fullmatch(value or ""), value


def is_harmless(html: str) -> bool:
    Reader(convert_charrefs=True).feed(html)
    return True


@pytest.mark.parametrize("payload", PAYLOADS)
def test_hostile_content_is_text_wherever_it_stands(payload):
    long = {"keys": {f"{payload}{n}": payload for n in range(400)}, payload: [payload]}
    chat = [
        {"role": payload, "name": payload, "content": payload},
        {
            "role": "assistant",
            "content": [{"type": "text", "text": payload}, {payload: payload}],
            "tool_calls": [{"id": payload, "function": {"name": payload}}],
        },
        {"role": "tool", "tool_call_id": payload, "content": payload},
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": payload}]},
    ]
    for content in (payload, {payload: payload}, [payload], long, chat):
        assert is_harmless(shown(content))
        assert is_harmless(html_of(specimen(content, RAW)))
    assert is_harmless(marked(rendered(payload), claim_of(f"alert script {payload}")))
    both = difference(payload, f"{payload} {payload}")
    assert is_harmless(both.first + both.second)


INVISIBLE = [chr(n) for n in range(0x202A, 0x202F)] + [
    *(chr(n) for n in range(0x2066, 0x206A)),
    *("\u200e", "\u200f", "\u061c", "\u200b", "\u2060", "\ufeff", "\xad", "\x1b"),
    *("\x07", "\u2028", "\u180e", "\U000e0041", "\u3164"),
]


@pytest.mark.parametrize("character", INVISIBLE, ids=lambda one: f"U+{ord(one):04X}")
def test_a_character_that_nobody_sees_is_shown_as_one_sign_with_its_name(character):
    for html in (
        rendered(f"a{character}b"),
        raw(f"a{character}b"),
        rendered(f"```python\n'a{character}b'\n```"),
        shown({f"k{character}": "v"}),
    ):
        assert character not in html
        assert f"U+{ord(character):04X}" in html
    assert character not in rendered(f"a&#{ord(character)};b")


def test_joiners_that_spell_a_word_or_an_emoji_stay():
    for word in ("👩\u200d🚀", "می\u200cخواهم", "क्\u200dष", "🏴\U000e0067\U000e007f"):
        assert word in rendered(word)
    assert "U+200D" in rendered("pass\u200dword")


def test_a_raw_text_keeps_every_place():
    text = "a\r\n\tb\u202e\u200bc\n\n  <d> & \x1be"
    html = raw(f"\n{text}")
    assert html.startswith('<pre class="out--raw">\n\n')
    words = re.sub(r"<[^>]*>", "", html.removeprefix('<pre class="out--raw">\n'))
    unescaped = words.replace("&#13;", "\r").replace("&lt;", "<").replace("&gt;", ">")
    assert len(unescaped.replace("&amp;", "&")) == len(f"\n{text}")


# JSON


def test_json_and_text_that_is_wholly_json_become_a_tree():
    for content in ({"a": [1, None]}, '{"a": [1, null]}', ' {"a":\n[1,null]}\n'):
        html = shown(content)
        assert '<details open><summary><span class="t-b" dir="auto">a</span>' in html
        assert "[ 2 items ]" in html


@pytest.mark.parametrize(
    "text", ["[1] says so.", "{a}", "{}{}", '{"a": 1', "[" * 5_000]
)
def test_text_that_is_not_wholly_json_stays_text(text):
    assert '<ul class="tree">' not in shown(text)


def test_the_raw_view_of_json_is_its_text():
    html = html_of(specimen({"a": 1}, RAW))
    assert "{\n  &quot;a&quot;: 1\n}" in html


def test_a_large_json_is_bounded_and_the_rest_is_fetched_by_its_path():
    value = {"rows": [{"id": n, "deep": {"x": [n]}} for n in range(5_000)]}
    html = shown(json.dumps(value))
    assert html.count("<li>") < 2_300
    assert "[ 5000 items ]" in html
    assert "items=4800-5000" in html

    last = rows_at(value, LOOK, "0.0.value", Spot(("rows",), 4_800, 5_000))
    assert ">4999<" in last
    assert last.count("<li>") < 2_300
    one = rows_at(value, LOOK, "0.0.value", Spot(("rows", "4999", "deep")))
    assert '<span class="t-n">4999</span>' in one


@pytest.mark.parametrize(
    ("where", "path"),
    [
        ("0.0.value", ("none",)),
        ("0.0.value", ("rows", "9")),
        ("0.0.value", ("rows", "-1")),
        ("0.0.__class__", ()),
        ("0.0.said", ()),
        ("9.0.value", ()),
        ("x", ()),
    ],
)
def test_what_is_not_in_a_json_is_not_found(where, path):
    with pytest.raises(LookupError):
        rows_at({"rows": [1]}, LOOK, where, Spot(path))


def test_deep_json_is_bounded():
    value: Any = 1
    for _ in range(60):
        value = {"a": value}
    html = shown(value)
    assert html.count("<details") < 30
    assert "Show this part" in html


# Conversations


CALL = {"id": "c1", "type": "function"}
CALLS = [
    pytest.param(
        [
            {"role": "user", "content": "Weather?"},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    CALL | {"function": {"name": "sky", "arguments": '{"in": "Bonn"}'}}
                ],
            },
            {"role": "tool", "tool_call_id": "c1", "content": '{"sun": true}'},
            {"role": "assistant", "content": "Sunny."},
        ],
        id="chat completions",
    ),
    pytest.param(
        [
            {"role": "user", "content": [{"type": "input_text", "text": "Weather?"}]},
            {
                "type": "function_call",
                "call_id": "c1",
                "name": "sky",
                "arguments": '{"in": "Bonn"}',
            },
            {
                "type": "function_call_output",
                "call_id": "c1",
                "output": '{"sun": true}',
            },
            {
                "type": "message",
                "role": "assistant",
                "content": [{"type": "output_text", "text": "Sunny."}],
            },
        ],
        id="responses",
    ),
    pytest.param(
        [
            {"role": "user", "content": "Weather?"},
            {
                "role": "assistant",
                "content": [
                    {
                        "type": "tool_use",
                        "id": "c1",
                        "name": "sky",
                        "input": {"in": "Bonn"},
                    }
                ],
            },
            {
                "role": "user",
                "content": [
                    {
                        "type": "tool_result",
                        "tool_use_id": "c1",
                        "content": [{"type": "text", "text": '{"sun": true}'}],
                    }
                ],
            },
            {"role": "assistant", "content": "Sunny."},
        ],
        id="parts",
    ),
    pytest.param(
        [
            {"role": "user", "content": "Weather?"},
            {
                "role": "assistant",
                "tool_calls": [
                    {"function": {"name": "sky", "arguments": {"in": "Bonn"}}}
                ],
            },
            {"role": "tool", "name": "sky", "content": {"sun": True}},
            {"role": "assistant", "content": "Sunny."},
        ],
        id="without ids",
    ),
]


@pytest.mark.parametrize("chat", CALLS)
def test_a_tools_result_stands_beneath_the_call_that_it_answers(chat):
    (part,) = specimen(chat, LOOK).parts
    assert [turn.role for turn in part.turns] == ["user", "assistant", "assistant"]
    call = part.turns[1].html
    assert call.count('<div class="call">') == 1
    assert call.index("sky") < call.index("Bonn") < call.index("sun")
    assert "Sunny." in part.turns[2].html


def test_results_find_their_calls_whatever_their_order():
    chat = [
        {
            "role": "assistant",
            "tool_calls": [
                {"id": one, "function": {"name": "f", "arguments": {"of": one}}}
                for one in ("c1", "c2", "c3")
            ],
        },
        {"role": "tool", "tool_call_id": "c2", "content": "second"},
        {"role": "tool", "tool_call_id": "c1", "content": "first"},
    ]
    html = shown(chat)
    places = [html.index(word) for word in ("c1", "first", "c2", "second", "c3")]
    assert places == sorted(places)
    assert html.rstrip().endswith("No result</p></div>")


def test_a_result_without_a_call_is_shown_for_itself():
    (part,) = specimen([{"role": "tool", "name": "sky", "content": "Sun."}], LOOK).parts
    assert part.turns[0].role == "tool · sky"
    assert "Sun." in part.turns[0].html


def test_a_long_conversation_shows_its_opening_and_its_end():
    chat = [
        {"role": "user" if n % 2 else "assistant", "content": f"This is turn {n}."}
        for n in range(1, 201)
    ]
    folded = specimen(chat, LOOK)
    seen = html_of(folded)
    assert "turn 1." in seen
    assert "turn 2." in seen
    assert "turn 3." not in seen
    assert "turn 192." not in seen
    assert all(f"turn {n}." in seen for n in range(193, 201))
    labels = [part.label for part in folded.parts if not part.is_shown]
    assert labels[0] == "Turns 3 to 42, 160 words"
    assert labels[-1] == "Turns 163 to 192, 120 words"

    middle = one_part(chat, LOOK, 2)
    assert len(middle.turns) == 40
    assert "turn 42." in middle.turns[-1].html
    assert html_of(specimen(chat, LOOK, whole=True)).count("This is turn") == 200


# Long texts


def long_text(paragraphs: int, of: str = "word " * 100) -> str:
    return "\n\n".join(f"## Part {n}\n\n{of}{n}." for n in range(paragraphs))


@pytest.mark.parametrize(
    "text",
    [
        long_text(1_000),
        "word " * 100_000,
        "x" * 500_000,
        "```python\n" + "x = 1\n" * 60_000 + "```\nafter\n",
        "a\n" * 100_000,
        "\r\n\r\n".join(["some words here"] * 40_000),
        "\u2028".join(["some words here"] * 40_000),
    ],
    ids=["parts", "one line", "no space", "code", "lines", "windows", "separators"],
)
def test_the_parts_of_a_long_text_are_the_text(text):
    parts = passages(text)
    assert "".join(part.text for part in parts) == text
    assert [part.start for part in parts] == [
        sum(len(before.text) for before in parts[:n]) for n in range(len(parts))
    ]
    assert len(parts) > 3
    assert all(len(part.text) <= 130_000 for part in parts)
    first = specimen(text, LOOK)
    assert len(html_of(first)) < 80_000
    assert first.words == len(text.split())


def test_code_that_goes_on_in_the_next_part_stays_code():
    parts = passages("```python\n" + "x = 1\n" * 30_000 + "```\nafter\n")
    assert parts[1].fence == "```python\n"
    assert rendered(parts[1].markdown).startswith("<pre><code>")
    assert "<p>after</p>" in rendered(parts[-1].markdown)


def test_a_text_that_is_a_little_long_is_not_folded():
    assert len(passages("word " * 2_400)) == 1


def test_a_text_with_many_headings_has_an_outline():
    found = outline(passages(long_text(200)))
    assert [heading.words for heading in found[:2]] == ["Part 0", "Part 1"]
    assert {heading.level for heading in found} == {2}
    assert found[-1].part == len(passages(long_text(200)))
    assert outline(passages(long_text(3))) == []
    assert outline(passages("```\n" + "# not a heading\n" * 20 + "```\n")) == []


def test_all_of_a_conversation_in_one_huge_turn_is_folded():
    chat = [{"role": "user", "content": "Go."}]
    chat.append({"role": "assistant", "content": long_text(1_000)})
    folded = specimen(chat, LOOK)
    assert len(html_of(folded)) < 60_000
    assert folded.is_folded


def test_what_is_shown_and_what_is_read_as_text_are_the_same_words():
    for content in ("a *b*", [{"role": "user", "content": "x"}], {"a": 1}):
        assert as_text(content) in ("a *b*", "x", '{\n  "a": 1\n}')


# Finding


DOCUMENTS = [
    "The Rhine is 1,233 km long and flows through Basel.",
    "Refunds are paid within 30 days. A refund needs a receipt.",
    "Receipts of paid bills are kept; the refund takes 30 days from the receipt.",
]


def test_the_documents_that_hold_more_of_a_claim_come_first():
    claim = claim_of("The refund will be paid within 30 days of the receipt.")
    found = [found_in(text, claim) for text in DOCUMENTS]
    assert ranked(found) == [1, 2]
    assert found[0].hits == 0
    assert claim.stems == ("refund", "paid", "30", "days", "receipt")


def test_words_are_found_in_their_other_endings_and_marked():
    html = marked(rendered(DOCUMENTS[1]), claim_of("refunded receipts"))
    assert re.findall(r"<mark[^>]*>(\w+)", html) == ["Refunds", "refund", "receipt"]


@pytest.mark.parametrize(
    ("claim", "text", "hits"),
    [
        ("1,233", "It is 1,233 km, not 1,2334 or 233.", 1),
        ("Rhein", "Der Rhein, am Rheinufer.", 1),
        ("退款", "请在30天内退款。", 1),
        ("הנהר", "הנהר ארוך", 1),
        ("the of and", "the river", 1),
        ("", "anything", 0),
        ("...!?", "anything...", 0),
        ("a(b[c", "a(b[c", 3),
    ],
)
def test_what_a_claim_finds(claim, text, hits):
    assert found_in(text, claim_of(claim)).hits == hits


def test_marks_stand_in_words_only():
    html = marked(rendered("a & amp <b> `amp` $amp$"), claim_of("amp span math"))
    assert html.count("<mark") == 2
    assert "&amp;" in html


def test_the_passage_that_holds_most_of_a_claim_is_the_best():
    text = "A refund.\n\nA refund needs a receipt.\n\nA receipt."
    html = marked(rendered(text), claim_of("refund receipt"))
    assert html.count('<mark class="best">') == 2
    assert html.index("best") > html.index("<mark>")


# Differences


def test_words_that_only_one_text_has_are_marked():
    found = difference("The quick brown fox.", "The slow brown dog.")
    assert "The <del>quick</del> brown <del>fox</del>." in found.first
    assert "The <ins>slow</ins> brown <ins>dog</ins>." in found.second
    assert (found.only_first, found.only_second, found.alike) == (2, 2, 2)


def test_equal_texts_do_not_differ():
    found = difference("same", "same")
    assert "<del>" not in found.first
    assert found.alike == 1


@pytest.mark.parametrize(
    "texts",
    [
        (
            " ".join(f"w{n}" for n in range(100_000)),
            " ".join("ab" for _ in range(100_000)),
        ),
        ("a b " * 50_000, "b a " * 50_000),
        (
            ". ".join("a b" for _ in range(50_000)),
            ". ".join("b a" for _ in range(50_000)),
        ),
        ("", "x " * 100_000),
        ("x" * 500_000, "y" * 500_000),
        ("\n" * 100_000, ".!?" * 50_000),
    ],
    ids=["unlike", "repeating", "sentences", "empty", "no space", "signs"],
)
def test_long_texts_are_compared_in_bounded_size(texts):
    found = difference(*texts)
    assert len(found.first) < 1_200_000
    assert len(found.second) < 1_200_000


def test_of_long_texts_the_stretches_that_are_alike_are_cut():
    text = " ".join(f"w{n}." for n in range(20_000))
    found = difference(text, text.replace("w10000.", "other."))
    assert "<del>w10000</del>" in found.first
    assert len(found.first) < 3_000
    assert "words alike" in found.first


# What is kept


def test_kept_renderings_are_bounded_and_the_oldest_go_first():
    kept = Renderings(most_bytes=3_000)
    for name in (b"a", b"b", b"c"):
        kept.put(name, "x" * 200)
    kept.get(b"a")
    kept.put(b"d", "x" * 200)
    assert kept.bytes <= 3_000
    assert kept.get(b"b") is None
    assert kept.get(b"a")
    kept.put(b"e", "x" * 10_000)
    assert kept.get(b"e") is None
