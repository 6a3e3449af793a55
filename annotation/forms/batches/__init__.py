"""Forms that make a batch and change one."""

from annotation.forms.batches.new import BatchForm
from annotation.forms.batches.settings import SettingsForm

__all__ = ["BatchForm", "SettingsForm"]
