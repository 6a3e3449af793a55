"""Addresses of signing in, under the names that allauth reverses: no namespace."""

from django.urls import include, path, re_path
from django.views.generic import RedirectView

from accounts.views import sign_in

urlpatterns = [
    path("", include("accounts.two_factor_urls")),
    path("sign-in/", sign_in.SignIn.as_view(), name="account_login"),
    path("sign-out/", sign_in.SignOut.as_view(), name="account_logout"),
    path("sign-in/inactive/", sign_in.Inactive.as_view(), name="account_inactive"),
    path("sign-up/", sign_in.no_sign_up, name="account_signup"),
    # Allauth's name for the page where people see to their account.
    path(
        "account/e-mail/",
        RedirectView.as_view(
            pattern_name="accounts:account", http_method_names=["get", "head"]
        ),
        name="account_email",
    ),
    path(
        "account/password/",
        sign_in.ChangePassword.as_view(),
        name="account_change_password",
    ),
    path(
        "account/password/first/",
        sign_in.SetPassword.as_view(),
        name="account_set_password",
    ),
    path(
        "password/reset/",
        sign_in.ResetPassword.as_view(),
        name="account_reset_password",
    ),
    path(
        "password/reset/sent/",
        sign_in.ResetPasswordDone.as_view(),
        name="account_reset_password_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$",
        sign_in.ResetPasswordFromKey.as_view(),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/done/",
        sign_in.ResetPasswordFromKeyDone.as_view(),
        name="account_reset_password_from_key_done",
    ),
]
