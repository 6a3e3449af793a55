"""The judgments of a batch to browse: filtered, in the order of time, page by page."""
