"""Addresses of jobs: pages here, the API in api_urlpatterns."""

from django.urls import URLPattern, path

from jobs import api, views

app_name = "jobs"

urlpatterns: list[URLPattern] = [
    path("jobs/<uuid:pk>/", views.job, name="job"),
]
api_urlpatterns: list[URLPattern] = [
    path("jobs/<uuid:pk>", api.JobView.as_view(), name="job"),
    path(
        "projects/<uuid:project_id>/jobs",
        api.ProjectJobsView.as_view(),
        name="project-jobs",
    ),
]
