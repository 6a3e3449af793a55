"""How gunicorn serves, embedded and in production: `--config` names this file.

Gunicorn reads WEB_CONCURRENCY by itself as the number of processes.
"""

from __future__ import annotations

import os
import select
import signal
from pathlib import Path
from typing import Any

from gunicorn.http import wsgi

worker_class = "gthread"
threads = 8
timeout = 60
graceful_timeout = 20
keepalive = 5
accesslog = None
loglevel = "warning"
max_requests = 0
control_socket_disable = True
# The heartbeat file in memory: a slow disk must not look like a dead worker.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108

wsgi.SERVER = "touchstone"  # What serves, and in which version, is nobody's business.


def post_fork(server: Any, worker: Any) -> None:
    """Import all that a request needs, then wait behind the gate until data are ready.

    See config.serving.start; without a gate, as in production, there is no waiting.
    """
    import django
    from django.urls import get_resolver

    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # Gunicorn's own comes after this.
    django.setup()
    assert get_resolver().url_patterns
    if gate := os.environ.get("TOUCHSTONE_GATE"):
        while not select.select([int(gate)], [], [], 1)[0]:
            worker.notify()
