"""Annotation by API, one file for each noun."""
