"""Identity leaks: outputs whose text says which model or vendor wrote them."""

from annotation.leaks.scanning import Found, Scanner

__all__ = ["Found", "Scanner"]
