"""Units by API: where annotators differ, most first."""

from __future__ import annotations

import re
from typing import Any

from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.models import Batch
from annotation.units import UNIT_STATES, ranked_by_disagreement, spread_rows, units_in
from config.api import Cursor

PAGE = 100
CURSOR = re.compile("[0-9]{1,12}")


def list_units(view: APIView, request: Request, batch: Batch) -> Response:
    """A page of units with the spread of their answers, perhaps most apart first."""
    state = request.query_params.get("state", "")
    order = request.query_params.get("order", "")
    if state not in ("", *UNIT_STATES):
        words = f"Send one of {', '.join(UNIT_STATES)}."
        raise exceptions.ValidationError({"state": [words]})
    if order not in ("", "disagreement"):
        raise exceptions.ValidationError({"order": ["Send disagreement, or nothing."]})
    units = units_in(batch, state)
    if order == "disagreement":
        return by_disagreement(request, batch, units)
    pages = Cursor()
    page = pages.paginate_queryset(units, request, view=view) or []
    return pages.get_paginated_response(spread_rows(batch, [u.pk for u in page]))


def by_disagreement(request: Request, batch: Batch, units: Any) -> Response:
    """Pages of a computed ranking: the cursor is how many stood before."""
    sent = request.query_params.get("cursor", "0")
    if not CURSOR.fullmatch(sent):
        raise exceptions.ValidationError({"cursor": ["Send the cursor of `next`."]})
    start = int(sent)
    ranked = ranked_by_disagreement(batch, units)
    page = ranked[start : start + PAGE]
    more = start + PAGE < len(ranked)
    url = request.build_absolute_uri(request.path)
    state = request.query_params.get("state", "")
    query = f"?order=disagreement&cursor={start + PAGE}" + (
        f"&state={state}" if state else ""
    )
    return Response(
        {
            "next": url + query if more else None,
            "previous": None,
            "results": spread_rows(batch, page),
        }
    )
