"""A letter is made once and kept as it was, mailed once, and what nobody knows is left to a person."""

import dataclasses
import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from interlock.app.letter_sending import LettersByHand
from interlock.app.letters import LetterUnknown
from interlock.app.settings import NotConfigured
from interlock.app.worker import Workers
from interlock.domains.firm.letter_times import next_letter
from interlock.domains.firm.policy.values import DigestPolicy
from interlock.domains.firm.services.letter_calendar import letter_moves, plan_next
from interlock.domains.firm.services.people_service import PeopleService
from interlock.domains.firm.services.policy_service import PolicyService
from interlock.domains.firm.timetable import Letter
from interlock.infra import translog
from interlock.infra.mail import MailNotTaken, MailUnknown
from interlock.kernel.errors import BadInput
from interlock.runway.services.experiences.letter_sending import Another
from tests.letters.conftest import TO, Post
from tests.support.log_attacks import refused
from tests.support.mail import CUT, WAIT_SECONDS


def test_a_due_letter_is_made_mailed_and_the_next_one_is_a_week_later(post: Post) -> None:
    post.is_due()
    post.work()
    (message,) = post.server.messages()
    assert message["To"] == ", ".join(TO)
    assert "Alder & Wren: your cash, seven days to 24 November 2026" in message["Subject"]
    kinds = [part.get_content_type() for part in message.walk()]
    assert kinds == ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "application/pdf"]
    assert post.due().due_at == datetime(2026, 11, 30, 13, tzinfo=UTC), "Monday, eight in New York"
    assert post.log() == ["letter.made", "letter.sending", "letter.sent"]
    last = post.letters.last()
    assert last is not None and last.sent_at is not None and last.recipients == TO
    post.work()
    assert len(post.server.messages()) == 1, "it is not due again"


def test_a_worker_finds_the_letter_that_is_due(post: Post) -> None:
    post.is_due()
    workers = Workers(post.house)
    workers.start()
    try:
        assert post.server.kept.wait(WAIT_SECONDS), "the tick never came to the calendar's rows"
    finally:
        assert workers.stop(WAIT_SECONDS)
    assert len(post.server.messages()) == 1
    last = post.letters.last()
    assert last is not None and last.sent_at is not None


def test_a_sync_plans_the_letter_and_a_policy_moves_it(post: Post) -> None:
    database, business = post.client.firm.database, post.client.business
    with database.writing(post.client.scope) as session:
        now = post.client.firm.clock.now()
        assert letter_moves(session, business, now) == datetime(2026, 11, 30, 13, tzinfo=UTC)
        plan_next(session, business, now)
        assert letter_moves(session, business, now) is None, "it stands as the policy says"
        odell = PeopleService(session, business.firm_id).acting(business.business_id, "odell")
        text = '[digest]\nday = "fri"\nhour = "17:00"\n'
        PolicyService(session, business.firm_id).write(business, text, reason="Fridays", by=odell, now=now)
        assert letter_moves(session, business, now) == datetime(2026, 11, 27, 22, tzinfo=UTC)
        late = now + timedelta(days=30)
        assert letter_moves(session, business, late) is None, "one that is overdue is made first"


def test_what_was_made_is_what_is_mailed_and_nobody_changes_it(post: Post) -> None:
    made = post.letters.make("a test")
    post.client.firm.wait(hours=3)
    assert post.letters.make("a test") == made, "a day has one letter"
    post.letters.send(made.letter_id, "a test")
    with post.client.firm.database.reading(post.client.scope) as session:
        kept = session.scalars(select(Letter)).one()
        html, pdf = kept.html, kept.pdf
    (message,) = post.server.messages()
    parts = {part.get_content_type(): part for part in message.walk()}
    assert parts["application/pdf"].get_content() == pdf
    assert parts["text/html"].get_content().encode().replace(b"\r\n", b"\n").strip() == html.strip()
    with (
        post.client.firm.database.writing(post.client.scope) as session,
        refused("a letter changed", saying="letter"),
    ):
        session.execute(update(Letter).values(html=b"another"))


def test_a_server_that_certainly_took_nothing_is_tried_again(post: Post) -> None:
    post.is_due()
    for step, words in (
        ("greet", CUT),
        ("from", CUT),
        ("to", "550 no such user"),
        ("data", "451 later"),
        ("end", "552 full"),
    ):
        post.server.does = {step: words}
        with pytest.raises(MailNotTaken, match=r"Nothing was sent|before anything was sent"):
            post.work()
        last = post.letters.last()
        assert last is not None and last.sending_at is None and last.trouble, f"{step}: it may be tried again"
    post.server.usual()
    before = len(post.server.messages())  # those that the server wrote down and then refused
    post.work()
    assert len(post.server.messages()) == before + 1
    assert post.log().count("letter.made") == 1 and post.log()[-1] == "letter.sent"


def test_an_answer_that_never_came_is_not_sent_again_without_a_person(post: Post) -> None:
    post.is_due()
    post.server.does = {"end": CUT}
    post.work()
    assert len(post.server.messages()) == 1
    assert post.log() == ["letter.made", "letter.sending", "letter.unknown"]
    post.server.usual()
    for days in (0, 1):
        post.client.firm.wait(days=days)
        post.is_due()
        post.work()
    assert len(post.server.messages()) == 1, "nobody knows whether it was taken, so it is not sent again"
    with post.client.firm.desk.reading(post.client.name) as at:
        view = at.digest.get_digest_experience()
    assert any("nobody knows whether the mail server took it" in each for each in view.unproven)
    last = post.letters.last()
    assert last is not None
    with pytest.raises(LetterUnknown, match="--again"):
        post.letters.send(last.letter_id, "Wren Halloran")
    post.letters.send(last.letter_id, "Wren Halloran", again=True)
    first, second = post.server.messages()
    assert first["Message-ID"] == second["Message-ID"]


def test_a_try_again_that_was_refused_leaves_open_what_was_open(post: Post) -> None:
    letter = post.letters.make("a test")
    post.server.does = {"end": CUT}
    with pytest.raises(MailUnknown):
        post.letters.send(letter.letter_id, "a test")
    post.server.does = {"from": "550 not you"}
    with pytest.raises(MailNotTaken):
        post.letters.send(letter.letter_id, "a test", again=True)
    last = post.letters.last()
    assert last is not None and last.unknown, "the first one may still have arrived"


def test_without_mail_or_anybody_to_send_to_it_is_made_and_kept(post: Post) -> None:
    post.house.settings = dataclasses.replace(post.house.settings, smtp_url=None)
    post.is_due()
    post.work()
    last = post.letters.last()
    assert last is not None and last.sending_at is None
    assert last.trouble is not None and "INTERLOCK_SMTP_URL" in last.trouble
    assert post.due().due_at > post.client.firm.clock.now()
    with pytest.raises(NotConfigured):
        post.letters.send(last.letter_id, "a test")


def test_weeks_that_nobody_worked_make_one_letter(post: Post) -> None:
    post.is_due()
    post.client.firm.wait(days=23)
    post.work()
    post.work()
    assert len(post.server.messages()) == 1
    assert post.due().due_at - post.client.firm.clock.now() <= timedelta(days=7)


def test_a_client_gets_one_letter_a_week_whoever_sends_it(post: Post) -> None:
    by_hand = LettersByHand(post.house)
    first = by_hand.send(post.client.name, actor="Odell")
    assert first.now and first.to == TO
    post.client.firm.wait(days=2)
    again = by_hand.send(post.client.name, actor="Odell")
    assert (again.now, again.letter_id) == (False, first.letter_id), "Thursday is in the week of Monday's letter"
    assert again.words == (
        f"The letter of 24 Nov was taken by the mail server for {TO[0]} and {TO[1]} on 24 Nov already: a client gets one a "
        "week, and nothing was sent now. Another one needs a reason."
    )
    post.is_due()
    post.work()
    assert len(post.server.messages()) == 1, "the calendar's hour in the same week sends nothing either"
    assert post.due().due_at == datetime(2026, 11, 30, 13, tzinfo=UTC)
    post.client.firm.wait(days=4)
    post.work()
    assert len(post.server.messages()) == 2, "Monday begins a week of its own"
    assert post.log().count("letter.made") == 2


def test_another_letter_in_a_week_has_a_reason_and_a_number(post: Post) -> None:
    by_hand = LettersByHand(post.house)
    by_hand.send(post.client.name, actor="Odell")
    for reason in ("", "  ", "x" * 501):
        with pytest.raises(BadInput, match="needs a reason"):
            by_hand.send(post.client.name, actor="Odell", another=Another(reason))
    with pytest.raises(BadInput, match="number 2, of 9"):
        by_hand.send(post.client.name, actor="Odell", another=Another("Too far", 3))
    post.client.firm.wait(days=1)
    sent = by_hand.send(post.client.name, actor="Odell", another=Another("A bank fee was missing", 2))
    assert sent.now and (sent.number, sent.letter_id) == (2, "digest:2026-11-25:2")
    twice = by_hand.send(post.client.name, actor="Odell", another=Another("A bank fee was missing", 2))
    assert (twice.now, twice.letter_id) == (False, sent.letter_id), "a number asked for twice is one letter"
    first, second = post.server.messages()
    assert second["Subject"] == "Alder & Wren: your cash, seven days to 25 November 2026 (letter 2 of this week)"
    assert first["Message-ID"] != second["Message-ID"]
    with post.client.firm.database.reading(post.client.scope) as session:
        made = [each for each in translog.lines(session, post.business_id) if each.action == "letter.made"]
        forecasts = session.scalars(select(Letter.forecast).order_by(Letter.letter_id)).all()
    assert json.loads(made[-1].body)["reason"] == "A bank fee was missing"
    assert [each == "null" for each in forecasts] == [False, True], "a week has one forecast to be held against"
    third = by_hand.send(post.client.name, actor="Odell", another=Another("And another"))
    assert third.number == 3


def test_what_sending_will_do_is_said_before(post: Post) -> None:
    by_hand, to = LettersByHand(post.house), f"{TO[0]} and {TO[1]}"

    def outlook() -> tuple[str, str]:
        view = post.letters.outlook()
        return view.act, view.words

    assert outlook() == (
        "send",
        f"Makes this week’s letter as it stands here now, keeps it so, and mails it to {to}.",
    )
    post.server.does = {"from": "550 not you"}
    with pytest.raises(MailNotTaken):
        by_hand.send(post.client.name, actor="Odell")
    assert outlook() == ("send", f"Mails the letter of 24 Nov, as it was kept, to {to}.")
    post.server.does = {"end": CUT}
    with pytest.raises(MailUnknown):
        by_hand.send(post.client.name, actor="Odell")
    said = f"The letter of 24 Nov may have arrived already. Mails the same once more, as the same message, to {to}."
    assert outlook() == ("again", said)
    with pytest.raises(LetterUnknown):
        by_hand.send(post.client.name, actor="Odell")
    post.server.usual()
    by_hand.send(post.client.name, actor="Odell", again=True)
    act, words = outlook()
    assert act == "another" and words.startswith(f"This week’s letter, of 24 Nov, was sent 24 Nov to {to}. Another one")


def test_a_letter_for_nobody_is_not_made_by_hand(post: Post) -> None:
    database, business = post.client.firm.database, post.client.business
    with database.writing(post.client.scope) as session:
        odell = PeopleService(session, business.firm_id).acting(business.business_id, "odell")
        now = post.client.firm.clock.now()
        PolicyService(session, business.firm_id).write(business, "", reason="No letters", by=odell, now=now)
    with pytest.raises(BadInput, match="names nobody"):
        LettersByHand(post.house).send(post.client.name, actor="Odell")
    assert post.log() == [], "nothing was made"


def test_last_weeks_letter_keeps_the_forecast_that_this_one_is_held_against(post: Post) -> None:
    post.letters.make("a test")
    post.client.firm.wait(days=7)
    with post.client.firm.desk.reading(post.client.name) as at:
        part = at.digest.get_digest_experience().letter
    (week,) = part.accuracy
    assert (week.weeks, week.issued.isoformat()) == (1, "2026-11-24")
    assert week.forecast.amount != "0.00", "bills are due in that week"
    assert week.moved.amount == "0.00" and week.wape is None, "nothing moved in these books since"


def test_the_hour_of_a_letter_is_the_clients_through_summer_and_winter() -> None:
    policy = DigestPolicy(day=6, hour="02:30")
    spring = datetime(2027, 3, 13, 12, tzinfo=UTC)
    assert next_letter(policy, "America/New_York", spring) == datetime(2027, 3, 14, 7, 30, tzinfo=UTC)
    assert next_letter(DigestPolicy(), "America/New_York", datetime(2026, 11, 30, 13, tzinfo=UTC)) == datetime(
        2026, 12, 7, 13, tzinfo=UTC
    ), "the hour itself is not after itself"
