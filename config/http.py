"""Web plumbing that knows no domain; every app may import it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django_htmx.middleware import HtmxDetails


class HtmxRequest(HttpRequest):
    htmx: HtmxDetails


def wants_fragment(request: HtmxRequest) -> bool:
    """True when htmx will swap the response into a page already open."""
    return bool(request.htmx) and not (
        request.htmx.boosted or request.htmx.history_restore_request
    )


def render_screen(
    request: HtmxRequest, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """Render a screen: a whole page, or only its content when htmx asks.

    A screen's template says {% extends base_template %}; this picks the base.
    """
    base = "base_fragment.html" if wants_fragment(request) else "base.html"
    response = render(
        request, template, {"base_template": base, **context}, status=status
    )
    patch_vary_headers(response, ["HX-Request"])
    return response
