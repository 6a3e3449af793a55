"""Run beside a served installation: starts a job there, prints its id and a token."""

import json
import sys
from typing import Any

import django


def start_counting(params: dict[str, Any]) -> dict[str, str]:
    from accounts.models import ApiToken, Membership, Project, Role, User
    from jobs.actions import start

    ada, _ = User.objects.get_or_create(email="ada@example.org")
    project = Project.objects.create(name="Counting", created_by=ada)
    Membership.objects.create(project=project, user=ada, role=Role.OWNER)
    _, secret = ApiToken.issue(user=ada, made_by=ada)
    job = start("count_to", project=project, by=ada, params=params)
    return {"id": str(job.pk), "token": secret}


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(json.dumps(start_counting(json.loads(sys.argv[1]))))
