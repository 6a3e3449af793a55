"""Why an act on people is refused; each message is a sentence for its sender."""

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from accounts.models import Membership, Role


class Outranked(PermissionDenied):
    """Roles are given, changed and taken only below one's own (403)."""

    def __init__(self, message: str = "") -> None:
        super().__init__(
            message or _("You can give, change and take only roles below your own.")
        )


class LastOwner(Exception):
    """A project always has an owner (409)."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "A project needs an owner, and this is the last one. Make somebody "
                "else an owner first."
            )
        )


class AlreadyMember(Exception):
    """The person is here already, with this membership (409)."""

    def __init__(self, membership: Membership) -> None:
        super().__init__(
            _(
                "This person is already a member, as %(role)s. Change the membership "
                "instead of adding it again."
            )
            % {"role": Role(membership.role).label}
        )
        self.membership = membership
