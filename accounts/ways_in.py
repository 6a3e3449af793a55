"""What allauth's record of a session calls the ways in that are ours."""

SIGN_IN = "sign-in"
SINGLE_SIGN_ON = "single sign-on"
