"""The editor's forms: what people type becomes the JSON that rubrics.shape reads."""

from rubrics.forms.editor import RubricEditor

__all__ = ["RubricEditor"]
