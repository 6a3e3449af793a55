"""Who speaks in a conversation, in the reader's language."""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

ROLES = {
    "user": pgettext_lazy("speaker", "user"),
    "assistant": pgettext_lazy("speaker", "assistant"),
    "system": pgettext_lazy("speaker", "system"),
    "developer": pgettext_lazy("speaker", "developer"),
    "tool": pgettext_lazy("speaker", "tool"),
    "function": pgettext_lazy("speaker", "function"),
}


def spoken_role(role: str) -> str:
    """The usual roles by their word; any other, and a name after it, as they are.

    >>> spoken_role("user · Kim"), spoken_role("judge")
    ('user · Kim', 'judge')
    """
    first, dot, name = role.partition(" · ")
    return f"{ROLES.get(first, first)}{dot}{name}"
