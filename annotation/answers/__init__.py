"""Answers: read from what was sent, checked, kept as plain values, said in words."""
