"""What a batch will cost: reckoned from its selection and past pace, nothing made."""
