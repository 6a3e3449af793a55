"""The product's settings as they are, plus work that a test can count."""

import os

from config.settings import *  # noqa: F403
from config.settings import CELERY_BROKER_TRANSPORT_OPTIONS

CELERY_IMPORTS = ["tests.jobs.kinds"]
if prefix := os.environ.get("TEST_KEY_PREFIX"):
    # The Redis of a test run is shared: by the suite, and by suites that run beside it.
    CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"] = prefix
