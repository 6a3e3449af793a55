"""Every rubric that can be posted, for hypothesis: criteria with all fields said."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

# What a line of the editor can hold: no control characters but the line break.
CHARACTERS = st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("|\\\n")
NUMBERS = st.integers(-(10**12), 10**12) | st.floats(
    -1e12, 1e12, allow_subnormal=False
).map(lambda number: int(number) if number == int(number) else number)
KINDS = [
    "binary",
    "nominal",
    "multiple",
    "ordinal",
    "numeric",
    "preference",
    "ranking",
    "text",
]
HOTKEYS = st.sampled_from("abcdefghijkmopqrtuvwyz456789")


def words(longest: int, *, shortest: int = 0) -> st.SearchStrategy[str]:
    texts = st.text(CHARACTERS, min_size=shortest, max_size=longest).map(str.strip)
    return texts.filter(lambda text: len(text) >= shortest)


def one_line(longest: int) -> st.SearchStrategy[str]:
    letters = st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"])
    texts = st.text(letters, min_size=1, max_size=longest).map(str.strip)
    return texts.filter(bool)


@st.composite
def levels(draw: st.DrawFn, values: list[Any]) -> list[dict[str, Any]]:
    made = []
    for place, value in enumerate(values, start=1):
        usual = {True: "Yes", False: "No"}[value] if value in (True, False) else value
        label = draw(words(30)) or (usual if isinstance(value, bool) else str(value))
        level = {"value": value, "label": label, "anchor": draw(words(60))}
        if len(values) <= 9:
            level["hotkey"] = str(place)
        made.append(level)
    if draw(st.booleans()) and len(values) <= 9:
        made[0]["hotkey"] = draw(HOTKEYS.filter(lambda key: not key.isdigit()))
    return made


@st.composite
def scales(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(KINDS))
    scale: dict[str, Any] = {"kind": kind}
    if kind == "binary":
        order = draw(st.permutations([True, False]))
        scale["levels"] = draw(levels(list(order)))
    elif kind in {"nominal", "multiple"}:
        names = draw(st.lists(one_line(20), min_size=2, max_size=12, unique=True))
        scale["levels"] = draw(levels(names))
    elif kind == "ordinal":
        numbers = st.lists(NUMBERS, min_size=2, max_size=11, unique_by=float)
        scale["levels"] = draw(levels(sorted(draw(numbers))))
    elif kind == "preference":
        scale["strength"] = draw(st.booleans())
    elif kind == "numeric":
        ends = sorted(draw(st.lists(NUMBERS, max_size=2, unique_by=float)))
        scale |= dict(zip(draw(st.permutations(["min", "max"])), ends, strict=False))
        if "min" in scale and "max" in scale and scale["min"] > scale["max"]:
            scale["min"], scale["max"] = scale["max"], scale["min"]
        if draw(st.booleans()):
            scale["step"] = draw(NUMBERS.filter(lambda number: number > 0))
        scale["ratio"] = draw(st.booleans()) and scale.get("min", 0) >= 0
        scale["unit"] = draw(one_line(20) | st.just(""))
    return scale


@st.composite
def criteria_lists(draw: st.DrawFn) -> list[dict[str, Any]]:
    keys = st.from_regex(r"[a-z0-9_-]{1,12}", fullmatch=True)
    made: list[dict[str, Any]] = []
    for key in draw(st.lists(keys, min_size=1, max_size=3, unique=True)):
        criterion = draw(criteria(key))
        gates = [gate for gate in made if may_gate(gate, criterion)]
        if gates and draw(st.booleans()):
            gate = draw(st.sampled_from(gates))
            values = [level["value"] for level in gate["scale"]["levels"]]
            some = draw(st.sets(st.sampled_from(range(len(values))), min_size=1))
            criterion["when"] = {
                "criterion": gate["key"],
                "is": [values[place] for place in sorted(some)],
            }
        made.append(criterion)
    return made


def may_gate(gate: dict[str, Any], criterion: dict[str, Any]) -> bool:
    fits = gate["target"] == "comparison" or criterion["target"] == "output"
    return fits and "levels" in gate["scale"]


@st.composite
def criteria(draw: st.DrawFn, key: str) -> dict[str, Any]:
    scale = draw(scales())
    rules = ["none", "optional", "required"]
    rationale = draw(st.sampled_from(rules))
    if scale["kind"] in {"ordinal", "numeric", "binary"} and draw(st.booleans()):
        rationale = f"below:{draw(NUMBERS)}"
    targets = ["comparison"]
    if scale["kind"] not in {"preference", "ranking"}:
        targets.append("output")
    return {
        "key": key,
        "question": draw(one_line(60)),
        "help": draw(words(80)),
        "target": draw(st.sampled_from(targets)),
        "scale": scale,
        "required": draw(st.booleans()),
        "weight": draw(NUMBERS.map(abs)),
        "allow_not_applicable": draw(st.booleans()),
        "allow_cannot_judge": draw(st.booleans()),
        "rationale": rationale,
        "evidence": draw(st.sampled_from(["none", "optional", "required"])),
    }
