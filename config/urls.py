"""Every address: each app's pages at the root, each app's API below /api/v1/."""

from importlib import import_module

from django.urls import URLPattern, URLResolver, include, path

APPS = ["accounts", "jobs", "rubrics", "annotation", "exports"]


def api_patterns() -> list[URLPattern | URLResolver]:
    return [
        pattern
        for app in APPS
        for pattern in import_module(f"{app}.urls").api_urlpatterns
    ]


urlpatterns = [
    path("", include("config.plumbing_urls")),
    path("", include("accounts.sign_in_urls")),
    *(path("", include(f"{app}.urls")) for app in APPS),
    path("api/v1/", include((api_patterns(), "api"))),
]

handler400 = "config.errors.bad_request"
handler403 = "config.errors.permission_denied"
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"
