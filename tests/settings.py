"""The product's settings, with what only a test run needs on top."""

import os
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

# One directory a run, in it one for each xdist worker; the processes that a test
# starts (a Celery worker, a server) inherit both names and so share them.
RUN = os.environ.setdefault(
    "TOUCHSTONE_TEST_DIR", tempfile.mkdtemp(prefix="touchstone-tests-")
)
XDIST_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
os.environ["TOUCHSTONE_DATA_DIR"] = str(Path(RUN) / XDIST_WORKER)
# Threads and child processes of the suite open connections of their own.
os.environ.setdefault("TOUCHSTONE_DB_POOL", "0")

from config.settings import *  # noqa: E402, F403
from config.settings import (  # noqa: E402
    CACHES,
    CELERY_BROKER_TRANSPORT_OPTIONS,
    DATA_DIR,
    DATABASES,
    INSTALLED_APPS,
    QUEUE_DIR,
    REDIS_URL,
    STATIC_ROOT,
    STORAGES,
)

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
for folder in [STATIC_ROOT, QUEUE_DIR / "in", QUEUE_DIR / "control"]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # As `serve` does.
ACCOUNT_RATE_LIMITS = False  # type: ignore[assignment]
INSTALLED_APPS = [*INSTALLED_APPS]
if DATABASES["default"]["ENGINE"].endswith("sqlite"):
    # A file, not memory: threads and worker processes must see the same database.
    DATABASES["default"]["TEST"] = {"NAME": str(Path(DATA_DIR) / "test.sqlite3")}

CELERY_IMPORTS = ["tests.jobs.kinds"]
if REDIS_URL:
    # Tests clear the cache, which empties its Redis database: not the broker's then.
    number = 1 + int(XDIST_WORKER.removeprefix("gw")) % 15
    CACHES["default"]["LOCATION"] = (
        urlsplit(REDIS_URL)._replace(path=f"/{number}").geturl()
    )
    CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"] = (
        f"{Path(RUN).name}:{XDIST_WORKER}:"
    )
