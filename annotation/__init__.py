"""The work: datasets, batches, assignments, judgments, agreement."""
