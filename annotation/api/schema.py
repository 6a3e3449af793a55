"""Shapes of annotation's API: they check what is sent and describe what is answered."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiResponse,
    extend_schema_field,
    inline_serializer,
)
from rest_framework import serializers

from annotation.models.batch import Layout, Priority, Stage, Strategy
from annotation.models.flag import FlagKind
from annotation.selecting import Only
from config.api import Choice

ANY = serializers.JSONField
EMAIL = 254  # characters: no address is longer, and SQLite compares none that is


class Problem(serializers.Serializer[Any]):
    """RFC 9457 problem details."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = serializers.ListField(child=ANY(), required=False)  # type: ignore[assignment]


def problems(*codes: int) -> dict[int, Any]:
    """The error answers of an endpoint, for its documentation."""
    return {
        code: OpenApiResponse(Problem) for code in (400, 401, 403, 404, 429, *codes)
    }


class Strict(serializers.Serializer[Any]):
    """Refuses fields that it does not know: a misspelt option is not silently lost."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            known = ", ".join(self.fields)
            unknown = data.keys() - self.fields.keys()
            if unknown:
                raise serializers.ValidationError(
                    {name: [f"No such field; there are {known}."] for name in unknown}
                )
        return super().to_internal_value(data)


class DatasetIn(Strict):
    name = serializers.CharField(max_length=200)


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string", "enum": ["all", "random", "chain"]},
            {"type": "array", "items": {"type": "array", "items": {"type": "string"}}},
        ]
    }
)
class Pairs(serializers.Field[Any, Any, Any, Any]):
    """ "all", "random", "chain", or a list of [output, output]."""

    def to_internal_value(self, data: Any) -> Any:
        if data in ("all", "random", "chain"):
            return data
        if (
            isinstance(data, list)
            and data
            and all(
                isinstance(pair, list)
                and len(pair) == 2
                and all(isinstance(name, str) for name in pair)
                for pair in data
            )
        ):
            return data
        raise serializers.ValidationError(
            'Send "all", "random", "chain", or a list of [output, output].'
        )

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field(OpenApiTypes.OBJECT)
class Segments(serializers.Field[Any, Any, Any, Any]):
    """{name: value} or {name: [values]}."""

    def to_internal_value(self, data: Any) -> dict[str, list[str]]:
        if not isinstance(data, dict):
            raise serializers.ValidationError("Send {name: value} or {name: [values]}.")
        found = {}
        for name, values in data.items():
            listed = values if isinstance(values, list) else [values]
            if not listed or not all(isinstance(value, (str, int)) for value in listed):
                raise serializers.ValidationError({name: ["Name at least one value."]})
            found[name] = [str(value) for value in listed]
        return found

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field(OpenApiTypes.OBJECT)
class Metadata(serializers.Field[Any, Any, Any, Any]):
    """{key: value} or {key: [values]}, compared as JSON: 1, "1" and true differ."""

    def to_internal_value(self, data: Any) -> dict[str, list[Any]]:
        if not isinstance(data, dict):
            raise serializers.ValidationError("Send {key: value} or {key: [values]}.")
        found = {}
        for key, values in data.items():
            found[key] = values if isinstance(values, list) else [values]
            if not found[key]:
                raise serializers.ValidationError({key: ["Name at least one value."]})
        return found

    def to_representation(self, value: Any) -> Any:
        return value


class SureIn(Strict):
    segments = Segments(default=dict)
    metadata = Metadata(default=dict)


class AssignedIn(Strict):
    item = serializers.CharField(
        required=False, help_text="All units of this item, instead of `outputs`."
    )
    outputs = serializers.ListField(
        child=serializers.CharField(), min_length=1, required=False
    )
    annotators = serializers.ListField(child=serializers.CharField(), min_length=1)

    def validate(self, sent: dict[str, Any]) -> dict[str, Any]:
        if ("item" in sent) == ("outputs" in sent):
            raise serializers.ValidationError(
                {"outputs": ["Send either item or outputs."]}
            )
        return sent


class SelectionIn(Strict):
    pairs = Pairs(default="all")
    systems = serializers.ListField(
        child=serializers.CharField(), default=list, allow_empty=True
    )
    segments = Segments(default=dict)
    metadata = Metadata(
        default=dict,
        help_text="{key: value} or {key: [values]} of an output or its item.",
    )
    items = serializers.ListField(
        child=serializers.CharField(),
        default=list,
        help_text="Only these items, by external id.",
    )
    listed = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField(), min_length=1),
        default=list,
        help_text="Exactly these units: lists of outputs by external id.",
    )
    only = Choice(
        [("", ""), *Only.choices],
        default="",
        help_text="never_judged: with no version of the rubric; stale: only with "
        "versions that differ from the chosen one by a breaking change.",
    )
    sample = serializers.IntegerField(min_value=1, allow_null=True, default=None)
    sure = SureIn(
        allow_null=True,
        default=None,
        help_text="Taken for sure, all failures say, with `rest_share` of the others.",
    )
    rest_share = serializers.FloatField(
        min_value=0, max_value=1, allow_null=True, default=None
    )
    assigned = AssignedIn(
        many=True,
        default=list,
        help_text="With the strategy named: exactly these units, for these people.",
    )


class KnownAnswersIn(Strict):
    """What is right about a training item's own outputs."""

    answers = ANY()
    explanations = ANY(default=dict)


class TrainingItemIn(Strict):
    output = serializers.CharField(required=False)
    outputs = serializers.ListField(
        child=serializers.CharField(), min_length=1, required=False
    )
    answers = ANY(
        help_text="What is right, in the shape of a judgment; A and B are places in "
        "`outputs`. Not every criterion needs one."
    )
    explanations = ANY(
        default=dict,
        help_text="Why, shown after the answer: {criterion: text} or by side.",
    )

    def validate(self, sent: dict[str, Any]) -> dict[str, Any]:
        if ("output" in sent) == ("outputs" in sent):
            raise serializers.ValidationError(
                {"outputs": ["Send either output or outputs."]}
            )
        return sent


class TrainingIn(Strict):
    pass_mark = serializers.FloatField(min_value=0, max_value=1, required=False)
    attempts = serializers.IntegerField(min_value=1, max_value=20, required=False)
    units = TrainingItemIn(many=True, default=list)


@extend_schema_field(
    {
        "oneOf": [
            {"type": "integer", "minimum": 1},
            {"type": "array", "items": {"type": "array", "items": {"type": "string"}}},
        ]
    }
)
class RoundUnits(serializers.Field[Any, Any, Any, Any]):
    """A number of units to draw, or lists of outputs by external id."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, int) and not isinstance(data, bool) and data >= 1:
            return data
        if (
            isinstance(data, list)
            and data
            and all(
                isinstance(one, list)
                and one
                and all(isinstance(name, str) for name in one)
                for one in data
            )
        ):
            return data
        raise serializers.ValidationError(
            "Send how many units to draw, or a list of [output, …]."
        )

    def to_representation(self, value: Any) -> Any:
        return value


class CalibrationIn(Strict):
    units = RoundUnits()
    wait = serializers.BooleanField(default=True)


class StageIn(Strict):
    stage = Choice(Stage.choices)


class AdmissionIn(Strict):
    annotator = serializers.CharField(max_length=EMAIL)


class BatchIn(SelectionIn):
    name = serializers.CharField(max_length=200)
    dataset = serializers.UUIDField()
    rubric_version = serializers.UUIDField()
    layout = Choice(Layout.choices)
    overlap = serializers.IntegerField(
        min_value=1,
        max_value=1_000,
        required=False,
        help_text="Required, unless the strategy is named.",
    )
    overlap_share = serializers.FloatField(
        min_value=0,
        max_value=1,
        default=1.0,
        help_text="The share of the units that `overlap` annotators judge; the rest "
        "is judged by one.",
    )
    annotators = serializers.ListField(
        child=serializers.CharField(),
        min_length=1,
        required=False,
        help_text="Required, unless the strategy is named: then those named are in.",
    )
    strategy = Choice(Strategy.choices, default=Strategy.POOL)
    skill_segment = serializers.CharField(
        allow_blank=True,
        default="",
        max_length=100,
        help_text="With the strategy skill: the segment whose values are the skills.",
    )
    daily_cap = serializers.IntegerField(
        min_value=1, max_value=2**31 - 1, allow_null=True, default=None
    )
    priority = Choice(Priority.choices, default=Priority.NORMAL.value)
    per_annotator_cap = serializers.IntegerField(
        min_value=1, max_value=2**31 - 1, allow_null=True, default=None
    )
    # The contract names both; until they are offered, only "none" is true.
    probes_percent = serializers.FloatField(default=0, min_value=0, max_value=0)
    repeats_percent = serializers.FloatField(default=0, min_value=0, max_value=0)
    lease_minutes = serializers.FloatField(min_value=0.01, max_value=10_080, default=30)
    due_at = serializers.DateTimeField(allow_null=True, default=None)
    seed = serializers.IntegerField(default=0, min_value=-(2**63), max_value=2**63 - 1)
    guidelines = serializers.CharField(allow_blank=True, default="", max_length=100_000)
    training = TrainingIn(allow_null=True, default=None)
    calibration = CalibrationIn(allow_null=True, default=None)

    def validate_overlap_share(self, share: float) -> float:
        if share == 0:
            raise serializers.ValidationError("A share is more than 0, and 1 at most.")
        return share

    def validate(self, sent: dict[str, Any]) -> dict[str, Any]:
        if sent["strategy"] != Strategy.NAMED:
            missing = [name for name in ("overlap", "annotators") if name not in sent]
            if missing:
                raise serializers.ValidationError(
                    {name: ["This field is required."] for name in missing}
                )
        return sent


class BatchChange(Strict):
    name = serializers.CharField(max_length=200, required=False)
    annotators = serializers.ListField(
        child=serializers.CharField(), min_length=1, required=False
    )
    overlap = serializers.IntegerField(min_value=1, max_value=1_000, required=False)
    overlap_share = serializers.FloatField(
        min_value=0.0001,
        max_value=1,
        required=False,
        help_text="Of the units, judged by `overlap`; the rest by one.",
    )
    priority = Choice(Priority.choices, required=False)
    per_annotator_cap = serializers.IntegerField(
        min_value=1, max_value=2**31 - 1, allow_null=True, required=False
    )
    daily_cap = serializers.IntegerField(
        min_value=1,
        max_value=2**31 - 1,
        allow_null=True,
        required=False,
        help_text="The most that one may judge in a day (UTC).",
    )
    due_at = serializers.DateTimeField(allow_null=True, required=False)
    lease_minutes = serializers.FloatField(
        min_value=0.01, max_value=10_080, required=False
    )
    guidelines = serializers.CharField(
        allow_blank=True, required=False, max_length=100_000
    )
    training = TrainingIn(
        required=False, help_text="While the batch is a draft: adds its units."
    )


class ReleaseIn(Strict):
    annotator = serializers.CharField(
        required=False,
        max_length=EMAIL,
        help_text="Whose leases; without it, everybody's.",
    )


class ReassignIn(Strict):
    to = serializers.CharField(
        allow_null=True,
        default=None,
        max_length=EMAIL,
        help_text="Without it, all is given back.",
    )
    leaves = serializers.BooleanField(
        default=False, help_text="`from` is no annotator of the batch any more."
    )

    def get_fields(self) -> dict[str, Any]:
        return {
            "from": serializers.CharField(max_length=EMAIL),
            **super().get_fields(),
        }


class WithdrawalIn(Strict):
    reason = serializers.CharField(max_length=500)


class JudgmentIn(Strict):
    answers = ANY()
    rationales = ANY(required=False, default=dict)
    spans = ANY(
        default=dict,
        help_text="Words marked as evidence: {criterion: {side: [{start, end}]}}, code "
        "points in the output's text.",
    )
    note = serializers.CharField(allow_blank=True, default="", max_length=20_000)
    elapsed_ms = serializers.IntegerField(
        min_value=0, max_value=2**31 - 1, allow_null=True, default=None
    )
    supersedes = serializers.UUIDField(allow_null=True, default=None)


class DraftIn(Strict):
    answers = ANY(default=dict)
    rationales = ANY(default=dict)
    spans = ANY(default=dict)
    note = serializers.CharField(allow_blank=True, default="", max_length=20_000)
    version = serializers.IntegerField(min_value=0)


class SkipIn(Strict):
    reason = serializers.CharField(max_length=500)
    later = serializers.BooleanField(default=False)


class FlagIn(Strict):
    kind = Choice(FlagKind.choices)
    text = serializers.CharField(allow_blank=True, default="", max_length=20_000)

    def validate(self, sent: dict[str, Any]) -> dict[str, Any]:
        if sent["kind"] == FlagKind.OTHER and not sent["text"]:
            raise serializers.ValidationError(
                {"text": ["Say in a few words what it is."]}
            )
        return sent


class FollowedAnswerIn(Strict):
    """Without words it is closed; `then` says what becomes of the unit."""

    answer = serializers.CharField(max_length=20_000, allow_blank=True, default="")
    then = Choice(
        choices=[("", ""), ("give_back", ""), ("withdraw", "")],
        default="",
        allow_blank=True,
    )


class ReturnIn(Strict):
    text = serializers.CharField(max_length=20_000)


class ImportCountsOut(serializers.Serializer[Any]):
    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    rejected = serializers.IntegerField()
    errors = serializers.ListField(child=ANY())  # type: ignore[assignment]


class OutputCountsOut(ImportCountsOut):
    leaks = serializers.IntegerField(
        help_text="How many outputs name a model, a vendor or a system."
    )


ReturnOut = inline_serializer(
    "Return",
    {
        "id": serializers.CharField(),
        "assignment": serializers.CharField(),
        "text": serializers.CharField(),
        "at": serializers.DateTimeField(),
        "state": serializers.ChoiceField(["waiting", "settled"]),
        "reply": serializers.CharField(),
        "settled_at": serializers.DateTimeField(allow_null=True),
    },
)
ReleasedOut = inline_serializer("Released", {"released": serializers.IntegerField()})
ReassignedOut = inline_serializer(
    "Reassigned",
    {
        "moved": serializers.IntegerField(),
        "freed": serializers.IntegerField(),
        "left": serializers.IntegerField(
            help_text="Waiting for the manager, where units are named for people."
        ),
    },
)
LeftBehindOut = inline_serializer(
    "LeftBehind",
    {
        "left_behind": serializers.ListField(child=ANY()),
        "free": serializers.IntegerField(),
    },
)
SharedOut = inline_serializer("SharedOut", {"shared": serializers.IntegerField()})
UnitStandingOut = inline_serializer(
    "UnitStanding",
    {
        "id": serializers.CharField(),
        "required": serializers.IntegerField(),
        "taken": serializers.IntegerField(),
        "withdrawn_at": serializers.DateTimeField(allow_null=True),
    },
)
JobOut = inline_serializer("JobStarted", {"job": serializers.CharField()})
StateOut = inline_serializer("BatchState", {"state": serializers.CharField()})
DatasetOut = inline_serializer(
    "Dataset",
    {
        "id": serializers.CharField(),
        "name": serializers.CharField(),
        "items": serializers.IntegerField(),
        "outputs": serializers.IntegerField(),
    },
)
BatchMade = inline_serializer(
    "BatchMade",
    {
        "id": serializers.CharField(),
        "units": serializers.IntegerField(),
        "job": serializers.CharField(required=False),
    },
)
CostOut = inline_serializer(
    "BatchCost",
    {
        "units": serializers.IntegerField(),
        "judgments": serializers.IntegerField(),
        "overlapping": serializers.IntegerField(),
        "before_work": serializers.IntegerField(
            help_text="Judgments of training and calibration, besides."
        ),
        "hours": serializers.FloatField(),
        "annotators": serializers.ListField(child=ANY()),
        "seconds_per_unit": serializers.FloatField(),
        "based_on": serializers.CharField(
            help_text="rubric, layout or project, or assumed where nobody has judged."
        ),
        "working_days": serializers.IntegerField(allow_null=True),
        "hours_a_day": serializers.FloatField(allow_null=True),
        "days_of_daily_cap": serializers.IntegerField(allow_null=True),
        "warnings": serializers.ListField(child=ANY()),
    },
)
BatchOut = inline_serializer(
    "Batch",
    {
        "id": serializers.CharField(),
        "name": serializers.CharField(),
        "state": serializers.CharField(),
        "dataset": serializers.CharField(),
        "rubric_version": serializers.CharField(),
        "layout": serializers.CharField(),
        "overlap": serializers.IntegerField(),
        "units": serializers.IntegerField(),
        "progress": ANY(),
        "training": ANY(),
        "calibration": ANY(),
    },
)
TrainingOut = inline_serializer(
    "TrainingStanding",
    {
        "state": serializers.CharField(
            help_text="under_way, failed, waiting (for a manager) or passed."
        ),
        "answered": serializers.IntegerField(),
        "units": serializers.IntegerField(),
        "pass_mark": serializers.FloatField(),
        "attempts_left": serializers.IntegerField(),
        "attempts": serializers.ListField(child=ANY()),
    },
)
CalibrationOut = inline_serializer(
    "CalibrationRound",
    {
        "stage": serializers.CharField(),
        "wait": serializers.BooleanField(),
        "units": serializers.IntegerField(),
        "annotators": serializers.ListField(child=ANY()),
    },
)
AssignmentOut = inline_serializer(
    "Assignment",
    {
        "id": serializers.CharField(),
        "state": serializers.CharField(),
        "lease_expires_at": serializers.DateTimeField(allow_null=True),
        "item": ANY(),
        "outputs": serializers.ListField(child=ANY()),
        "rubric": ANY(),
        "draft": ANY(),
        "draft_version": serializers.IntegerField(),
        "judgment": ANY(required=False),
    },
)
JudgmentOut = inline_serializer(
    "Judgment",
    {
        "id": serializers.CharField(),
        "assignment": serializers.CharField(),
        "number": serializers.IntegerField(),
        "stored": serializers.CharField(),
        "submitted_at": serializers.DateTimeField(),
    },
)
FlagOut = inline_serializer(
    "Flag",
    {
        "id": serializers.CharField(),
        "assignment": serializers.CharField(),
        "kind": serializers.CharField(),
        "text": serializers.CharField(),
        "at": serializers.DateTimeField(),
        "state": serializers.CharField(),
        "answer": serializers.CharField(),
        "answered_at": serializers.DateTimeField(allow_null=True),
        "unit": serializers.CharField(required=False),
        "item": serializers.CharField(required=False),
        "annotator": serializers.CharField(required=False),
    },
)
AgreementOut = inline_serializer(
    "Agreement",
    {
        "criteria": serializers.ListField(child=ANY()),
        "computed_at": serializers.DateTimeField(),
    },
)
Rows = OpenApiTypes.OBJECT
