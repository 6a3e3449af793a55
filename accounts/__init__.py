"""People, projects, memberships, API tokens, the audit trail: who may do what."""
