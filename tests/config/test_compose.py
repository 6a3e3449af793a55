"""docker-compose.yml and Dockerfile: the same processes as `serve`, and closed."""

from __future__ import annotations

import os
from typing import Any

import pytest
import yaml

from config.serving import commands
from tests.jobs.worker import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = ["web", "worker", "beat", "migrate"]


def test_every_part_is_there() -> None:
    assert set(SERVICES) == {*OURS, "db", "redis"}


@pytest.mark.parametrize(
    ("service", "command"),
    [
        ("web", commands.web("0.0.0.0:8000")),
        ("worker", commands.worker()),
        ("beat", commands.beat()),
    ],
)
def test_the_commands_are_those_that_serve_runs(
    service: str, command: list[str]
) -> None:
    without_python = [part.removeprefix(f"{ROOT}/") for part in command[2:]]
    if "--workers" in without_python:  # The container has WEB_CONCURRENCY instead.
        without_python = without_python[: without_python.index("--workers")]
    assert SERVICES[service]["command"] == without_python


@pytest.mark.parametrize("service", OURS)
def test_our_containers_are_closed(service: str) -> None:
    made = SERVICES[service]
    assert made["read_only"] is True
    assert made["init"] is True
    assert made["cap_drop"] == ["ALL"]
    assert made["stop_grace_period"] == "30s"
    assert made["secrets"] == ["secret_key"]
    assert "SECRET_KEY" not in made["environment"]
    assert made["environment"]["SECRET_KEY_FILE"] == "/run/secrets/secret_key"


def test_only_the_web_can_be_reached_and_only_from_this_machine() -> None:
    assert [name for name, made in SERVICES.items() if "ports" in made] == ["web"]
    assert SERVICES["web"]["ports"] == ["${TOUCHSTONE_PORT:-127.0.0.1:8000}:8000"]


@pytest.mark.parametrize("service", ["web", "worker", "beat"])
def test_nothing_starts_before_the_database_is_migrated(service: str) -> None:
    waits = SERVICES[service]["depends_on"]
    assert waits["migrate"]["condition"] == "service_completed_successfully"
    assert SERVICES["migrate"]["depends_on"]["db"]["condition"] == "service_healthy"
    assert SERVICES["migrate"]["restart"] == "no"


def test_images_have_a_version_and_data_a_volume() -> None:
    images = {made["image"] for made in SERVICES.values()}
    assert all(":" in image and not image.endswith(":latest") for image in images)
    for service in ("db", "redis"):
        volume = SERVICES[service]["volumes"][0].partition(":")[0]
        assert volume in COMPOSE["volumes"]
    assert "noeviction" in SERVICES["redis"]["command"]


def test_the_image_does_not_run_as_root_and_keeps_no_key() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    final = lines[max(i for i, line in enumerate(lines) if line.startswith("FROM")) :]
    assert "USER 10001:10001" in final
    assert not any("SECRET_KEY" in line for line in final)
    assert any(line.startswith("HEALTHCHECK") for line in final)
    assert not any("latest" in line for line in lines)


def test_the_whole_check_can_be_run() -> None:
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
