"""`manage.py serve`: from an empty directory to an address that answers, and its end.

On the suite's own engines: embedded on SQLite, and with DATABASE_URL and REDIS_URL the
processes of production.
"""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import redis
from django.conf import settings

from tests.config.server import (
    MANAGE,
    Server,
    children_of,
    is_gone,
    kill,
)
from tests.jobs.worker import ROOT, wait_until

pytestmark = pytest.mark.skipif(
    not Path("/proc").is_dir(), reason="Reads processes from /proc, as on Linux."
)
OURS = ("TOUCHSTONE_", "DATABASE_URL", "REDIS_URL", "SECRET_KEY", "ALLOWED_HOSTS")
NEEDS_BOTH = "Background work on Redis is tested with PostgreSQL, as in production."


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of a new installation in an empty directory."""
    home = tmp_path_factory.mktemp("installation")
    env = {
        name: value for name, value in os.environ.items() if not name.startswith(OURS)
    }
    env |= {
        "PYTHONPATH": str(ROOT),  # For the settings, which lie with the tests.
        "DJANGO_SETTINGS_MODULE": "tests.config.serving_settings",
        "TOUCHSTONE_DATA_DIR": str(home / "data"),
    }
    if not settings.REDIS_URL:
        yield env
        return
    if not settings.DATABASE_URL.startswith("postgres"):
        pytest.skip(NEEDS_BOTH)
    name = f"serve_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(settings.DATABASE_URL, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        yield env | {
            "DATABASE_URL": urlsplit(settings.DATABASE_URL)
            ._replace(path=name)
            .geturl(),
            "REDIS_URL": settings.REDIS_URL,
            "TEST_KEY_PREFIX": f"{name}:",
        }
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    with redis.from_url(settings.REDIS_URL) as broker:
        for key in broker.scan_iter(f"{name}:*"):
            broker.delete(key)


@pytest.fixture(scope="module")
def server(installation: dict[str, str]) -> Iterator[Server]:
    """Started once, in the empty directory; tests that end a server start their own."""
    with Server(installation) as server:
        yield server


def age_heartbeats(env: dict[str, str]) -> None:
    """Let the database believe that a minute has passed since the last heartbeat."""
    code = (
        "import django; django.setup()\n"
        "from datetime import timedelta\n"
        "from django.db.models import F\n"
        "from jobs.models import Job\n"
        "Job.objects.filter(state='running').update("
        "heartbeat_at=F('heartbeat_at') - timedelta(seconds=61))"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, check=True)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_an_empty_directory_becomes_an_installation(
    installation: dict[str, str], server: Server
) -> None:
    assert server.get("/healthz")[0] == 200
    assert server.get("/readyz")[0] == 200
    data = Path(installation["TOUCHSTONE_DATA_DIR"])
    assert mode_of(data) == 0o700
    assert mode_of(data / "secret_key") == 0o600
    assert mode_of(data / "queue" / "in") == 0o700
    if not settings.REDIS_URL:
        assert mode_of(data / "touchstone.sqlite3") == 0o600


def test_the_first_person_is_let_in_by_the_printed_link(server: Server) -> None:
    assert server.set_up_link.startswith(f"http://{server.bind}/")
    assert server.get(server.set_up_link)[0] == 200


def test_static_files_come_compressed_and_may_be_kept_for_ever(server: Server) -> None:
    _, headers, page = server.get("/")
    path = page.decode().partition('rel="stylesheet" href="')[2].partition('"')[0]
    assert path.startswith("/static/css/app.")

    status, headers, _ = server.get(path, **{"Accept-Encoding": "gzip"})

    assert status == 200
    assert headers["Content-Encoding"] == "gzip"
    assert "immutable" in headers["Cache-Control"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_no_header_names_what_serves(server: Server) -> None:
    _, headers, _ = server.get("/healthz")
    assert "gunicorn" not in str(headers).lower()
    assert "python" not in str(headers).lower()


@pytest.mark.slow
def test_a_killed_worker_is_replaced_and_its_job_finished_once(
    server: Server, tmp_path: Path
) -> None:
    finished = tmp_path / "finished"
    job = server.start_counting(to=30, pause=0.1, finished=str(finished))
    job.wait_for("running")
    before = server.children()
    for part in children_of(before["worker"]):
        kill(part)
    kill(before["worker"])

    age_heartbeats(server.env)
    ended = job.wait_for("done", within=120)

    assert ended["result"] == {"counted": 30}
    assert finished.read_text() == "attempt 2\n"
    after = server.children()
    assert after["worker"] != before["worker"]
    assert after["gunicorn"] == before["gunicorn"]


def test_background_work_is_run_by_its_own_processes(server: Server) -> None:
    own = {"gunicorn", "worker"} | ({"beat"} if settings.REDIS_URL else set())
    assert set(server.children()) == own


def test_it_runs_from_any_directory_and_term_ends_all_of_it(
    installation: dict[str, str], tmp_path: Path
) -> None:
    with Server(installation, directory=tmp_path) as server:
        assert server.get("/readyz")[0] == 200
        processes = [server.process.pid, *server.children().values()]
        processes += children_of(server.children()["gunicorn"])
        server.process.terminate()
        assert server.process.wait(timeout=25) == 0
    assert [pid for pid in processes if not is_gone(pid)] == []


def test_it_ends_with_an_error_when_the_web_process_does(
    installation: dict[str, str],
) -> None:
    with Server(installation) as server:
        worker = server.children()["worker"]
        kill(server.children()["gunicorn"])
        assert server.process.wait(timeout=25) == 1
    assert "The web process ended" in server.said
    assert is_gone(worker)


@pytest.mark.skipif(sys.platform != "linux", reason="The kernel's doing on Linux.")
def test_nothing_is_left_when_the_supervisor_is_killed(
    installation: dict[str, str],
) -> None:
    with Server(installation) as server:
        processes = list(server.children().values())
        kill(server.process.pid)
        wait_until(lambda: all(map(is_gone, processes)), "the end of all processes")


def test_a_port_in_use_is_a_sentence(
    installation: dict[str, str], server: Server
) -> None:
    second = subprocess.run(
        [*MANAGE, "serve", "--bind", server.bind],
        cwd=ROOT,
        env=installation,
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 1
    assert f"{server.bind} cannot be used: address already in use." in second.stderr
    assert "Traceback" not in second.stderr


@pytest.mark.parametrize("bind", ["everywhere", "127.0.0.1:", "127.0.0.1:70000"])
def test_an_address_that_is_none_is_a_sentence(
    installation: dict[str, str], bind: str
) -> None:
    refused = subprocess.run(
        [*MANAGE, "serve", "--bind", bind],
        cwd=ROOT,
        env=installation,
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 1
    assert "Write it as 127.0.0.1:8000." in refused.stderr
