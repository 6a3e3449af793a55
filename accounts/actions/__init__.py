"""What changes people, projects and rights: one act, one transaction, one audit row."""
