"""Addresses of exports: pages here, the API in api_urlpatterns."""

from django.urls import URLPattern, path

from exports import api, views

app_name = "exports"

urlpatterns: list[URLPattern] = [
    path("projects/<uuid:project_id>/releases/", views.release_list, name="list"),
    path("projects/<uuid:project_id>/releases/new/", views.release_new, name="new"),
    path("releases/<uuid:pk>/", views.release, name="release"),
    path("releases/<uuid:pk>/download/", views.download, name="download"),
]
api_urlpatterns: list[URLPattern] = [
    path(
        "projects/<uuid:project_id>/releases",
        api.ReleasesView.as_view(),
        name="releases",
    ),
    path("releases/<uuid:pk>", api.ReleaseView.as_view(), name="release"),
    path(
        "releases/<uuid:pk>/download",
        api.DownloadView.as_view(),
        name="release-download",
    ),
]
