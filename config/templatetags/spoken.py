"""`{{ job.error|spoken }}`: a stored English sentence in the reader's language."""

from django import template

from config.spoken import spoken

register = template.Library()
register.filter("spoken", spoken)
