"""Every page of the product: its address, who looks at it, and how it is reached.

`test_every_page_is_listed_or_excused` fails for a page that is in neither list below.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.core import signing
from django.urls import reverse

from accounts.links import PasswordTokens, SignInTokens
from accounts.mail_switches import SALT
from accounts.models import User
from tests.browser.world import World

Place = Callable[[World], dict[str, Any]]


@dataclass(frozen=True)
class Screen:
    """One page. `who` is a person of the world by first name; "" is a visitor."""

    slug: str
    url: str
    who: str = ""
    place: Place = lambda world: {}
    query: str | Callable[[World], str] = ""
    status: int = 200

    def address(self, world: World) -> str:
        if self.url.startswith("/"):
            return self.url
        query = self.query if isinstance(self.query, str) else self.query(world)
        return reverse(self.url, kwargs=self.place(world)) + query


def project(w: World) -> dict[str, Any]:
    return {"project_id": w.project.pk}


def batch(name: str, argument: str = "pk") -> Place:
    return lambda w: {argument: w.batches[name].pk}


def in_hand(name: str) -> Place:
    return lambda w: {"pk": w.in_hand[name].pk}


def done(name: str) -> Place:
    return lambda w: {"pk": w.done[name].pk}


def judgment(name: str) -> Place:
    return lambda w: {"pk": w.done[name].judgments.current().get().pk}


def asked_again(w: World) -> dict[str, Any]:
    """A question about Ben's judgment; made once, since a second one would wait."""
    mine = w.done["scoring"]
    asked, _new = mine.returns.get_or_create(
        text="Is this a 4?", settled_at=None, defaults={"by": w.people["ada"]}
    )
    return {"pk": asked.pk}


def version(name: str) -> Place:
    return lambda w: {"pk": w.versions[name].pk}


def book(w: World) -> dict[str, Any]:
    return {"project_id": w.project.pk, "key": "rag-answer"}


def training_item(w: World) -> dict[str, Any]:
    units = w.batches["draft"].units.filter(kind="training")
    return {"pk": units.order_by("place", "pk")[0].pk}


def an_output(w: World) -> str:
    """One that is in no training set yet."""
    return f"?output={w.dataset.outputs.order_by('-pk')[0].pk}"


def sign_in_link(w: World) -> dict[str, Any]:
    user = fresh(w, "finn")
    return {"user_id": user.pk, "token": SignInTokens().make_token(user)}


def password_link(w: World) -> dict[str, Any]:
    user, maker = fresh(w, "gwen"), str(w.people["ada"].pk)
    token = PasswordTokens(maker).make_token(user)
    return {"user_id": user.pk, "maker": maker, "token": token}


def reset_key(w: World) -> dict[str, Any]:
    user = fresh(w, "hugo")
    key = default_token_generator.make_token(user)
    return {"uidb36": user_pk_to_url_str(user), "key": key}


def fresh(w: World, name: str) -> User:
    return User.objects.get(pk=w.people[name].pk)


SIGN_IN = [
    Screen("sign-in", "account_login"),
    Screen("signed-out", "account_inactive"),
    Screen("password-forgotten", "account_reset_password"),
    Screen("password-letter-sent", "account_reset_password_done"),
    Screen("password-from-letter", "account_reset_password_from_key", place=reset_key),
    Screen("password-is-set", "account_reset_password_from_key_done"),
    Screen("sign-in-link", "accounts:sign-in-link", place=sign_in_link),
    Screen("password-link", "accounts:password-link", place=password_link),
    Screen(
        "invitation",
        "accounts:invitation",
        place=lambda w: {"token": w.invitation_secret},
    ),
    Screen(
        "link-is-over",
        "accounts:invitation",
        place=lambda w: {"token": "gone"},
        status=404,
    ),
]
ACCOUNT = [
    Screen("account", "accounts:account", "ben"),
    Screen("settings", "accounts:settings", "ben"),
    Screen("tokens", "accounts:tokens", "ben"),
    Screen("password", "account_change_password", "ben"),
    Screen("sessions", "accounts:sessions", "ben"),
    Screen("two-factor", "mfa_index", "ben"),
    Screen("is-it-you", "account_reauthenticate", "ben"),
    Screen(
        "letters-ended",
        "accounts:mail-off",
        place=lambda w: {
            "token": signing.dumps([str(w.people["ben"].pk), "due"], salt=SALT)
        },
    ),
    Screen("sign-out", "account_logout", "ben"),
    Screen("not-found", "/nowhere/", "ben", status=404),
    Screen("not-allowed", "accounts:members", "ben", project, status=403),
]
ANNOTATOR = [
    Screen("home", "annotation:home", "ben"),
    Screen("project-of-an-annotator", "annotation:project", "ben", project),
    Screen("welcome", "annotation:welcome", "iris", batch("training", "batch_id")),
    Screen(
        "guidelines-changed",
        "annotation:welcome",
        "ben",
        batch("calibration", "batch_id"),
    ),
    Screen("training", "annotation:training", "ben", batch("training", "batch_id")),
    Screen(
        "training-failed",
        "annotation:training",
        "cleo",
        batch("training", "batch_id"),
    ),
    Screen("feedback", "annotation:feedback", "ben", done("training")),
    Screen(
        "calibration",
        "annotation:calibration",
        "ben",
        batch("calibration", "batch_id"),
    ),
    Screen("scoring", "annotation:assignment", "ben", in_hand("scoring")),
    Screen("pairwise", "annotation:assignment", "ben", in_hand("pairs")),
    Screen("side-by-side", "annotation:assignment", "ben", in_hand("sides")),
    Screen("ranking", "annotation:assignment", "ben", in_hand("ranking")),
    Screen("covered", "annotation:assignment", "iris", in_hand("covered")),
    Screen("every-question", "annotation:assignment", "ben", in_hand("every")),
    Screen("submitted", "annotation:assignment", "ben", done("scoring")),
    Screen(
        "raw-text",
        "annotation:specimen",
        "ben",
        in_hand("scoring"),
        query="?view=raw",
    ),
    Screen(
        "differences",
        "annotation:specimen",
        "ben",
        in_hand("pairs"),
        query="?view=differences",
    ),
    Screen(
        "find-in-context",
        "annotation:context",
        "ben",
        in_hand("scoring"),
        query="?find=renewed",
    ),
    Screen("flag", "annotation:flag", "ben", in_hand("scoring")),
    Screen("break", "annotation:break", "ben", batch("scoring")),
    Screen("finished", "annotation:finished", "ben", batch("pairs", "batch_id")),
    Screen("history", "annotation:mine-all", "ben"),
    Screen("history-skipped", "annotation:mine-all", "ben", query="?show=skipped"),
    Screen("history-of-a-batch", "annotation:mine", "ben", batch("scoring")),
    Screen("one-of-mine", "annotation:mine-one", "ben", done("scoring")),
    Screen("judgments", "annotation:judgments", "ada", batch("scoring")),
    Screen(
        "judgments-filtered",
        "annotation:judgments",
        "ada",
        batch("scoring"),
        query="?source=screen&only=note",
    ),
    Screen("judgment", "annotation:judgment", "ada", judgment("scoring")),
    Screen(
        "judgment-raw",
        "annotation:judgment-specimen",
        "ada",
        judgment("scoring"),
        query="?view=raw",
    ),
    Screen("return-reply", "annotation:return-reply", "ben", asked_again),
    Screen("leaving", "annotation:leaving", "ben", project),
]
MANAGER = [
    Screen("home-of-a-manager", "annotation:home", "ada"),
    Screen("project", "annotation:project", "ada", project),
    Screen("project-of-a-viewer", "annotation:project", "vic", project),
    Screen("project-of-an-adjudicator", "annotation:project", "dov", project),
    Screen("new-dataset", "annotation:dataset-new", "ada", project),
    Screen("dataset", "annotation:dataset", "ada", lambda w: {"pk": w.dataset.pk}),
    Screen("leaks", "annotation:leaks", "ada", lambda w: {"pk": w.dataset.pk}),
    Screen("media", "annotation:media", "olga", project),
    Screen("rubrics", "rubrics:list", "ada", project),
    Screen("new-rubric", "rubrics:new", "ada", project),
    Screen("rubric", "rubrics:version", "ada", version("quality")),
    Screen("rubric-of-every-kind", "rubrics:version", "ada", version("every")),
    Screen(
        "rubric-editor", "rubrics:edit", "ada", lambda w: {"pk": w.draft_version.pk}
    ),
    Screen("rubric-library", "rubrics:library", "ada", project),
    Screen("library-rubric", "rubrics:library-rubric", "ada", book),
    Screen("library-preview", "annotation:library-preview", "ada", book),
    Screen("version-preview", "annotation:version-preview", "ada", version("every")),
    Screen("import-rubric", "rubrics:import", "ada", project),
    Screen(
        "rubric-moves",
        "annotation:rubric-moves",
        "ada",
        lambda w: {"pk": w.versions["quality"].rubric_id},
    ),
    Screen(
        "import-version",
        "rubrics:import-over",
        "ada",
        lambda w: {"pk": w.versions["quality"].rubric_id},
    ),
    Screen("new-batch", "annotation:batch-new", "ada", project),
    Screen("batch-settings", "annotation:batch-settings", "ada", batch("scoring")),
    Screen("batch", "annotation:batch", "ada", batch("scoring")),
    Screen("batch-as-draft", "annotation:batch", "ada", batch("draft")),
    Screen("batch-closed", "annotation:batch", "ada", batch("closed")),
    Screen("guidelines", "annotation:guidelines", "ada", batch("scoring")),
    Screen("training-set", "annotation:training-set", "ada", batch("draft")),
    Screen(
        "new-training-item",
        "annotation:training-new",
        "ada",
        batch("draft"),
        query=an_output,
    ),
    Screen("training-item", "annotation:training-item", "ada", training_item),
    Screen(
        "calibration-of-a-manager",
        "annotation:calibration",
        "ada",
        batch("calibration", "batch_id"),
    ),
    Screen("flags", "annotation:flags", "ada", batch("scoring")),
    Screen(
        "flags-answered",
        "annotation:flags",
        "ada",
        batch("scoring"),
        query="?show=answered",
    ),
    Screen("skips", "annotation:flags", "ada", batch("scoring"), query="?show=skips"),
    Screen("inbox", "annotation:inbox", "ada", project),
    Screen("activity", "annotation:activity", "ada", project),
    Screen(
        "unit",
        "annotation:unit",
        "ada",
        lambda w: {"pk": w.in_hand["pairs"].unit_id},
    ),
    Screen(
        "raw-text-of-a-unit",
        "annotation:unit-specimen",
        "ada",
        lambda w: {"pk": w.in_hand["pairs"].unit_id},
        query="?view=raw",
    ),
    Screen("agreement", "annotation:agreement", "ada", batch("closed")),
    Screen("agreement-of-a-viewer", "annotation:agreement", "vic", batch("closed")),
    Screen("gold-releases", "exports:list", "ada", project),
    Screen("new-gold-release", "exports:new", "ada", project),
    Screen("gold-release", "exports:release", "ada", lambda w: {"pk": w.release.pk}),
    Screen("job", "jobs:job", "ada", lambda w: {"pk": w.job.pk}),
    Screen("members", "accounts:members", "ada", project),
    Screen(
        "member",
        "accounts:member",
        "ada",
        lambda w: {"project_id": w.project.pk, "user_id": w.people["ben"].pk},
    ),
    Screen("groups", "accounts:groups", "ada", project),
    Screen(
        "group",
        "accounts:group",
        "ada",
        lambda w: {"group_id": w.project.groups.get().pk},
    ),
    Screen(
        "person",
        "annotation:person",
        "ada",
        lambda w: {"project_id": w.project.pk, "user_id": w.people["ben"].pk},
    ),
    Screen("audit", "accounts:audit", "ada", project),
    Screen("project-settings", "accounts:project-settings", "olga", project),
    Screen("new-project", "accounts:project-new", "sam"),
]
SCREENS = SIGN_IN + ACCOUNT + ANNOTATOR + MANAGER

EXCUSED = {
    "account_signup": "always 404: accounts come by invitation",
    "account_email": "a redirect to the account page",
    "account_set_password": "a redirect for everybody who has a password",
    "accounts:set-up": "there while there is nobody; test_the_first_page_of_all",
    "mfa_authenticate": "there after a password; tests/browser/test_two_factor.py",
    "mfa_reauthenticate": "there with a factor; tests/browser/test_two_factor.py",
    "mfa_activate_totp": "asks who one is first; tests/browser/test_two_factor.py",
    "mfa_deactivate_totp": "there with a factor; tests/browser/test_two_factor.py",
    "mfa_view_recovery_codes": "there with a factor; tests/browser/test_two_factor.py",
    "mfa_generate_recovery_codes": "asks first; tests/browser/test_two_factor.py",
    "accounts:single-sign-on": "a redirect to another host",
    "accounts:single-sign-on-answer": "a redirect, or a page with one sentence",
    "annotation:live": "a part of the batch's page, asked for again and again",
    "annotation:media-file": "a file, not a page",
    "annotation:my-hours": "a file, not a page",
    "annotation:my-judgments": "a file, not a page",
    "annotation:project-hours": "a file, not a page",
    "annotation:undo": "a redirect to the submission before",
    "exports:download": "a file, not a page",
    "rubrics:publication": "a redirect but where a draft follows a published version",
    "rubrics:yaml": "a file, not a page",
    "rubrics:json": "a file, not a page",
    "healthz": "words for a machine",
    "readyz": "words for a machine",
    "schema": "OpenAPI for a machine",
    "docs": "a third party's page about the API, outside the product's screens",
}
