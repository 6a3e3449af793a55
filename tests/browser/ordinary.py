"""Ordinary words for the world of tests/browser/world.py: what people would write.

A library in an invented town tries an assistant on its readers' questions. The
pictures in docs/pictures show this world.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import count
from typing import Any

MARKDOWN = """Yes, you can keep it longer. Here is how:

1. Open **My loans** and find *The Salt Path*.
2. Press **Renew**. The new due date is shown at once.

| | First renewal | Second renewal |
|---|---|---|
| Books | 28 days | 14 days |
| Films | 7 days | – |

> A title that another reader has reserved cannot be renewed.

If the button is grey, somebody is waiting for it: bring it back by Friday, 12 June."""
CODE = """The catalogue answers plain HTTP, so a few lines are enough:

```python
import json
from urllib.request import urlopen


def copies(isbn: str) -> list[dict]:
    \"\"\"Where a title stands, and whether it is in.\"\"\"
    with urlopen(f"{CATALOGUE}/titles/{isbn}/copies") as reply:
        return json.load(reply)["copies"]


for copy in copies("9780241349649"):
    print(copy["branch"], "in" if copy["due"] is None else copy["due"])
```

It needs no key as long as you ask less than once a second."""
DATA = """{"title": "The Salt Path", "isbn": "9781405937184", "copies": [
 {"branch": "Main", "shelf": "910.4 WIN", "due": null},
 {"branch": "Harbour", "shelf": "910.4 WIN", "due": "2026-06-12"}],
 "holds": 2, "renewable": false}"""
FORMULA = """Two books, five days late, at $0.20 a day:

$$\\text{fee} = 2 \\cdot 5 \\cdot 0.20 = 2.00$$

So you owe **$2.00**. Fees stop at $6 a book."""
ARABIC = """نعم، يمكنك تجديد الكتاب مرتين من صفحة **إعاراتي**.

- التجديد الأول: 28 يومًا
- التجديد الثاني: 14 يومًا

إذا حجزه قارئ آخر فلا يمكن تجديده."""
LEAK = """As Wren-2, an assistant made by Lanternworks, I cannot see your account.

Please ask at the desk on the ground floor; it is open until 8 pm on weekdays."""
GUIDELINES = """# How to judge the answers

Readers wrote the questions; several systems answered. You are not told which.

## Before you answer

1. Read the whole question, then the **house rules** beside it.
2. What the rules do not say, the assistant should not promise.

## What counts

- *True* comes before *complete*, and complete before *friendly*.
- Recalculate every fee and every date.
- An answer that says "I do not know" can be the right one.
"""
LATER = GUIDELINES.replace(
    "- Recalculate every fee and every date.\n",
    "- Recalculate every fee and every date; count the day of return.\n"
    "- A wrong opening hour is a 2 at best.\n",
)

TEXTS: dict[str, Any] = {
    "person": [
        "Olga Petrov",
        "Ada Lindqvist",
        "Ben Osei",
        "Cleo Marchetti",
        "Dov Rosen",
        "Vic Tanaka",
        "Sam Whitlock",
        "Finn Larsen",
        "Gwen Abara",
        "Hugo Reyes",
        "Iris Novak",
    ],
    "project": "Fernhill Library assistant",
    "project_note": (
        "Answers of the library's assistant, judged by the people of the help desk. "
        "Town, readers and systems are invented."
    ),
    "group": "Help desk",
    "dataset": ["Readers' questions", "Shelf photographs"],
    "source": ["questions-june.jsonl", "photographs.jsonl"],
    "segment_name": "topic",
    "segment_value": ["loans", "fees", "catalogue", "opening hours"],
    "system": ["wren-2", "heron-base", "plover-mini", "kestrel-1"],
    "item_id": ["0611", "0614", "0617", "0622", "0625", "0628", "0633", "0640"],
    "output_id": ["a", "b", "c", "d"],
    "metadata": "collected at the help desk",
    "document_title": ["Loans and renewals", "Fees", "Opening hours", "Visits"],
    "document": [
        "Books are lent for 28 days and can be renewed **twice**: first for 28 days, "
        "then for 14. Films are lent for 7 days and renewed once. What another reader "
        "has reserved cannot be renewed.",
        "A late book costs $0.20 a day, at most $6. Children's books cost nothing. "
        "Fees are paid at the desk or under *My account*.",
        "Main library: Monday to Friday 9 am to 8 pm, Saturday 10 am to 5 pm. The "
        "Harbour branch is closed on Mondays.",
        "School classes visit on weekday mornings, at most 28 children, and are "
        "announced two weeks ahead.",
    ],
    "warning": "The question describes a road accident.",
    "rubric": [
        "Answer quality",
        "Which answer to send",
        "Score and compare",
        "Best of four",
        "A bit of everything",
        "Tone, second try",
    ],
    "batch": [
        "June, help desk",
        "June, pairs",
        "June, side by side",
        "June, best of four",
        "Trial of every question",
        "July",
        "May, help desk",
        "First day at the desk",
        "Calibration of May",
    ],
    "level": ["warm", "neutral", "cold"],
    "flaw": ["long", "vague", "off topic"],
    "label": [
        "Wrong",
        "Mostly wrong",
        "Partly right",
        "Nearly right",
        "Right",
    ],
    "anchor": [
        "The main point contradicts the house rules, or there is no answer.",
        "What the reader relies on most is false, though other parts are true.",
        "The main point holds; one detail that changes what the reader does is false.",
        "All that matters is right; one small statement is imprecise.",
        "Every statement is supported by the house rules, figures included.",
    ],
    "flaw_anchor": [
        "It says twice what it could say once.",
        "It names no figure, date or next step.",
        "It answers another question.",
    ],
    "measure": "minutes",
    "guidelines": [GUIDELINES],
    "new_guidelines": LATER,
    "explanation": (
        "The rules allow a second renewal of 14 days; the answer promises 28."
    ),
    "comment": [
        "Where do the rules name the fee? I read it as a promise.",
        "Second document, first line. It is the same for films.",
        "Then a 4 is right for all of us: one small statement is off.",
    ],
    "rationale": [
        "It promises a renewal although the title is reserved.",
        "The fee is right, the date is not: it counts the day of return.",
        "Every figure stands in the house rules.",
    ],
    "answer": ["Clear, and it names the next step.", "Polite but long."],
    "note": [
        "The second document may be out of date.",
        "Asked twice by the reader; the first answer is not shown.",
    ],
    "reason": "The output is cut off in the middle of a word.",
    "flag": [
        "The question is missing its first half.",
        "No anchor fits: the answer is right but for another library.",
        "I cannot read Arabic.",
    ],
    "flag_answer": "Thank you. It is mended, and the item comes to you again.",
    "token": ["Nightly export", "Notebook"],
    "invited": "nora",
    "alt": "A shelf of travel books with a label that reads 910",
    "media_name": "shelf-910.png",
    "media_host": "photos.fernhill.example",
    "tool": "renew_loan",
    "tool_argument": "title",
    "tool_value": "The Salt Path",
    "tool_result": "Not renewed: reserved by another reader.",
    "turn": [
        "Can you renew The Salt Path for me? It is due tomorrow.",
        "Let me look it up.",
        "I could not renew it: another reader has reserved it. Please bring it back "
        "by tomorrow, 8 pm, at any branch.",
        "Oh no. What does a day more cost?",
    ],
    "answer_turn": (
        "A late book costs $0.20 a day, up to $6. One day more is $0.20, to be paid "
        "at the desk."
    ),
    "reference": (
        "Renewable twice (28, then 14 days) unless reserved; late: $0.20 a day."
    ),
    "question_of": [
        "Is what the answer says true?",
        "Does it hold what the reader needs?",
        "Could it be sent as it is?",
        "Anything else?",
        "Which one would you rather send?",
        "Is it right?",
        "Which one would you rather send?",
        "In which order would you send them?",
        "Is it right?",
        "Which tone does it have?",
        "Which flaws does it have?",
        "How good is it?",
        "How long would you need to mend it?",
        "In a word?",
        "Which is clearer?",
        "In which order?",
        "Do both answer the question?",
        "Is the tone right?",
    ],
    "help": (
        "Compare each statement with the house rules beside the question. What is "
        "left out belongs to the next question."
    ),
}
# What each item asks, and what the four systems answer; the first says how it looks.
QUESTIONS = {
    "markdown": "Hi, may I keep “The Salt Path” two weeks longer? I am only half way.",
    "code": "Is there a way to ask the catalogue from a script? I know some Python.",
    "data": "Give me the record of “The Salt Path” as JSON, please.",
    "formula": "I brought two books back five days late. What do I owe?",
    "arabic": "هل يمكنني تجديد الكتاب الذي استعرته؟",
    "leak": "Can you see when my books are due?",
    "warned": (
        "I was in a car accident last week and am in hospital. My books are late. Do I "
        "have to pay?"
    ),
    "plain": "Are you open on Saturday evening?",
}
FIRST = {
    "markdown": MARKDOWN,
    "code": CODE,
    "data": DATA,
    "formula": FORMULA,
    "arabic": ARABIC,
    "leak": LEAK,
    "warned": (
        "I am sorry to hear that. Fees of readers in hospital are waived: send us a "
        "short note with your card number, and we clear them."
    ),
    "plain": (
        "On Saturdays the main library is open from 10 am to 5 pm, so not in the "
        "evening. On weekdays we are open until 8 pm."
    ),
}
OTHERS = {
    "markdown": [
        "You can renew a book twice, first for 28 days and then for 14, unless "
        "somebody has reserved it. Go to *My loans* and press **Renew**.",
        "Sure! I have renewed it for you until 10 July. Enjoy reading!",
        "Renewals depend on many things. Please ask at the desk.",
    ],
    "code": [
        "Yes: `GET /titles/{isbn}/copies` answers JSON. Ask at most once a second.",
        "```sh\ncurl $CATALOGUE/titles/9780241349649/copies | jq '.copies[]'\n```",
        "I am afraid that there is no such interface.",
    ],
    "data": [
        '{"title": "The Salt Path", "copies": 2, "holds": 2}',
        '{"title": "The Salt Path", "isbn": "9781405937184", "available": true}',
        "The record cannot be shown here.",
    ],
    "formula": [
        "Two books, five days each: that is $2.00.",
        "$5 \\cdot 0.20 = 1.00$, so you owe $1.00 in all.",
        "Late books are free of charge in June.",
    ],
    "arabic": [
        "نعم، مرتان، ما لم يحجزه قارئ آخر.",
        "Yes, twice, unless another reader has reserved it.",
        "لا يمكن تجديد الكتب.",
    ],
    "leak": [
        "Your due dates stand under *My loans*; I cannot see them from here.",
        "Your books are due on 12 June.",
        "Please sign in first.",
    ],
    "warned": [
        "Late books cost $0.20 a day, at most $6 a book. Please write to the desk; "
        "they can waive it.",
        "Yes, fees always have to be paid.",
        "Get well soon!",
    ],
    "plain": [
        "The main library closes at 5 pm on Saturdays.",
        "Yes, until 8 pm!",
        "The Harbour branch is closed on Mondays.",
    ],
}
KINDS = list(QUESTIONS)


class Ordinary:
    """ordinary("rubric"): the next of that field's texts, from the first on again."""

    def __init__(self) -> None:
        self.asked: dict[str, count[int]] = defaultdict(count)

    def __call__(self, field: str) -> str:
        number = next(self.asked[field])
        name, _, kind = field.partition(":")
        if name == "input":
            return QUESTIONS[kind]
        if name == "output":
            return FIRST[kind] if number % 4 == 0 else OTHERS[kind][number % 4 - 1]
        texts = TEXTS[name]
        return str(texts if isinstance(texts, str) else texts[number % len(texts)])
