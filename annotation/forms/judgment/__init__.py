"""The judging form: a rubric's questions as controls, a post as answers.

A post is read into the API's shape of answers, and the same checks hold for both.
Names of controls: `answer-KEY` for a comparison, `answer-KEY-SIDE` for one output;
likewise `rationale-…`, and for a ranking `rank-KEY-SIDE`. A choice of "absent:…" says
that there is no answer; `answer-…-none` says that no category fits. Evidence in the
output of a side is `span-KEY-SIDE` ("12-40 51-60"), without what `…-drop` names and
with the words in `…-words`. `note`, `elapsed_ms`, `supersedes` and `draft_version` go
along.
"""

from annotation.forms.judgment.form import JudgmentForm
from annotation.forms.judgment.posted import as_sent

__all__ = ["JudgmentForm", "as_sent"]
