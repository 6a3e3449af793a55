"""What one annotator sees of their own: work, attention, activity, history."""
