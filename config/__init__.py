"""Plumbing that knows no domain, and the places that compose the whole."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
