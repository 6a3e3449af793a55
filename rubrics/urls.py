"""Addresses of rubrics: pages here, the API in api_urlpatterns."""

from django.urls import URLPattern, path

from rubrics.api import library as library_api
from rubrics.api import rubrics as rubrics_api
from rubrics.api import versions as versions_api
from rubrics.views import editor, files, library, rubrics, version

app_name = "rubrics"

urlpatterns: list[URLPattern] = [
    path("projects/<uuid:project_id>/rubrics/", rubrics.rubric_list, name="list"),
    path("projects/<uuid:project_id>/rubrics/new/", editor.new_rubric, name="new"),
    path("projects/<uuid:project_id>/rubrics/import/", files.import_new, name="import"),
    path("projects/<uuid:project_id>/rubrics/library/", library.shelf, name="library"),
    path(
        "projects/<uuid:project_id>/rubrics/library/<slug:key>/",
        library.book,
        name="library-rubric",
    ),
    path(
        "projects/<uuid:project_id>/rubrics/library/<slug:key>/use/",
        library.use,
        name="library-use",
    ),
    path("rubrics/<uuid:pk>/import/", files.import_over, name="import-over"),
    path("rubrics/<uuid:pk>/deletion/", rubrics.deletion, name="deletion"),
    path("rubrics/versions/<uuid:pk>/", version.version, name="version"),
    path(
        "rubrics/versions/<uuid:pk>.yaml",
        files.download,
        {"form": "yaml"},
        name="yaml",
    ),
    path(
        "rubrics/versions/<uuid:pk>.json",
        files.download,
        {"form": "json"},
        name="json",
    ),
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
        "rubric-versions/<uuid:pk>.yaml",
        versions_api.RubricVersionYAMLView.as_view(),
        name="rubric-version-yaml",
    ),
    path(
        "rubric-versions/<uuid:pk>.json",
        versions_api.RubricVersionJSONView.as_view(),
        name="rubric-version-json",
    ),
    path("rubric-library", library_api.LibraryView.as_view(), name="rubric-library"),
    path(
        "rubric-library/<slug:key>",
        library_api.LibraryRubricView.as_view(),
        name="rubric-library-rubric",
    ),
    path(
        "rubric-versions/<uuid:pk>/publication",
        versions_api.RubricVersionPublicationView.as_view(),
        name="rubric-version-publication",
    ),
]
