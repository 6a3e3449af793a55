"""Settings come from the environment and are closed by default."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.jobs.worker import ROOT

NAMES = [
    "DEBUG",
    "ALLOWED_HOSTS",
    "SECURE_SSL_REDIRECT",
    "SESSION_COOKIE_SECURE",
    "CSRF_COOKIE_NAME",
    "SECURE_HSTS_SECONDS",
    "CELERY_BROKER_URL",
    "CELERY_ACCEPT_CONTENT",
    "SECRET_KEY",
    "EMAIL_BACKEND",
    "DATABASES",
]
PRODUCTION = {
    "ALLOWED_HOSTS": "touchstone.example.org",
    "SECRET_KEY": "kJ8-" * 20 + "x9_Z",
    "DATABASE_URL": "postgres://touchstone:secret@db.example.org/touchstone?sslmode=require",
    "REDIS_URL": "redis://redis.example.org:6379/0",
}


def run(code: list[str], home: Path, **env: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, *code],
        cwd=ROOT,
        env=kept | {"TOUCHSTONE_DATA_DIR": str(home / "data")} | env,
        capture_output=True,
        text=True,
        check=False,
    )


def settings_with(home: Path, **env: str) -> dict[str, Any]:
    code = (
        "import json; from config import settings;"
        f"print(json.dumps({{n: getattr(settings, n) for n in {NAMES}}}, default=str))"
    )
    done = run(["-c", code], home, **env)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_without_an_environment_it_is_closed(tmp_path: Path) -> None:
    found = settings_with(tmp_path)

    assert found["DEBUG"] is False
    assert set(found["ALLOWED_HOSTS"]) == {"localhost", "127.0.0.1", "[::1]"}
    assert found["CELERY_BROKER_URL"].startswith("filesystem://")
    assert found["CELERY_ACCEPT_CONTENT"] == ["json"]
    assert found["EMAIL_BACKEND"].endswith("dummy.EmailBackend")
    assert found["SECRET_KEY"] == (tmp_path / "data" / "secret_key").read_text()
    database = found["DATABASES"]["default"]
    assert database["NAME"] == str(tmp_path / "data" / "touchstone.sqlite3")
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "synchronous=FULL" in database["OPTIONS"]["init_command"]


def test_another_host_switches_https_on(tmp_path: Path) -> None:
    found = settings_with(tmp_path, **PRODUCTION)

    assert found["SECURE_SSL_REDIRECT"] is True
    assert found["SESSION_COOKIE_SECURE"] is True
    assert found["CSRF_COOKIE_NAME"] == "__Host-csrftoken"
    assert found["SECURE_HSTS_SECONDS"] >= 31_536_000


def test_the_database_address_keeps_its_options_beside_the_pool(tmp_path: Path) -> None:
    options = settings_with(tmp_path, **PRODUCTION)["DATABASES"]["default"]["OPTIONS"]

    assert options["sslmode"] == "require"
    assert options["pool"]["max_size"] > 1


def test_the_key_may_come_from_a_mounted_file(tmp_path: Path) -> None:
    secret = tmp_path / "mounted"
    secret.write_text("s" * 60)
    secret.chmod(0o444)

    found = settings_with(tmp_path, SECRET_KEY_FILE=str(secret))

    assert found["SECRET_KEY"] == "s" * 60
    assert not (tmp_path / "data" / "secret_key").exists()


@pytest.mark.parametrize(
    ("env", "sentence"),
    [
        ({"ALLOWED_HOSTS": "*"}, "must name the hosts"),
        (
            {"ALLOWED_HOSTS": "touchstone.example.org", "TOUCHSTONE_DEBUG": "true"},
            "this machine's own names only",
        ),
    ],
)
def test_an_open_door_is_refused(
    tmp_path: Path, env: dict[str, str], sentence: str
) -> None:
    refused = run(["-c", "import config.settings"], tmp_path, **env)
    assert refused.returncode != 0
    assert sentence in refused.stderr


def test_production_passes_djangos_deployment_checks(tmp_path: Path) -> None:
    checked = run(
        ["manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        tmp_path,
        **PRODUCTION,
    )
    assert checked.returncode == 0, checked.stderr
    assert "0 silenced" in checked.stdout + checked.stderr
