"""My own judgments: found again, opened while the batch is open, read afterwards."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Membership, User
from annotation.actions.changing import move_batch
from annotation.actions.flags import answer_flag, raise_flag
from annotation.actions.judging import skip
from annotation.mine.history import my_assignments, page_of
from annotation.models import Assignment, Batch, BatchMember, Item, Judgment, Unit
from tests.annotation.queries import queries_of
from tests.annotation.screen import GOOD, judged, text


def opened(page: str) -> list[str]:
    """The ids of the units that the list links to, in its order."""
    return re.findall(r'class="mine__open" href="/assignments/([^/]+)/', page)


def test_my_judgments_stand_newest_first_with_what_i_said(
    ben_s_browser: Client, claim: Any, ben: User, open_batch: Batch
) -> None:
    first = judged(ben_s_browser, claim, ben, open_batch, elapsed_ms="65000")
    second = judged(ben_s_browser, claim, ben, open_batch)
    for address in ("/mine/", f"/batches/{open_batch.pk}/mine/"):
        page = text(ben_s_browser.get(address))
        assert opened(page) == [str(second.pk), str(first.pk)]
        assert first.unit.item.input in page
        assert re.search(r"accuracy</span> <b[^>]*>4</b>", page)
        assert re.search(r"fluent</span> <b[^>]*>Yes</b>", page)
        assert "1:05" in page


def test_a_pair_is_told_by_the_sides_that_i_saw(
    ben_s_browser: Client, claim: Any, ben: User, mixed_batch: Batch
) -> None:
    mine = claim(ben, mixed_batch)
    said = {
        "answer-accuracy-A": "4",
        "answer-accuracy-B": "2",
        "answer-overall": "B",
    }
    ben_s_browser.post(mine.get_absolute_url(), said)
    page = text(ben_s_browser.get("/mine/"))
    assert "A 4, B 2" in page
    assert "B better" in page


def test_every_scale_is_told_in_short(
    ben_s_browser: Client, judge_api: Any, ben: User, claim: Any, every_batch: Batch
) -> None:
    mine = claim(ben, every_batch)
    both = {"A": True, "B": False}
    answers = {
        "ok": both,
        "tone": {"A": None, "B": {"absent": "cannot_judge"}},
        "flaws": {"A": ["long", "rude"], "B": []},
        "grade": {"A": 2, "B": 3},
        "minutes": {"A": 1.5, "B": 2},
        "overall": "both_bad",
        "clarity": {"choice": "A", "strength": 2},
        "order": ["B", "A"],
        "both": True,
    }
    sent = {"answers": answers, "rationales": {"both": "They do."}}
    reply = judge_api(ben)("post", "judgment", mine.pk, sent)
    assert reply.status_code == 201, reply.content
    page = text(ben_s_browser.get("/mine/?show=rationale"))
    for words in (
        "A Yes, B No",
        "A not applicable, B cannot judge",
        "A long, rude, B none",
        "A 1.5, B 2",
        "both bad",
        "A much better",
        "B &gt; A",
    ):
        assert words in page, words


def test_a_revision_is_one_line_that_says_so(
    ben_s_browser: Client, claim: Any, ben: User, open_batch: Batch
) -> None:
    mine = judged(ben_s_browser, claim, ben, open_batch, elapsed_ms="60000")
    current = Judgment.objects.current().get(assignment=mine)
    changed = {"answer-accuracy-A": "1", "supersedes": str(current.pk)}
    more = {"elapsed_ms": "5000"}
    ben_s_browser.post(mine.get_absolute_url(), GOOD | changed | more)
    page = text(ben_s_browser.get("/mine/"))
    assert opened(page) == [str(mine.pk)]
    assert "Revised once" in page
    assert re.search(r"accuracy</span> <b[^>]*>1</b>", page)
    assert "1:05" in page


def test_lists_of_skipped_flagged_and_explained_units(
    ben_s_browser: Client, claim: Any, ben: User, ada: User, open_batch: Batch
) -> None:
    plain = judged(ben_s_browser, claim, ben, open_batch)
    noted = judged(ben_s_browser, claim, ben, open_batch, note="A canary sings.")
    flagged = claim(ben, open_batch)
    flag = raise_flag(assignment=flagged, kind="unclear_rubric", text="A slip?").flag
    answer_flag(flag=flag, answer="A slip is a 4.", by=ada)
    skip(assignment=flagged, reason="Something else. Too long.")

    def listed(query: str) -> list[str]:
        return opened(text(ben_s_browser.get(f"/mine/?{query}")))

    assert listed("show=submitted") == [str(noted.pk), str(plain.pk)]
    assert listed("show=flagged") == [str(flagged.pk)]
    assert listed("show=skipped") == [str(flagged.pk)]
    assert listed("show=rationale") == []
    assert listed("words=CANARY") == [str(noted.pk)]
    assert listed("words=heron") == []
    assert listed("show=flagged&words=is+a+4") == [str(flagged.pk)]
    assert listed("show=skipped&words=too+long") == [str(flagged.pk)]
    assert listed("show=nonsense&before=nonsense") == [str(noted.pk), str(plain.pk)]
    skipped = text(ben_s_browser.get("/mine/?show=skipped"))
    assert "Something else. Too long." in skipped
    assert "Nothing found" in text(ben_s_browser.get("/mine/?words=heron"))


def test_pages_follow_each_other_without_a_gap_or_a_double(
    ben_s_browser: Client, claim: Any, ben: User, open_batch: Batch
) -> None:
    done = [judged(ben_s_browser, claim, ben, open_batch) for _ in range(7)]
    same = timezone.now()  # The keyset must not stumble over equal times.
    Assignment.objects.filter(pk__in=[row.pk for row in done[:4]]).update(
        submitted_at=same
    )
    seen, before = [], ""
    for _ in range(4):
        page = page_of(my_assignments(ben), before=before, size=2)
        seen += [entry.assignment.pk for entry in page.entries]
        before = page.older
    assert before == ""
    assert sorted(seen) == sorted(row.pk for row in done)
    skipped = [claim(ben, open_batch) for _ in range(1)]
    for row in skipped:
        skip(assignment=row, reason="Something else.")
    first = page_of(my_assignments(ben), "skipped", size=1)
    assert (len(first.entries), first.older) == (1, "")


@pytest.mark.parametrize("shown", ["submitted", "flagged", "skipped", "rationale"])
@pytest.mark.parametrize(
    "at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "nan", "-inf", "?"]
)
def test_a_page_after_no_place_of_ours_is_a_page(
    ben_s_browser: Client, at: str, shown: str
) -> None:
    before = f"{at}~0b5c1c4e-7f5e-4f0e-9d55-0a3bb0a3c111"
    page = ben_s_browser.get("/mine/", {"show": shown, "before": before})
    assert page.status_code == 200


def test_a_history_costs_the_same_however_long(
    ben_s_browser: Client, claim: Any, ben: User, open_batch: Batch, ada: User
) -> None:
    costs = []
    for _ in range(2):
        for number in range(3):
            mine = judged(ben_s_browser, claim, ben, open_batch, note="Why.")
            raise_flag(assignment=mine, kind="broken_item")
            if number == 0:
                skip(assignment=claim(ben, open_batch), reason="Something else.")
        for address in ("/mine/", f"/batches/{open_batch.pk}/mine/"):
            for show in ("submitted", "rationale", "flagged", "skipped"):
                with queries_of() as asked:
                    ben_s_browser.get(f"{address}?show={show}&words=")
                costs.append(len(asked))
    half = len(costs) // 2
    assert costs[:half] == costs[half:]
    assert max(costs) <= 10


def test_while_the_batch_is_open_a_line_leads_to_the_form_afterwards_to_words(
    ben_s_browser: Client, claim: Any, ben: User, ada: User, open_batch: Batch
) -> None:
    mine = judged(ben_s_browser, claim, ben, open_batch, note="Why so.")
    address = mine.get_absolute_url()
    assert f'class="mine__open" href="{address}"' in text(ben_s_browser.get("/mine/"))
    assert ben_s_browser.get(address).status_code == 200

    move_batch(batch=open_batch, to="closed", by=ada)
    listed = text(ben_s_browser.get("/mine/"))
    assert f'class="mine__open" href="{address}mine/"' in listed
    assert ben_s_browser.get(address)["Location"] == f"{address}mine/"
    page = text(ben_s_browser.get(f"{address}mine/"))
    assert "can be read, not changed" in page
    assert "Why so." in page
    assert "Change it" not in page
    assert mine.unit.item.input in page


def test_what_may_disturb_is_named_and_not_shown_in_a_list(
    ben_s_browser: Client, claim: Any, ben: User, open_batch: Batch
) -> None:
    mine = judged(ben_s_browser, claim, ben, open_batch)
    Item.objects.filter(pk=mine.unit.item_id).update(warning="Violence", input="Blood")
    for address in ("/", "/mine/"):
        page = text(ben_s_browser.get(address))
        assert "Violence" in page
        assert "Blood" not in page


def test_a_skipped_unit_is_taken_back_while_a_place_is_free(
    ben_s_browser: Client, claim: Any, ben: User, open_batch: Batch
) -> None:
    mine = claim(ben, open_batch)
    skip(assignment=mine, reason="Something else.")
    page = text(ben_s_browser.get(f"/assignments/{mine.pk}/mine/"))
    assert "Take it back" in page
    for _ in range(2):  # Twice is once.
        reply = ben_s_browser.post(f"/assignments/{mine.pk}/return/")
        assert reply["Location"] == mine.get_absolute_url()
    mine.refresh_from_db()
    assert (mine.state, mine.holds_slot) == ("leased", True)
    assert Unit.objects.get(pk=mine.unit_id).taken == 1


def test_a_skipped_unit_that_others_have_does_not_come_back(
    ben_s_browser: Client, claim: Any, ben: User, cleo: User, open_batch: Batch
) -> None:
    mine = claim(ben, open_batch)
    skip(assignment=mine, reason="Something else.")
    Unit.objects.filter(pk=mine.unit_id).update(taken=2)
    reply = ben_s_browser.post(f"/assignments/{mine.pk}/return/", follow=True)
    assert "Others have this item now" in text(reply)
    mine.refresh_from_db()
    assert mine.state == "skipped"


def test_a_skipped_unit_does_not_come_back_over_the_cap(
    ben_s_browser: Client, claim: Any, ben: User, open_batch: Batch
) -> None:
    mine = claim(ben, open_batch)
    skip(assignment=mine, reason="Something else.")
    judged(ben_s_browser, claim, ben, open_batch)
    BatchMember.objects.filter(user=ben).update(cap=1)
    reply = ben_s_browser.post(f"/assignments/{mine.pk}/return/", follow=True)
    assert "as many items of this batch as one may" in text(reply)


def test_my_history_holds_nothing_of_others_and_nothing_of_the_source(
    ben_s_browser: Client,
    signed_in: Any,
    claim: Any,
    ben: User,
    cleo: User,
    open_batch: Batch,
) -> None:
    hers = signed_in(cleo)
    for _ in range(12):
        judged(hers, claim, cleo, open_batch, note="canary sings")
    mine = judged(ben_s_browser, claim, ben, open_batch, note="My own.")
    seen = [
        text(ben_s_browser.get(address))
        for address in (
            "/",
            "/mine/",
            "/mine/?words=sings",
            f"/batches/{open_batch.pk}/mine/",
            f"/assignments/{mine.pk}/mine/",
            f"/assignments/{mine.pk}/flags/",
            f"/batches/{open_batch.pk}/break/",
        )
    ]
    item = mine.unit.item
    for secret in ("canary", "cleo", "Cleo", "heron", "wren", f"{item.external_id}/"):
        assert [n for n, page in enumerate(seen) if secret in page] == [], secret


def test_who_no_longer_judges_here_keeps_no_window_into_it(
    ben_s_browser: Client, claim: Any, ben: User, open_batch: Batch
) -> None:
    mine = judged(ben_s_browser, claim, ben, open_batch)
    Membership.objects.filter(user=ben).update(left_at=timezone.now())
    assert opened(text(ben_s_browser.get("/mine/"))) == []
    for address in (f"/batches/{open_batch.pk}/mine/", f"/assignments/{mine.pk}/mine/"):
        assert ben_s_browser.get(address).status_code == 404


def test_who_was_taken_off_a_batch_still_reads_what_they_did(
    ben_s_browser: Client, claim: Any, ben: User, open_batch: Batch
) -> None:
    mine = judged(ben_s_browser, claim, ben, open_batch)
    BatchMember.objects.filter(user=ben).update(active=False)
    page = text(ben_s_browser.get(f"/batches/{open_batch.pk}/mine/"))
    assert opened(page) == [str(mine.pk)]


def test_older_judgments_keep_their_place_when_days_pass(
    ben_s_browser: Client, claim: Any, ben: User, open_batch: Batch
) -> None:
    old = judged(ben_s_browser, claim, ben, open_batch)
    new = judged(ben_s_browser, claim, ben, open_batch)
    past = timezone.now() - timedelta(days=40)
    Assignment.objects.filter(pk=old.pk).update(submitted_at=past)
    assert opened(text(ben_s_browser.get("/mine/"))) == [str(new.pk), str(old.pk)]
