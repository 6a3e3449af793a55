"""Addresses of accounts: pages here, the API in api_urlpatterns."""

from django.urls import URLPattern, path
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from accounts.api import audit as audit_api
from accounts.api import groups as groups_api
from accounts.api import invitations as invitations_api
from accounts.api import me as me_api
from accounts.api import members as members_api
from accounts.api import projects as projects_api
from accounts.api import sessions as sessions_api
from accounts.views import (
    account,
    audit,
    groups,
    invitations,
    links,
    mail,
    members,
    projects,
    sessions,
    single_sign_on,
)

app_name = "accounts"

urlpatterns: list[URLPattern] = [
    path("account/", account.account, name="account"),
    path("settings/", account.settings, name="settings"),
    path("mail/off/<str:token>/", mail.mail_off, name="mail-off"),
    path("language/", require_POST(set_language), name="language"),
    path("account/tokens/", account.tokens, name="tokens"),
    path(
        "account/tokens/<uuid:token_id>/revocation/",
        account.token_revocation,
        name="token-revocation",
    ),
    path("account/sessions/", sessions.sessions, name="sessions"),
    path(
        "account/sessions/<int:session_id>/end/",
        sessions.session_end,
        name="session-end",
    ),
    path(
        "account/sessions/others/end/",
        sessions.other_sessions_end,
        name="other-sessions-end",
    ),
    path("sign-in/single/", single_sign_on.single_sign_on, name="single-sign-on"),
    path(
        "sign-in/single/answer/",
        single_sign_on.single_sign_on_answer,
        name="single-sign-on-answer",
    ),
    path("set-up/<str:token>/", links.set_up_site, name="set-up"),
    path(
        "sign-in/link/<uuid:user_id>/<str:token>/",
        links.sign_in_link,
        name="sign-in-link",
    ),
    path(
        "password/link/<uuid:user_id>/<str:maker>/<str:token>/",
        links.password_link,
        name="password-link",
    ),
    path("invitations/<str:token>/", invitations.invitation, name="invitation"),
    path("projects/new/", projects.project_new, name="project-new"),
    path(
        "projects/<uuid:project_id>/settings/",
        projects.project_settings,
        name="project-settings",
    ),
    path("projects/<uuid:project_id>/members/", members.members, name="members"),
    path(
        "projects/<uuid:project_id>/members/<uuid:user_id>/",
        members.member,
        name="member",
    ),
    path(
        "projects/<uuid:project_id>/members/<uuid:user_id>/removal/",
        members.member_removal,
        name="member-removal",
    ),
    path(
        "projects/<uuid:project_id>/members/<uuid:user_id>/password-link/",
        members.member_password_link,
        name="member-password-link",
    ),
    path(
        "projects/<uuid:project_id>/invitations/<uuid:invitation_id>/revocation/",
        members.invitation_revocation,
        name="invitation-revocation",
    ),
    path(
        "projects/<uuid:project_id>/invitations/<uuid:invitation_id>/renewal/",
        members.invitation_renewal,
        name="invitation-renewal",
    ),
    path("projects/<uuid:project_id>/groups/", groups.groups, name="groups"),
    path("groups/<uuid:group_id>/", groups.group, name="group"),
    path(
        "groups/<uuid:group_id>/deletion/",
        groups.group_deletion,
        name="group-deletion",
    ),
    path("projects/<uuid:project_id>/audit/", audit.audit, name="audit"),
]
api_urlpatterns: list[URLPattern] = [
    path("me", projects_api.MeView.as_view(), name="me"),
    path("me/sessions", sessions_api.SessionsView.as_view(), name="my-sessions"),
    path(
        "me/sessions/<int:session_id>",
        sessions_api.SessionView.as_view(),
        name="my-session",
    ),
    path("me/settings", me_api.SettingsView.as_view(), name="me-settings"),
    path("projects", projects_api.ProjectsView.as_view(), name="projects"),
    path(
        "projects/<uuid:project_id>",
        projects_api.ProjectView.as_view(),
        name="project",
    ),
    path(
        "projects/<uuid:project_id>/members",
        members_api.MembersView.as_view(),
        name="members",
    ),
    path(
        "projects/<uuid:project_id>/members/<uuid:user_id>",
        members_api.MemberView.as_view(),
        name="member",
    ),
    path(
        "projects/<uuid:project_id>/members/<uuid:user_id>/password-link",
        members_api.PasswordLinkView.as_view(),
        name="member-password-link",
    ),
    path(
        "projects/<uuid:project_id>/invitations",
        invitations_api.InvitationsView.as_view(),
        name="invitations",
    ),
    path(
        "projects/<uuid:project_id>/invitations/<uuid:invitation_id>",
        invitations_api.InvitationView.as_view(),
        name="invitation",
    ),
    path(
        "projects/<uuid:project_id>/invitations/<uuid:invitation_id>/renewal",
        invitations_api.RenewalView.as_view(),
        name="invitation-renewal",
    ),
    path(
        "projects/<uuid:project_id>/groups",
        groups_api.GroupsView.as_view(),
        name="groups",
    ),
    path("groups/<uuid:group_id>", groups_api.GroupView.as_view(), name="group"),
    path(
        "projects/<uuid:project_id>/audit",
        audit_api.AuditView.as_view(),
        name="audit",
    ),
]
