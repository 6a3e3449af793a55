"""Templates are sent lean, and say the same as they are written."""

from __future__ import annotations

import pytest
from django.template import Context, Engine

from config.templates import without_layout


@pytest.mark.parametrize(
    ("source", "lean"),
    [
        ("<p>\n    <b>a</b>\n    <i>b</i>\n</p>\n", "<p>\n<b>a</b>\n<i>b</i>\n</p>\n"),
        ("a\n  {% if x %}\n  b\n  {% endif %}\nc", "a\n{% if x %}b\n{% endif %}c"),
        ("{% if x %}a{% endif %}\n{% if y %}b{% endif %}\n", None),
        ("{# 50 % of it. #}\n{% load i18n %}\na", "{# 50 % of it. #}{% load i18n %}a"),
        ("{% include 'x' %}\n{{ y }}\n{% translate 'z' %}\n", None),
        ("<textarea>\n  {{ x }}\n  {% if x %}\n</textarea>", None),
        ("<pre>\n    code\n</pre>", None),
        ("{% blocktranslate %}\n   a\n   b{% endblocktranslate %}", None),
    ],
)
def test_only_layout_is_left_out(source: str, lean: str | None) -> None:
    assert without_layout(source) == (source if lean is None else lean)


def test_what_stands_inline_keeps_its_space() -> None:
    source = """
    {% for word in words %}
    <b>{{ word }}</b>
    {% endfor %}
    {% if words %}<i>c</i>{% endif %}
    """
    template = Engine().from_string(without_layout(source))
    shown = template.render(Context({"words": ["a", "b"]}))
    assert shown.split() == ["<b>a</b>", "<b>b</b>", "<i>c</i>"]
