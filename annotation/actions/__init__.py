"""What changes things in annotation: one act, one transaction, one file a noun."""
