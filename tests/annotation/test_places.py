"""Words copied from a screen are found in the text that the screen was made of."""

from __future__ import annotations

import pytest

from annotation.content.places import find_words


@pytest.mark.parametrize(
    ("text", "words", "there"),
    [
        ("Paris is in France.", "is in", "is in"),
        ("Paris is **very** old.", "very old.", "very** old."),
        ("A [link](https://example.org) here.", "link", "link"),
        ("# Title\n\nFirst *word*s", "Title First words", "Title\n\nFirst *word*s"),
        ("one\n  two\tthree", "one two three", "one\n  two\tthree"),
        ("- a\n- b, c", "a\nb, c", "a\n- b, c"),
        ("```py\nx = f(1)\n```", "x = f(1)", "x = f(1)"),
        ("Use `x_1` now", "Use x_1", "Use `x_1"),
        ("Well 👩‍👧 done 🎉!", "👩‍👧 done 🎉", "👩‍👧 done 🎉"),
        ("مرحبا **بالعالم** كله", "بالعالم كله", "بالعالم** كله"),
        ("שלום, *עולם*!", "שלום, עולם", "שלום, *עולם"),
        ("日本**東京**です", "東京です", "東京**です"),
        ("cafe\u0301 noir", "cafe\u0301", "cafe\u0301"),
        ("twice, twice", "twice", "twice"),
        ('He said "no".', '"no"', '"no"'),
        # The last bracket is parted from its letter by marks that are not shown.
        ("(see **A**)", "(see A)", "(see **A"),
    ],
)
def test_words_as_shown_are_found_in_their_source(
    text: str, words: str, there: str
) -> None:
    place = find_words(text, words)
    assert place is not None
    start, end = place
    assert text[start:end] == there


def test_the_first_of_several_places_is_taken() -> None:
    assert find_words("one two one", "one") == (0, 3)


@pytest.mark.parametrize("words", ["absent", "", "   ", "!?", "Paris in"])
def test_words_that_do_not_stand_there_have_no_place(words: str) -> None:
    assert find_words("Paris is in France.", words) is None
