"""What the audit trail says, for people; its rows keep plain English words.

A new verb or fact has its line here: tests/test_translations.py looks for it.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import Role
from config.spoken import spoken

VERBS = [
    gettext_noop("account opened"),
    gettext_noop("annotator let in"),
    gettext_noop("batch archived"),
    gettext_noop("batch changed"),
    gettext_noop("batch closed"),
    gettext_noop("batch created"),
    gettext_noop("batch deleted"),
    gettext_noop("batch extended"),
    gettext_noop("batch moved to another version"),
    gettext_noop("batch opened"),
    gettext_noop("batch paused"),
    gettext_noop("calibration moved"),
    gettext_noop("dataset created"),
    gettext_noop("dataset deleted"),
    gettext_noop("flag answered"),
    gettext_noop("gold release downloaded"),
    gettext_noop("gold release requested"),
    gettext_noop("group changed"),
    gettext_noop("group created"),
    gettext_noop("group deleted"),
    gettext_noop("import deleted"),
    gettext_noop("invitation revoked"),
    gettext_noop("invitation sent"),
    gettext_noop("judgment returned"),
    gettext_noop("judgments imported"),
    gettext_noop("media hosts set"),
    gettext_noop("media stored"),
    gettext_noop("member added"),
    gettext_noop("member changed"),
    gettext_noop("member removed"),
    gettext_noop("names kept"),
    gettext_noop("names masked"),
    gettext_noop("names opened again"),
    gettext_noop("other sessions ended"),
    gettext_noop("outputs imported"),
    gettext_noop("password changed"),
    gettext_noop("password link made"),
    gettext_noop("password set by link"),
    gettext_noop("person created"),
    gettext_noop("person renamed"),
    gettext_noop("person signed in"),
    gettext_noop("project created"),
    gettext_noop("project renamed"),
    gettext_noop("recovery codes made"),
    gettext_noop("return replied to"),
    gettext_noop("rubric created"),
    gettext_noop("rubric deleted"),
    gettext_noop("rubric draft deleted"),
    gettext_noop("rubric drafted"),
    gettext_noop("rubric published"),
    gettext_noop("session ended"),
    gettext_noop("token made"),
    gettext_noop("token revoked"),
    gettext_noop("training changed"),
    gettext_noop("two-factor switched off"),
    gettext_noop("two-factor switched on"),
    gettext_noop("leases released"),
    gettext_noop("unit restored"),
    gettext_noop("unit withdrawn"),
    gettext_noop("units reassigned"),
    gettext_noop("units shared out"),
    gettext_noop("skip answered"),
    gettext_noop("unit given back"),
]
FACTS = [
    gettext_noop("after"),
    gettext_noop("added"),
    gettext_noop("also annotates"),
    gettext_noop("annotators"),
    gettext_noop("batch"),
    gettext_noop("batches"),
    gettext_noop("before"),
    gettext_noop("created"),
    gettext_noop("email"),
    gettext_noop("format"),
    gettext_noop("members"),
    gettext_noop("name"),
    gettext_noop("names"),
    gettext_noop("number"),
    gettext_noop("options"),
    gettext_noop("person"),
    gettext_noop("prefix"),
    gettext_noop("rejected"),
    gettext_noop("removed"),
    gettext_noop("role"),
    gettext_noop("rule"),
    gettext_noop("scopes"),
    gettext_noop("site admin"),
    gettext_noop("skills"),
    gettext_noop("source"),
    gettext_noop("term"),
    gettext_noop("unchanged"),
    gettext_noop("units"),
    gettext_noop("updated"),
    gettext_noop("annotator"),
    gettext_noop("cap"),
    gettext_noop("daily cap"),
    gettext_noop("due at"),
    gettext_noop("freed"),
    gettext_noop("from"),
    gettext_noop("guidelines"),
    gettext_noop("item"),
    gettext_noop("lease minutes"),
    gettext_noop("leaves"),
    gettext_noop("left"),
    gettext_noop("moved"),
    gettext_noop("overlap"),
    gettext_noop("overlap share"),
    gettext_noop("priority"),
    gettext_noop("reason"),
    gettext_noop("released"),
    gettext_noop("to"),
]


def fact_name(name: str) -> str:
    return spoken(name.replace("_", " "))


def fact_value(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    if value in Role.values:
        return str(Role(value).label)
    return str(value)
