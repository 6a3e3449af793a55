"""In which language a request is answered."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from config.errors import is_api
from config.languages import SOURCE

Handler = Callable[[HttpRequest], HttpResponse]


class LanguageMiddleware:
    """A person's own setting goes before what their browser asks for.

    Stands after Django's LocaleMiddleware, which reads the cookie of the chooser on the
    sign-in page, then Accept-Language. The API answers in one language: its clients
    are programs.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = language_for(request)
        if language is None:
            return self.get_response(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", language)
            return response


def language_for(request: HttpRequest) -> str | None:
    """The language that this request names by itself; None: what the browser asks."""
    if is_api(request):
        return SOURCE
    chosen = request.user.language if request.user.is_authenticated else ""
    # A language may have been taken away since it was chosen.
    return chosen if chosen in dict(settings.LANGUAGES) else None
