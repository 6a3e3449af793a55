"""Skills: words such as de or billing, by which work is given to people."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

MOST = 50
LONGEST = 100


class BadSkills(ValueError):
    """Too many words, or one that is too long; the message says which."""


def cleaned(words: Iterable[str]) -> list[str]:
    """Trimmed, in lower case, each once, in the order given; raises BadSkills.

    >>> cleaned(["DE ", "billing", "de", ""])
    ['de', 'billing']
    """
    found = dict.fromkeys(" ".join(word.lower().split()) for word in words)
    skills = [word for word in found if word]
    if len(skills) > MOST:
        raise BadSkills(_("Name at most %(most)s skills.") % {"most": MOST})
    if any(len(word) > LONGEST for word in skills):
        raise BadSkills(
            _("A skill has at most %(longest)s characters.") % {"longest": LONGEST}
        )
    return skills
