"""Identity leaks by API: listed, masked, kept."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import Action, Principal
from annotation.access import dataset_for
from annotation.actions.leaks import decide_leaks
from annotation.api import schema
from annotation.models import IdentityLeak
from annotation.models.leak import LeakState
from config.api import Choice, Cursor

MOST_OUTPUTS = 10_000


class DecisionIn(schema.Strict):
    state = Choice([(state.value, state.value) for state in LeakState])
    term = serializers.CharField(max_length=100, required=False)
    outputs = serializers.ListField(
        child=serializers.CharField(max_length=250),
        min_length=1,
        max_length=MOST_OUTPUTS,
        required=False,
        help_text="External ids; every revision of them.",
    )
    all = serializers.BooleanField(
        default=False, help_text="Every name in the dataset."
    )

    def validate(self, sent: dict[str, Any]) -> dict[str, Any]:
        narrowed = "term" in sent or "outputs" in sent
        if narrowed == sent["all"]:
            raise serializers.ValidationError(
                {"term": ["Send a term, outputs, both, or all: true alone."]}
            )
        return sent


DecisionOut = inline_serializer(
    "LeakDecision",
    {
        "changed": serializers.IntegerField(),
        **{state.value: serializers.IntegerField() for state in LeakState},
    },
)


class LeaksView(APIView):
    """Names of models, vendors and systems in the outputs of a dataset."""

    @extend_schema(
        operation_id="leaks_list",
        parameters=[
            OpenApiParameter("state", str, enum=LeakState.values),
            OpenApiParameter("term", str),
        ],
        responses={200: schema.Rows, **schema.problems(422)},
    )
    def get(self, request: Request, pk: UUID) -> Response:
        dataset = dataset_for(Principal.of(request), pk, Action.VIEW_DATA)
        rows = IdentityLeak.objects.filter(dataset=dataset)
        if state := request.query_params.get("state"):
            if state not in LeakState.values:
                raise exceptions.ValidationError(
                    {"state": [f"Send one of {', '.join(LeakState.values)}."]}
                )
            rows = rows.filter(state=state)
        if term := request.query_params.get("term"):
            rows = rows.filter(term=term)
        pages = Cursor()
        page = pages.paginate_queryset(
            rows.select_related("output__item", "decided_by"), request, view=self
        )
        return pages.get_paginated_response([leak_json(leak) for leak in page or []])


def leak_json(leak: IdentityLeak) -> dict[str, Any]:
    return {
        "item": leak.output.item.external_id,
        "output": leak.output.external_id,
        "revision": leak.output.revision,
        "term": leak.term,
        "count": leak.count,
        "excerpt": leak.excerpt,
        "state": leak.state,
        "decided_at": leak.decided_at and leak.decided_at.isoformat(),
        "decided_by": leak.decided_by and leak.decided_by.email,
    }


class LeakDecisionView(APIView):
    """What is done about names: by term, by output, or all at once."""

    @extend_schema(
        operation_id="leaks_decide",
        request=DecisionIn,
        responses={200: DecisionOut, **schema.problems(422)},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        principal = Principal.of(request)
        dataset = dataset_for(principal, pk, Action.IMPORT_DATA)
        checked = DecisionIn(data=request.data)
        checked.is_valid(raise_exception=True)
        sent = checked.validated_data
        rows = IdentityLeak.objects.filter(dataset=dataset)
        if "term" in sent:
            rows = rows.filter(term=sent["term"])
        if "outputs" in sent:
            rows = rows.filter(output__external_id__in=sent["outputs"])
        changed = decide_leaks(
            dataset=dataset,
            leaks=rows,
            state=sent["state"],
            by=principal.user,
            term=sent.get("term", ""),
        )
        counts = {
            state.value: IdentityLeak.objects.filter(
                dataset=dataset, state=state
            ).count()
            for state in LeakState
        }
        return Response({"changed": changed, **counts})
