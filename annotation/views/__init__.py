"""Screens of annotation, one file for each noun."""
