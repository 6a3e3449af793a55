"""A running batch by API: leases released, units moved between people, withdrawn."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from accounts.permissions import Action, Principal
from annotation.access import batch_for, unit_for
from annotation.actions.holding import WrongState
from annotation.actions.reassigning import reassign, share_out
from annotation.actions.releasing import release_leases
from annotation.actions.withdrawing import restore_unit, withdraw_unit
from annotation.api import schema
from annotation.models import Batch, Unit
from annotation.running import free_slots, left_behind
from config.api import Conflict, Refused


def annotator_named(batch: Batch, email: str, field: str) -> User:
    """Who annotates or annotated in the batch; Refused names another."""
    members = batch.members.select_related("user")
    member = members.filter(user__email__iexact=email.strip()).first()
    if member is None:
        fault = {
            "field": field,
            "message": f"{email} is no annotator of this batch.",
        }
        raise Refused("Nothing was changed.", [fault])
    return member.user


def member_named(batch: Batch, email: str, field: str) -> User:
    """A member of the batch's project; Refused names another."""
    memberships = batch.project.memberships.current().select_related("user")
    membership = memberships.filter(user__email__iexact=email.strip()).first()
    if membership is None:
        fault = {
            "field": field,
            "message": f"{email} is not a member of this project.",
        }
        raise Refused("Nothing was changed.", [fault])
    return membership.user


class ReleaseView(APIView):
    """Leases given back at once: all of a batch's, or one annotator's."""

    @extend_schema(
        operation_id="batches_release",
        request=schema.ReleaseIn,
        responses={200: schema.ReleasedOut, **schema.problems(409, 422)},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        principal = Principal.of(request)
        batch = batch_for(principal, pk, Action.MANAGE_BATCHES)
        checked = schema.ReleaseIn(data=request.data)
        checked.is_valid(raise_exception=True)
        email = checked.validated_data.get("annotator")
        try:
            released = release_leases(
                batch=batch,
                by=principal.user,
                annotator=annotator_named(batch, email, "annotator") if email else None,
            )
        except WrongState as error:
            raise Conflict(str(error)) from None
        return Response({"released": released})


class ReassignView(APIView):
    """What people left behind; and units moved from one annotator to another."""

    @extend_schema(
        operation_id="batches_left_behind",
        responses={200: schema.LeftBehindOut, **schema.problems()},
    )
    def get(self, request: Request, pk: UUID) -> Response:
        batch = batch_for(Principal.of(request), pk, Action.MANAGE_BATCHES)
        people = [
            {"annotator": one.user.email, "units": one.units, "member": one.is_member}
            for one in left_behind(batch)
        ]
        return Response({"left_behind": people, "free": free_slots(batch)})

    @extend_schema(
        operation_id="batches_reassign",
        request=schema.ReassignIn,
        responses={200: schema.ReassignedOut, **schema.problems(409, 422)},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        principal = Principal.of(request)
        batch = batch_for(principal, pk, Action.MANAGE_BATCHES)
        checked = schema.ReassignIn(data=request.data)
        checked.is_valid(raise_exception=True)
        sent: dict[str, Any] = checked.validated_data
        to = sent["to"]
        try:
            done = reassign(
                batch=batch,
                from_=annotator_named(batch, sent["from"], "from"),
                to=member_named(batch, to, "to") if to else None,
                by=principal.user,
                leaves=sent["leaves"],
            )
        except WrongState as error:
            raise Conflict(str(error)) from None
        return Response({"moved": done.moved, "freed": done.freed, "left": done.left})


class ShareOutView(APIView):
    """Free slots set aside for annotators who are there."""

    @extend_schema(
        operation_id="batches_share_out",
        request=None,
        responses={200: schema.SharedOut, **schema.problems(409)},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        principal = Principal.of(request)
        batch = batch_for(principal, pk, Action.MANAGE_BATCHES)
        try:
            shared = share_out(batch=batch, by=principal.user)
        except WrongState as error:
            raise Conflict(str(error)) from None
        return Response({"shared": shared})


class WithdrawalView(APIView):
    """A unit taken out of its batch, and brought back."""

    @extend_schema(
        operation_id="units_withdraw",
        request=schema.WithdrawalIn,
        responses={200: schema.UnitStandingOut, **schema.problems(409, 422)},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        principal = Principal.of(request)
        unit = unit_for(principal, pk, Action.MANAGE_BATCHES)
        checked = schema.WithdrawalIn(data=request.data)
        checked.is_valid(raise_exception=True)
        try:
            withdrawn = withdraw_unit(
                unit=unit, by=principal.user, reason=checked.validated_data["reason"]
            )
        except WrongState as error:
            raise Conflict(str(error)) from None
        return Response(standing_json(withdrawn))

    @extend_schema(
        operation_id="units_restore",
        responses={200: schema.UnitStandingOut, **schema.problems(409)},
    )
    def delete(self, request: Request, pk: UUID) -> Response:
        principal = Principal.of(request)
        unit = unit_for(principal, pk, Action.MANAGE_BATCHES)
        try:
            restored = restore_unit(unit=unit, by=principal.user)
        except WrongState as error:
            raise Conflict(str(error)) from None
        return Response(standing_json(restored))


def standing_json(unit: Unit) -> dict[str, Any]:
    return {
        "id": str(unit.pk),
        "required": unit.required,
        "taken": unit.taken,
        "withdrawn_at": unit.withdrawn_at and unit.withdrawn_at.isoformat(),
    }
