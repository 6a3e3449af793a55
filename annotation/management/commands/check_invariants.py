"""`check_invariants`: recount what must hold, from the rows."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotation.invariants import violations


class Command(BaseCommand):
    help = "Recount the invariants from the rows; exit 1 and say which do not hold."

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        for violation in violations():
            self.stdout.write(str(violation))
            found += 1
        if found:
            raise CommandError(f"{found} violations.")
        self.stdout.write("All invariants hold.")
