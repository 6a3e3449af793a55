"""Background work as rows: the truth beside Celery."""
