"""Rubrics to begin with: one YAML file each, complete, with an item to try it on."""

from rubrics.library.shelf import LibraryRubric, library, library_rubric

__all__ = ["LibraryRubric", "library", "library_rubric"]
