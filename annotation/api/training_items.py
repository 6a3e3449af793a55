"""One item of a draft's training over the API: other answers for it, or out with it."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import Action, Principal
from annotation.access import stage_unit_for
from annotation.actions.holding import WrongState
from annotation.actions.training import TrainingItem, change_item, drop_item
from annotation.api import schema
from annotation.models import Unit
from annotation.models.unit import UnitKind
from config.api import Conflict


class TrainingItemView(APIView):
    """PUT says anew what is right about it; DELETE takes it out of the training.

    Items are added by PATCH of the batch.
    """

    @extend_schema(
        operation_id="training_items_replace",
        request=schema.KnownAnswersIn,
        responses={204: None, **schema.problems(409, 422)},
    )
    def put(self, request: Request, pk: UUID) -> Response:
        principal = Principal.of(request)
        unit = training_unit(principal, pk)
        checked = schema.KnownAnswersIn(data=request.data)
        checked.is_valid(raise_exception=True)
        shown = unit.unit_outputs.order_by("position").select_related("output")
        item = TrainingItem(
            outputs=[row.output.external_id for row in shown],
            **checked.validated_data,
        )
        try:
            change_item(batch=unit.batch, unit=unit, item=item, by=principal.user)
        except WrongState as error:
            raise Conflict(str(error)) from None
        return Response(status=204)

    @extend_schema(
        operation_id="training_items_drop",
        responses={204: None, **schema.problems(409)},
    )
    def delete(self, request: Request, pk: UUID) -> Response:
        principal = Principal.of(request)
        unit = training_unit(principal, pk)
        try:
            drop_item(batch=unit.batch, unit=unit, by=principal.user)
        except WrongState as error:
            raise Conflict(str(error)) from None
        return Response(status=204)


def training_unit(principal: Principal, pk: UUID) -> Unit:
    return stage_unit_for(principal, pk, UnitKind.TRAINING, Action.MANAGE_BATCHES)
