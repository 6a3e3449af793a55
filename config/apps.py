"""The plumbing as an app, so that its commands and checks are found."""

from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig


class ConfigConfig(AppConfig):
    name = "config"


class StaticFiles(StaticFilesConfig):
    """Leaves out what packages bring along for pages that we do not have."""

    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        "redoc",
        "rest_framework",
    ]
