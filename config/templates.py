"""Templates are sent without the indentation and the empty lines they are written with.

Every line that shows something keeps its end, so what stands inline keeps its space.
Left alone: what keeps its spaces in the browser, and words to translate, since a
catalogue names them character by character.
"""

from __future__ import annotations

import re

from django.conf import settings
from django.template import Origin
from django.template.loaders import filesystem

CONTROL = r"if|elif|else|endif|for|empty|endfor|with|endwith|load|block|endblock"
LAYOUT = re.compile(
    r"(?P<kept>{% blocktrans.*?{% endblocktrans(?:late)? %}|<pre\b.*?</pre>"
    r"|<textarea\b.*?</textarea>)"
    rf"|^[ \t]*(?P<tags>(?:{{% (?:{CONTROL})\b[^%\n]*%}}|{{#[^#\n]*#}})+)\n"
    r"|^[ \t]+",
    re.DOTALL | re.MULTILINE,
)


def without_layout(source: str) -> str:
    return LAYOUT.sub(lambda match: match["kept"] or match["tags"] or "", source)


class LeanLoader(filesystem.Loader):
    def get_contents(self, origin: Origin) -> str:
        contents = super().get_contents(origin)
        if not str(origin.name).endswith(".html"):
            return contents
        contents = contents.removesuffix("\n")  # A part may stand within a sentence.
        if settings.DEBUG:
            return contents  # An error names the line as it is written.
        return without_layout(contents)
