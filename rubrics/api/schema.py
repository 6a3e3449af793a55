"""The bodies of rubrics as the API's documentation shows them.

What is accepted is decided by rubrics.shape, which names every fault at once; these
serializers only describe it.
"""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers

from rubrics.models import EvidenceRule, Kind, Target


def problem(because: str) -> OpenApiResponse:
    return OpenApiResponse(OpenApiTypes.OBJECT, f"{because} (problem details)")


PROBLEMS: dict[int, Any] = {
    401: problem("No token or a bad one"),
    403: problem("A member without the right"),
    404: problem("Foreign or missing"),
}
STATE = problem("The state does not allow it now")
FAULTS = problem("Read but refused; `errors` names each field")


class RubricLevel(serializers.Serializer):
    value = serializers.JSONField(
        help_text="Ordinal: a number, rising; binary: true or false; else a string."
    )
    label = serializers.CharField(  # type: ignore[assignment]  # Ours, not the field's.
        required=False, help_text="Default: the value."
    )
    anchor = serializers.CharField(
        required=False, help_text="The text that fixes what the level means."
    )
    hotkey = serializers.CharField(
        required=False, help_text="Default: 1 to 9 by position."
    )


class RubricScale(serializers.Serializer):
    """Binary, nominal, multiple and ordinal have levels; numeric has a range."""

    kind = serializers.ChoiceField(Kind.choices)
    levels = RubricLevel(many=True, required=False)
    min = serializers.FloatField(required=False)
    max = serializers.FloatField(required=False)
    step = serializers.FloatField(required=False)
    ratio = serializers.BooleanField(required=False)
    unit = serializers.CharField(required=False)
    strength = serializers.BooleanField(
        required=False, help_text="Preference only: slightly or much better."
    )


class RubricCondition(serializers.Serializer):
    """Asked only where an earlier criterion was answered by one of these values."""

    criterion = serializers.SlugField(
        help_text="The key of a binary, nominal, ordinal or multiple criterion that "
        "stands earlier; a comparison hangs on a comparison."
    )

    def get_fields(self) -> dict[str, serializers.Field]:
        # `is` is a word of Python's own.
        values = serializers.ListField(
            child=serializers.JSONField(), help_text='Values of its scale: true, 4, "a"'
        )
        return {**super().get_fields(), "is": values}


class RubricCriterion(serializers.Serializer):
    key = serializers.SlugField()
    question = serializers.CharField()
    help = serializers.CharField(required=False)
    target = serializers.ChoiceField(Target.choices, required=False)
    scale = RubricScale()
    required = serializers.BooleanField(  # type: ignore[assignment]  # As above.
        default=True
    )
    weight = serializers.FloatField(default=1.0)
    allow_not_applicable = serializers.BooleanField(default=False)
    allow_cannot_judge = serializers.BooleanField(default=False)
    rationale = serializers.CharField(
        default="optional", help_text="none, optional, required or below:V"
    )
    evidence = serializers.ChoiceField(
        EvidenceRule.choices,
        default=EvidenceRule.NONE,
        help_text="Whether words of an output are marked as evidence for the answer.",
    )
    when = RubricCondition(required=False, help_text="Left out: it is always asked.")


class NewRubric(serializers.Serializer):
    name = serializers.CharField(help_text="With `from` it may be left out.")
    criteria = RubricCriterion(many=True, help_text="With `from` left out.")
    publish = serializers.BooleanField(default=True)

    def get_fields(self) -> dict[str, serializers.Field]:
        # `from` is a word of Python's own.
        key = serializers.CharField(
            required=False, help_text="The key of a rubric of the library."
        )
        return {**super().get_fields(), "from": key}


class RubricFile(serializers.Serializer):
    name = serializers.CharField()
    criteria = RubricCriterion(many=True)


class LibraryRubricSummary(serializers.Serializer):
    key = serializers.CharField()
    title = serializers.CharField()
    purpose = serializers.CharField(help_text="When to use it.")
    layout = serializers.CharField(help_text="scoring or pairwise")
    questions = serializers.IntegerField()


class LibraryList(serializers.Serializer):
    results = LibraryRubricSummary(many=True)


class LibraryRubricRead(LibraryRubricSummary):
    criteria = RubricCriterion(many=True)
    demo = serializers.JSONField(
        help_text="An item to try it on: input, context, and the content of outputs."
    )


class NewRubricVersion(serializers.Serializer):
    criteria = RubricCriterion(many=True)
    publish = serializers.BooleanField(default=True)
    replace_draft = serializers.BooleanField(default=False)


class RubricVersionNamed(serializers.Serializer):
    version = serializers.IntegerField()
    version_id = serializers.CharField()
    published_at = serializers.DateTimeField(allow_null=True)


class RubricMade(RubricVersionNamed):
    id = serializers.CharField()
    name = serializers.CharField()


class RubricVersionRead(RubricMade):
    criteria = RubricCriterion(many=True)


class RubricRead(RubricVersionRead):
    versions = RubricVersionNamed(many=True)


class RubricChange(serializers.Serializer):
    criterion = serializers.CharField()
    kind = serializers.ChoiceField(["safe", "breaking"])
    what = serializers.CharField()


class RubricVersionMade(RubricVersionNamed):
    changes = RubricChange(many=True)


class RubricPage(serializers.Serializer):
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = RubricMade(many=True)


class RubricVersionPage(serializers.Serializer):
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = RubricVersionNamed(many=True)
