"""Running the product: prepare the data, start the processes, keep them alive.

`serve` is the whole of it; `manage.py serve` and `manage.py demo` call it.
"""

from config.serving.start import CannotServe, listen, make_folders, serve

__all__ = ["CannotServe", "listen", "make_folders", "serve"]
