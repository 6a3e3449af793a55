"""The cache on Redis: it holds nothing that cannot be done without."""

from __future__ import annotations

import logging
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


class ForgivingClient(RedisCacheClient):
    """A Redis that is away is an empty one: limits start to count anew, no more."""

    def get(self, key: Any, default: Any) -> Any:
        try:
            return super().get(key, default)
        except RedisError as error:
            return self._away(error, default)

    def get_many(self, keys: Any) -> dict[Any, Any]:
        try:
            return dict(super().get_many(keys))
        except RedisError as error:
            return dict(self._away(error, {}))

    def has_key(self, key: Any) -> bool:
        try:
            return bool(super().has_key(key))
        except RedisError as error:
            return bool(self._away(error, False))

    def add(self, key: Any, value: Any, timeout: Any) -> bool:
        try:
            return bool(super().add(key, value, timeout))
        except RedisError as error:
            return bool(self._away(error, True))

    def set(self, key: Any, value: Any, timeout: Any) -> None:
        try:
            super().set(key, value, timeout)
        except RedisError as error:
            self._away(error, None)

    def set_many(self, data: Any, timeout: Any) -> None:
        try:
            super().set_many(data, timeout)
        except RedisError as error:
            self._away(error, None)

    def touch(self, key: Any, timeout: Any) -> bool:
        try:
            return bool(super().touch(key, timeout))
        except RedisError as error:
            return bool(self._away(error, False))

    def incr(self, key: Any, delta: Any) -> Any:
        try:
            return super().incr(key, delta)
        except RedisError as error:
            self._away(error, None)
            raise ValueError(f"Key '{key}' not found.") from None

    def delete(self, key: Any) -> bool:
        try:
            return bool(super().delete(key))
        except RedisError as error:
            return bool(self._away(error, False))

    def _away(self, error: RedisError, instead: Any) -> Any:
        logger.warning("The cache is away: %s", error)
        return instead


class ForgivingRedisCache(RedisCache):
    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = ForgivingClient
