"""The Celery application: the same tasks on the embedded broker and on Redis."""

from __future__ import annotations

import os
import warnings
from typing import Any

from celery import Celery, bootsteps
from celery.signals import setup_logging
from click import Option

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# It warns of root because of pickle; we send and accept JSON only.
warnings.filterwarnings("ignore", message=".*superuser privileges")

app = Celery("touchstone")
app.set_default()  # For every thread: gunicorn's did not import this module.
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def leave_logging_to_django(**_: Any) -> None:
    """With a receiver here Celery keeps its hands off LOGGING."""


class BeatThread(bootsteps.StartStopStep):
    """`worker --beat-thread`: keeps the time in a thread; `-B` would fork a process."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, parent: Any, beat_thread: bool = False, **options: Any) -> None:
        super().__init__(parent, **options)
        self.enabled = beat_thread

    def create(self, parent: Any) -> Any:
        from celery.beat import EmbeddedService

        scheduler = parent.app.conf.beat_scheduler
        return EmbeddedService(parent.app, thread=True, scheduler_cls=scheduler)


app.user_options["worker"].add(
    Option(["--beat-thread"], is_flag=True, help="Keep the time in a thread.")
)
app.steps["worker"].add(BeatThread)
