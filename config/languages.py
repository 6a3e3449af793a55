"""Which languages the interface speaks: English, and each folder of locale/."""

from __future__ import annotations

from pathlib import Path

from django.conf.locale import LANG_INFO
from django.utils.translation import to_language

SOURCE = "en"  # What is written in templates and code.


def spoken_languages(folder: Path) -> list[tuple[str, str]]:
    """Codes with each language's name for itself, the source language first."""
    compiled = folder.glob("*/LC_MESSAGES/django.mo")
    codes = sorted({to_language(file.parts[-3]) for file in compiled} - {SOURCE})
    return [(code, own_name(code)) for code in [SOURCE, *codes]]


def own_name(code: str) -> str:
    """The language's name for itself; its code where Django does not know it.

    >>> own_name("de"), own_name("fr"), own_name("tlh")
    ('Deutsch', 'Français', 'tlh')
    """
    known = LANG_INFO.get(code, {})
    if "fallback" in known:
        known = LANG_INFO[known["fallback"][0]]
    name: str = known.get("name_local", code)
    return name[:1].upper() + name[1:] if known else code
