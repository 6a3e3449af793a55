"""Rubrics as files: the API's own shape in YAML or JSON, out and in."""
