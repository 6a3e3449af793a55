"""The installation's secret: from the environment, a file, or made once."""

import os
import secrets
import stat
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def read_or_make_secret_key(path: Path) -> str:
    """Return the key kept in `path`; make it, readable by its owner only, if absent.

    Two processes that start at once agree: the key is written aside and linked
    into place, so whoever comes second reads the first one's whole key.
    """
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        handle = os.open(aside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(64))
        try:
            os.link(aside, path)
        except FileExistsError:
            pass
        finally:
            aside.unlink()
    return read_secret_key(path)


def read_secret_key(path: Path, *, private: bool = True) -> str:
    """Return the key in `path`; a private file is refused when others may read it."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if private and mode & 0o077:
        raise ImproperlyConfigured(
            f"{path} may be read by others (mode {mode:o}). "
            f"Run `chmod 600 {path}`, or remove it to have a new key made."
        )
    key = path.read_text().strip()
    if len(key) < 50:
        raise ImproperlyConfigured(
            f"{path} holds fewer than 50 characters. Remove it to have a key made."
        )
    return key
