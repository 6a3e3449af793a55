"""Reading a scale: which fields each kind has, and its levels."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext, pgettext_lazy

from rubrics.models import Kind
from rubrics.shape.drafts import LevelDraft, plain_number
from rubrics.shape.faults import Faults, Fields, read_number, read_text

MOST_LEVELS = 500
FIELDS = {
    Kind.BINARY: ["kind", "levels"],
    Kind.NOMINAL: ["kind", "levels"],
    Kind.MULTIPLE: ["kind", "levels"],
    Kind.ORDINAL: ["kind", "levels"],
    Kind.NUMERIC: ["kind", "min", "max", "step", "ratio", "unit"],
    Kind.PREFERENCE: ["kind", "strength"],
    Kind.RANKING: ["kind"],
    Kind.TEXT: ["kind"],
}
EVERY_FIELD = ["kind", "levels", "min", "max", "step", "ratio", "strength", "unit"]
FEWEST_LEVELS = {Kind.NOMINAL: 2, Kind.MULTIPLE: 1, Kind.ORDINAL: 2}
BOTH_BAD = LevelDraft("both_bad", None, gettext_noop("Both bad"))
PREFERENCE = (
    LevelDraft("first", 1.0, gettext_noop("First is better")),
    LevelDraft("second", -1.0, gettext_noop("Second is better")),
    LevelDraft("tie", 0.0, gettext_noop("About equal")),
    BOTH_BAD,
)
PREFERENCE_WITH_STRENGTH = (
    LevelDraft("first_2", 2.0, gettext_noop("First is much better")),
    LevelDraft("first_1", 1.0, gettext_noop("First is slightly better")),
    LevelDraft("tie", 0.0, gettext_noop("About equal")),
    LevelDraft("second_1", -1.0, gettext_noop("Second is slightly better")),
    LevelDraft("second_2", -2.0, gettext_noop("Second is much better")),
    BOTH_BAD,
)
YES_OR_NO = {
    True: LevelDraft("true", 1.0, gettext_noop("Yes")),
    False: LevelDraft("false", 0.0, gettext_noop("No")),
}
# Stored as they are; a page says them in its reader's language.
OWN_LABELS = frozenset(
    (level.value, level.label)
    for level in (*PREFERENCE, *PREFERENCE_WITH_STRENGTH, *YES_OR_NO.values())
)
# In a sentence: in English what the API calls it, elsewhere a word.
KIND_NAMES = {
    Kind.BINARY: pgettext_lazy("kind of scale", "binary"),
    Kind.NOMINAL: pgettext_lazy("kind of scale", "nominal"),
    Kind.MULTIPLE: pgettext_lazy("kind of scale", "multiple"),
    Kind.ORDINAL: pgettext_lazy("kind of scale", "ordinal"),
    Kind.NUMERIC: pgettext_lazy("kind of scale", "numeric"),
    Kind.PREFERENCE: pgettext_lazy("kind of scale", "preference"),
    Kind.RANKING: pgettext_lazy("kind of scale", "ranking"),
    Kind.TEXT: pgettext_lazy("kind of scale", "text"),
}
SAYS_NOTHING: tuple[object, ...] = (None, False, [], "")


@dataclass(frozen=True)
class Scale:
    kind: str = Kind.TEXT
    levels: tuple[LevelDraft, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    measure: str = ""
    is_ratio: bool = False
    with_strength: bool = False


def read_scale(source: object, path: str, faults: Faults) -> Scale | None:
    """Read a scale; None when not even its kind is known."""
    if source is None:
        faults.add(path, _("This field is required."))
        return None
    fields = Fields(source, path, EVERY_FIELD, faults)
    kind = fields.choice("kind", Kind.values, "")
    if not kind:
        if fields.is_object and not fields.has("kind"):
            fields.fault(
                "kind",
                _("Use one of %(choices)s.") % {"choices": ", ".join(Kind.values)},
            )
        return None
    refuse_fields_of_other_kinds(fields, Kind(kind))
    if kind == Kind.NUMERIC:
        return read_range(fields)
    if kind == Kind.PREFERENCE:
        with_strength = fields.flag("strength")
        levels = PREFERENCE_WITH_STRENGTH if with_strength else PREFERENCE
        return Scale(kind, levels, with_strength=with_strength)
    has_levels = "levels" in FIELDS[Kind(kind)]
    return Scale(kind, read_levels(fields, Kind(kind)) if has_levels else ())


def refuse_fields_of_other_kinds(fields: Fields, kind: Kind) -> None:
    for name in EVERY_FIELD:
        # `"levels": []` or `"strength": false` would not be lost.
        said = fields.source.get(name) not in SAYS_NOTHING
        if said and name not in FIELDS[kind]:
            fields.fault(
                name,
                _("A scale of kind %(kind)s has no %(field)s; it has %(fields)s.")
                % {
                    "kind": KIND_NAMES[kind],
                    "field": name,
                    "fields": ", ".join(FIELDS[kind]),
                },
            )


def read_range(fields: Fields) -> Scale:
    minimum, maximum = fields.number("min"), fields.number("max")
    step = fields.number("step")
    is_ratio = fields.flag("ratio")
    if minimum is not None and maximum is not None and minimum >= maximum:
        fields.fault("max", _("The maximum must be larger than the minimum."))
    if step is not None and step <= 0:
        fields.fault("step", _("The step must be larger than 0."))
    if is_ratio and minimum is not None and minimum < 0:
        fields.fault("min", _("A ratio scale starts at 0 or above."))
    return Scale(
        kind=Kind.NUMERIC.value,
        minimum=minimum,
        maximum=maximum,
        step=step,
        is_ratio=is_ratio,
        measure=fields.text("unit", longest=30),
    )


def read_levels(fields: Fields, kind: Kind) -> tuple[LevelDraft, ...]:
    sources = fields.items("levels", MOST_LEVELS)
    if sources is None:
        return ()
    if kind == Kind.BINARY and not sources:
        return with_hotkeys(tuple(YES_OR_NO.values()))
    path = f"{fields.path}.levels"
    levels = [
        read_level(source, f"{path}.{index}", kind, fields.faults)
        for index, source in enumerate(sources)
    ]
    if kind == Kind.BINARY:
        if sorted(level.value for level in levels) != ["false", "true"]:
            fields.fault(
                "levels", _("A binary scale has the two values true and false.")
            )
    elif len(sources) < (fewest := FEWEST_LEVELS[kind]):
        fields.fault(
            "levels",
            ngettext(
                "This kind of scale has at least %(fewest)s level.",
                "This kind of scale has at least %(fewest)s levels.",
                fewest,
            )
            % {"fewest": fewest},
        )
    refuse_wrong_order(levels, path, kind, fields.faults)
    refuse_shared_hotkeys(levels, path, fields.faults)
    return with_hotkeys(tuple(levels))


def read_level(source: object, path: str, kind: Kind, faults: Faults) -> LevelDraft:
    fields = Fields(source, path, ["value", "label", "anchor", "hotkey"], faults)
    level = LevelDraft("")
    if fields.has("value"):
        level = read_value(fields.source["value"], f"{path}.value", kind, faults)
    elif fields.is_object:
        fields.fault("value", _("This field is required."))
    hotkey = fields.text("hotkey", longest=1)
    if hotkey and (hotkey.isspace() or not hotkey.isprintable()):
        fields.fault("hotkey", _("A hotkey is one visible character."))
    label = fields.text("label", longest=200)
    return replace(
        level,
        label=label if label.strip() else level.label,
        anchor=fields.text("anchor", longest=5_000),
        hotkey=hotkey,
    )


def read_value(value: object, path: str, kind: Kind, faults: Faults) -> LevelDraft:
    """The level that a value stands for, named after it until it has a label."""
    if kind == Kind.BINARY:
        if isinstance(value, bool):
            return YES_OR_NO[value]
        faults.add(path, _("Use true or false."))
        return LevelDraft("")
    if kind == Kind.ORDINAL:
        number = read_number(value, path, faults)
        if number is None:
            return LevelDraft("")
        name = str(plain_number(number))
        return LevelDraft(name, number, name)
    text = read_text(value, path, 100, faults)
    if text is None:
        return LevelDraft("")
    # A browser would send such a value back changed, as another value.
    if not text or text != text.strip() or any(is_control(char) for char in text):
        faults.add(path, _("A value is one line with no space around it."))
    return LevelDraft(text, None, text)


def is_control(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Zl", "Zp"}


def refuse_wrong_order(
    levels: list[LevelDraft], path: str, kind: Kind, faults: Faults
) -> None:
    seen: set[str] = set()
    last: float | None = None
    for index, level in enumerate(levels):
        if kind == Kind.ORDINAL and level.number is not None:
            if last is not None and level.number <= last:
                faults.add(
                    f"{path}.{index}.value",
                    _(
                        "Values rise from level to level; %(value)s does not follow "
                        "%(last)s."
                    )
                    % {"value": level.value, "last": plain_number(last)},
                )
            last = level.number
        elif level.value in seen:
            faults.add(
                f"{path}.{index}.value",
                _("%(value)s stands twice.") % {"value": level.value},
            )
        if level.value:
            seen.add(level.value)


def refuse_shared_hotkeys(levels: list[LevelDraft], path: str, faults: Faults) -> None:
    seen: set[str] = set()
    for index, level in enumerate(levels):
        if level.hotkey in seen:
            faults.add(
                f"{path}.{index}.hotkey",
                _("Another level has the key %(key)s.") % {"key": level.hotkey},
            )
        if level.hotkey:
            seen.add(level.hotkey)


def with_hotkeys(levels: tuple[LevelDraft, ...]) -> tuple[LevelDraft, ...]:
    """Give up to nine levels the keys 1 to 9 by position, where no level took them."""
    if len(levels) > 9:
        return levels
    taken = {level.hotkey for level in levels}
    return tuple(
        level
        if level.hotkey or str(place) in taken
        else replace(level, hotkey=str(place))
        for place, level in enumerate(levels, start=1)
    )
