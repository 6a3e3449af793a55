"""Agreement by API: measured now, or by a job where it takes long."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import Action, Principal
from annotation.access import batch_for
from annotation.agreement import (
    as_json,
    is_large,
    measure_batch,
    start_measuring,
)
from annotation.api import schema


class AgreementView(APIView):
    """How far the annotators of a batch agree, criterion by criterion."""

    @extend_schema(
        operation_id="batches_agreement",
        responses={
            200: schema.AgreementOut,
            202: schema.JobOut,
            **schema.problems(422),
        },
    )
    def get(self, request: Request, pk: UUID) -> Response:
        principal = Principal.of(request)
        batch = batch_for(principal, pk, Action.VIEW_PROGRESS)
        if "by" in request.query_params:
            words = "Breakdowns are not offered yet; leave `by` out."
            raise exceptions.ValidationError({"by": [words]})
        if is_large(batch):
            job = start_measuring(batch, principal.user)
            return Response({"job": str(job.pk)}, status=202)
        return Response(as_json(measure_batch(batch)))
