"""The screens of rubrics, one module for each."""
