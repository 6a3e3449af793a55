"""Who gets what on the addresses of jobs."""

from typing import Any

from tests.access import Row


def adas(world: Any) -> dict[str, Any]:
    return {"pk": world.adas_job.pk}


def bens(world: Any) -> dict[str, Any]:
    return {"pk": world.bens_job.pk}


def project(world: Any) -> dict[str, Any]:
    return {"project_id": world.project.pk}


ROWS = [
    Row("GET", "jobs:job", "302 404 200 200 403 403 403", adas),
    Row("GET", "jobs:job", "302 404 200 200 403 200 403", bens),
    Row("GET", "api:job", "401 404 200 200 403 403 403", adas),
    Row("GET", "api:job", "401 404 200 200 403 200 403", bens),
    Row("GET", "api:project-jobs", "401 404 200 200 200 200 200", project),
]
