"""The pages for what went wrong, and their problem details for the API."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

PROBLEM = "application/problem+json"


def problem(status: int, title: str, detail: str, **more: Any) -> HttpResponse:
    """RFC 9457 problem details as a plain Django response."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
    }
    body |= {"errors": [], **more}
    return HttpResponse(json.dumps(body), status=status, content_type=PROBLEM)


def is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_api(request):
        return problem(400, "Bad request", "The request could not be read.")
    return render(request, "400.html", status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_api(request):
        return problem(403, "Forbidden", "You may not do this here.")
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_api(request):
        return problem(404, "Not found", "There is nothing here for you.")
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    if is_api(request):
        return problem(
            500, "Server error", "Something failed here; nothing was half done. Retry."
        )
    return render(request, "500.html", status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403_csrf.html", status=403)
