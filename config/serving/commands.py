"""The command line of each process; docker-compose.yml runs the same."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from django.conf import settings

PYTHON = [sys.executable, "-m"]
CELERY = [*PYTHON, "celery", "--quiet", "--app", "config"]


def web(bind: str) -> list[str]:
    gunicorn = [*PYTHON, "gunicorn", "config.wsgi"]
    gunicorn += ["--config", str(Path(__file__).with_name("gunicorn.py"))]
    gunicorn += ["--bind", bind]
    if "WEB_CONCURRENCY" in os.environ:  # Read by gunicorn itself.
        return gunicorn
    # SQLite has one writer at a time: more processes would wait for each other.
    sqlite = settings.DATABASES["default"]["ENGINE"].endswith("sqlite")
    return [*gunicorn, "--workers", "1" if sqlite else "2"]


def embedded_worker() -> list[str]:
    """Two threads and the beat in one process, without chatter between workers."""
    return [
        *(*CELERY, "worker", "--pool", "threads", "--concurrency", "2"),
        *("--beat-thread", "--without-gossip", "--without-mingle"),
        "--without-heartbeat",
    ]


def worker() -> list[str]:
    return [*CELERY, "worker", "--concurrency", "2", "--without-gossip"]


def beat() -> list[str]:
    return [*CELERY, "beat", "--pidfile="]
