"""The API of rubrics, one module for each noun."""
