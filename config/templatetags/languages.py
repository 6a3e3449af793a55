"""`{% own_languages as languages %}`: codes with each language's name for itself.

Django's own tag says the names in the reader's language, which helps nobody who cannot
read it.
"""

from __future__ import annotations

from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def own_languages() -> list[tuple[str, str]]:
    return list(settings.LANGUAGES)
