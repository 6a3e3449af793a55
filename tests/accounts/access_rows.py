"""Who gets what on the addresses of accounts."""

from __future__ import annotations

from typing import Any

from django.core import signing

from accounts.mail_switches import SALT
from tests.access import Row

#              visitor eve olga ada dov ben vic
ANYBODY = "200 200 200 200 200 200 200"
BENS = "200 200 200 200 200 404 200"
NOBODY = "404 404 404 404 404 404 404"
REFUSED = "422 422 422 422 422 422 422"
SIGNED_IN = "302 200 200 200 200 200 200"
SIGNED_IN_ERR = "302 422 422 422 422 422 422"
MANAGERS = "302 404 200 200 403 403 403"
MANAGERS_DO = "302 404 302 302 403 403 403"
MANAGERS_ERR = "302 404 422 422 403 403 403"
API_ANY = "401 200 200 200 200 200 200"
API_MEMBERS = "401 404 200 200 200 200 200"
API_MANAGERS = "401 404 200 200 403 403 403"
API_OWNERS = "401 404 200 403 403 403 403"


def project(world: Any) -> dict[str, Any]:
    return {"project_id": world.project.pk}


def ben_in_project(world: Any) -> dict[str, Any]:
    return {"project_id": world.project.pk, "user_id": world.ben.pk}


def invited(world: Any) -> dict[str, Any]:
    invitation, _ = world.accounts_invited
    return {"project_id": world.project.pk, "invitation_id": invitation.pk}


def by_link(world: Any) -> dict[str, Any]:
    return {"token": world.accounts_invited[1]}


def in_group(world: Any) -> dict[str, Any]:
    return {"group_id": world.accounts_group.pk}


def switch(world: Any) -> dict[str, Any]:
    token = signing.dumps([str(world.ben.pk), "due"], salt=SALT)
    return {"token": token}


def nothing(world: Any) -> dict[str, Any]:
    return {}


def reset_key(world: Any) -> dict[str, Any]:
    return {"uidb36": world.ben.pk.hex, "key": "no-key"}


SIGN_IN = [
    Row("GET", "account_login", "200 302 302 302 302 302 302"),
    Row("POST", "account_login", "422 302 302 302 302 302 302", body=nothing),
    Row("GET", "account_logout", SIGNED_IN),
    Row("POST", "account_logout", "302 302 302 302 302 302 302", body=nothing),
    Row("GET", "account_inactive", ANYBODY),
    Row("GET", "account_signup", NOBODY),
    Row("POST", "account_signup", NOBODY, body=nothing),
    Row("GET", "account_email", "302 302 302 302 302 302 302"),
    Row("GET", "account_change_password", SIGNED_IN),
    Row(
        "POST",
        "account_change_password",
        "302 422 422 422 422 422 422",
        body=nothing,
    ),
    # They have a password: this page sends them on to change it.
    Row("GET", "account_set_password", "302 302 302 302 302 302 302"),
    Row("POST", "account_set_password", "302 302 302 302 302 302 302", body=nothing),
    Row("GET", "account_reset_password", ANYBODY),
    Row("POST", "account_reset_password", REFUSED, body=nothing),
    Row("GET", "account_reset_password_done", ANYBODY),
    Row("GET", "account_reset_password_from_key", NOBODY, reset_key),
    Row("POST", "account_reset_password_from_key", NOBODY, reset_key, body=nothing),
    Row("GET", "account_reset_password_from_key_done", ANYBODY),
    # Nobody in the table has given a password that a code would be asked after, or has
    # a second factor: tests/accounts/test_two_factor.py for who has.
    Row("GET", "mfa_authenticate", "302 302 302 302 302 302 302"),
    Row("POST", "mfa_authenticate", "302 302 302 302 302 302 302", body=nothing),
    Row("GET", "account_reauthenticate", SIGNED_IN),
    Row("POST", "account_reauthenticate", SIGNED_IN_ERR, body=nothing),
    Row("GET", "mfa_reauthenticate", "302 302 302 302 302 302 302"),
    Row("POST", "mfa_reauthenticate", "302 302 302 302 302 302 302", body=nothing),
    Row("GET", "mfa_index", SIGNED_IN),
    # Who signed in long ago says first who they are.
    Row("GET", "mfa_activate_totp", "302 302 302 302 302 302 302"),
    Row("POST", "mfa_activate_totp", "302 302 302 302 302 302 302", body=nothing),
    Row("GET", "mfa_deactivate_totp", "302 404 404 404 404 404 404"),
    Row("POST", "mfa_deactivate_totp", "302 404 404 404 404 404 404", body=nothing),
    Row("GET", "mfa_view_recovery_codes", "302 404 404 404 404 404 404"),
    Row("GET", "mfa_generate_recovery_codes", "302 302 302 302 302 302 302"),
    Row(
        "POST",
        "mfa_generate_recovery_codes",
        "302 302 302 302 302 302 302",
        body=nothing,
    ),
    # No provider is configured here: tests/accounts/test_single_sign_on.py has one.
    Row("GET", "accounts:single-sign-on", NOBODY),
    Row("GET", "accounts:single-sign-on-answer", NOBODY),
]
LINKS = [
    # There are people: the set-up link is over for everybody.
    Row("GET", "accounts:set-up", NOBODY, lambda world: {"token": "1:x"}),
    Row("POST", "accounts:set-up", NOBODY, lambda world: {"token": "1:x"}, nothing),
    # Links made for Ben are over once Ben signs in, as his column does.
    Row("GET", "accounts:sign-in-link", BENS, lambda w: w.accounts_sign_in),
    Row(
        "POST",
        "accounts:sign-in-link",
        "302 302 302 302 302 404 302",
        lambda w: w.accounts_sign_in,
        nothing,
    ),
    Row("GET", "accounts:password-link", BENS, lambda w: w.accounts_password_link),
    Row(
        "POST",
        "accounts:password-link",
        "422 422 422 422 422 404 422",
        lambda w: w.accounts_password_link,
        nothing,
    ),
    Row("GET", "accounts:invitation", ANYBODY, by_link),
    Row("POST", "accounts:invitation", REFUSED, by_link, nothing),
]
PAGES = [
    Row("GET", "accounts:account", SIGNED_IN),
    Row("GET", "accounts:settings", SIGNED_IN),
    Row("POST", "accounts:settings", "302 422 422 422 422 422 422", body=nothing),
    Row("POST", "accounts:language", "302 302 302 302 302 302 302", body=nothing),
    Row("GET", "accounts:tokens", SIGNED_IN),
    # Who signed in long ago says first who they are.
    Row("POST", "accounts:tokens", "302 302 302 302 302 302 302", body=nothing),
    Row("GET", "accounts:sessions", SIGNED_IN),
    Row(
        "POST",
        "accounts:session-end",
        "302 404 404 404 404 302 404",
        lambda w: {"session_id": w.accounts_bens_session.pk},
        nothing,
    ),
    Row(
        "POST",
        "accounts:other-sessions-end",
        "302 302 302 302 302 302 302",
        body=nothing,
    ),
    Row(
        "POST",
        "accounts:token-revocation",
        "302 404 404 404 404 302 404",
        lambda w: {"token_id": w.accounts_bens_token.pk},
        nothing,
    ),
    # Site admins only; see tests/accounts/test_projects.py for one.
    Row("GET", "accounts:project-new", "302 403 403 403 403 403 403"),
    Row("POST", "accounts:project-new", "302 403 403 403 403 403 403", body=nothing),
    Row("GET", "accounts:project-settings", "302 404 200 403 403 403 403", project),
    Row(
        "POST",
        "accounts:project-settings",
        "302 404 422 403 403 403 403",
        project,
        nothing,
    ),
    Row("GET", "accounts:members", MANAGERS, project),
    Row("POST", "accounts:members", MANAGERS_ERR, project, nothing),
    Row("GET", "accounts:member", MANAGERS, ben_in_project),
    Row("POST", "accounts:member", MANAGERS_ERR, ben_in_project, nothing),
    Row("POST", "accounts:member-removal", MANAGERS_DO, ben_in_project, nothing),
    Row("POST", "accounts:member-password-link", MANAGERS, ben_in_project, nothing),
    Row("POST", "accounts:invitation-revocation", MANAGERS_DO, invited, nothing),
    Row("POST", "accounts:invitation-renewal", MANAGERS, invited, nothing),
    Row("GET", "accounts:groups", MANAGERS, project),
    Row("POST", "accounts:groups", MANAGERS_ERR, project, nothing),
    Row("GET", "accounts:group", MANAGERS, in_group),
    Row("POST", "accounts:group", MANAGERS_ERR, in_group, nothing),
    Row("POST", "accounts:group-deletion", MANAGERS_DO, in_group, nothing),
    Row("GET", "accounts:mail-off", ANYBODY, switch),
    Row("POST", "accounts:mail-off", ANYBODY, switch, nothing),
    Row("GET", "accounts:audit", MANAGERS, project),
]
API = [
    Row("GET", "api:me", API_ANY),
    Row("GET", "api:my-sessions", API_ANY),
    Row("DELETE", "api:my-sessions", "401 204 204 204 204 204 204"),
    Row(
        "DELETE",
        "api:my-session",
        "401 404 404 404 404 204 404",
        lambda w: {"session_id": w.accounts_bens_session.pk},
    ),
    Row("GET", "api:projects", API_ANY),
    Row(
        "POST",
        "api:projects",
        "401 403 403 403 403 403 403",
        json=lambda world: {"name": "New"},
    ),
    Row("GET", "api:project", API_MEMBERS, project),
    Row("PATCH", "api:project", API_OWNERS, project, json=lambda w: {"name": "New"}),
    Row("GET", "api:members", API_MANAGERS, project),
    Row(
        "POST",
        "api:members",
        "401 404 201 201 403 403 403",
        project,
        json=lambda world: {"email": "nina@example.org", "role": "viewer"},
    ),
    Row("GET", "api:member", API_MANAGERS, ben_in_project),
    Row(
        "PATCH",
        "api:member",
        API_MANAGERS,
        ben_in_project,
        json=lambda world: {"role": "viewer"},
    ),
    Row("DELETE", "api:member", "401 404 204 204 403 403 403", ben_in_project),
    Row(
        "POST",
        "api:member-password-link",
        "401 404 201 201 403 403 403",
        ben_in_project,
    ),
    Row("GET", "api:invitations", API_MANAGERS, project),
    Row(
        "POST",
        "api:invitations",
        "401 404 201 201 403 403 403",
        project,
        json=lambda world: {"emails": ["nina@example.org"], "role": "viewer"},
    ),
    Row("GET", "api:invitation", API_MANAGERS, invited),
    Row("DELETE", "api:invitation", "401 404 204 204 403 403 403", invited),
    Row("POST", "api:invitation-renewal", "401 404 201 201 403 403 403", invited),
    Row("GET", "api:groups", API_MANAGERS, project),
    Row(
        "POST",
        "api:groups",
        "401 404 201 201 403 403 403",
        project,
        json=lambda world: {"name": "German", "members": [world.ben.email]},
    ),
    Row("GET", "api:group", API_MANAGERS, in_group),
    Row("PATCH", "api:group", API_MANAGERS, in_group, json=lambda w: {"name": "New"}),
    Row("DELETE", "api:group", "401 404 204 204 403 403 403", in_group),
    Row("GET", "api:me-settings", API_ANY),
    Row("PATCH", "api:me-settings", API_ANY, json=lambda w: {"mail_due": False}),
    Row("GET", "api:audit", API_MANAGERS, project),
]
ROWS: list[Row] = SIGN_IN + LINKS + PAGES + API
