"""Addresses of rubrics: pages here, the API in api_urlpatterns."""

from django.urls import URLPattern, path

from rubrics.api import rubrics as rubrics_api
from rubrics.api import versions as versions_api
from rubrics.views import editor, rubrics, version

app_name = "rubrics"

urlpatterns: list[URLPattern] = [
    path("projects/<uuid:project_id>/rubrics/", rubrics.rubric_list, name="list"),
    path("projects/<uuid:project_id>/rubrics/new/", editor.new_rubric, name="new"),
    path("rubrics/<uuid:pk>/deletion/", rubrics.deletion, name="deletion"),
    path("rubrics/versions/<uuid:pk>/", version.version, name="version"),
    path("rubrics/versions/<uuid:pk>/edit/", editor.edit_version, name="edit"),
    path(
        "rubrics/versions/<uuid:pk>/publication/",
        version.publication,
        name="publication",
    ),
    path(
        "rubrics/versions/<uuid:pk>/deletion/",
        version.draft_deletion,
        name="draft-deletion",
    ),
]
api_urlpatterns: list[URLPattern] = [
    path(
        "projects/<uuid:project_id>/rubrics",
        rubrics_api.RubricsView.as_view(),
        name="rubrics",
    ),
    path("rubrics/<uuid:pk>", rubrics_api.RubricView.as_view(), name="rubric"),
    path(
        "rubrics/<uuid:pk>/versions",
        versions_api.RubricVersionsView.as_view(),
        name="rubric-versions",
    ),
    path(
        "rubric-versions/<uuid:pk>",
        versions_api.RubricVersionView.as_view(),
        name="rubric-version",
    ),
    path(
        "rubric-versions/<uuid:pk>/publication",
        versions_api.RubricVersionPublicationView.as_view(),
        name="rubric-version-publication",
    ),
]
