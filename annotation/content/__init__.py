"""What people read when they judge: untrusted content as safe HTML, and as text."""

from annotation.content.markdown import rendered
from annotation.content.text import as_text, first_words, words_in

__all__ = ["as_text", "first_words", "rendered", "words_in"]
