"""Fixtures of annotation's tests that other apps do not need."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from tests.annotation.tls import far_host, keys

__all__ = ["far_host", "keys"]


@pytest.fixture
def ben_s_browser(signed_in: Callable[[User], Client], ben: User) -> Client:
    return signed_in(ben)
