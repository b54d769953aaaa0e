"""A late customer is asked three times by mail, each stage once, and not a moment after a payment, a word or a bounce is seen."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from interlock.app.chasing import Blocked, Unsubscribing
from interlock.app.settling import settle
from interlock.domains.ar.services.chase_service import ChaseService, Decided, NotChased, Part
from interlock.domains.firm.policy.values import Policy
from interlock.infra.locks import held
from interlock.kernel.errors import BadInput, NotFound, Refused
from interlock.rails import facts
from tests.chasing.conftest import REPLY_TO, Chase
from tests.runway import said
from tests.support.mail import CUT

TODAY = said.TODAY
OFFICE = "office@example.com"


def test_nobody_is_written_to_before_a_person_switched_it_on_and_read_the_words(chase: Chase) -> None:
    assert (chase.run(), chase.sent(), chase.due()) == (0, [], None)
    chase.begin("firm")
    assert chase.run() == 0 and chase.sent() == [], "the gentle words, which come first, were not read"
    gentle = chase.act(lambda service: service.words("gentle")[0])
    chase.act(lambda service: service.accept_words("gentle", gentle.digest))
    chase.begin("gentle")
    assert chase.run() == 1


def test_three_stages_come_by_themselves_each_once_and_then_nothing_more(chase: Chase) -> None:
    chase.begin()
    assert chase.run() == 1
    chase.days_pass(40)
    subjects = [each["Subject"] for each in chase.sent()]
    assert [each.split()[0] for each in subjects] == ["Invoice", "Invoice", "Final"], subjects
    assert [(row.stage, row.state, row.amount_minor) for row in chase.rows()] == [
        ("gentle", "sent", 50_000),
        ("firm", "sent", 50_000),
        ("final", "sent", 50_000),
    ]
    days = [row.begun_at.astimezone(ZoneInfo("America/New_York")) for row in chase.rows()]
    assert all((later - earlier).days >= 7 for earlier, later in pairwise(days))
    assert all(each.weekday() < 5 and 9 <= each.hour < 17 for each in days)
    assert chase.log("reminder.") == ["reminder.begun", "reminder.sent"] * 3


def test_the_mail_says_what_is_open_who_writes_where_to_answer_and_how_to_have_no_more(chase: Chase) -> None:
    chase.begin()
    chase.run()
    (mail,) = chase.sent()
    text = mail.get_content()
    assert "USD 500.00" in text and "31 October 2026" in text and "Mossgate Schools" in text and "{" not in text
    assert "Pay online" not in text, "nothing can be paid online, so nothing is said of it"
    assert (mail["To"], mail["Reply-To"]) == (OFFICE, REPLY_TO)
    assert mail["From"] == "Odell Marsh <letters@tern-and-marlow.example>"
    assert "https://desk.example.com/unsubscribe/" in mail["List-Unsubscribe"]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "https://desk.example.com/unsubscribe/" in text.replace("\n", "")


@pytest.mark.parametrize(
    ("stated", "sent"),
    [
        ((said.invoice("i1", 50_000, open_cents=0),), 1),
        ((said.invoice("i1", 50_000, open_cents=20_000),), 3),
        ((said.payment("p9", 50_000, unapplied=50_000),), 1),
    ],
    ids=["paid", "paid in part", "money on account"],
)
def test_what_a_sync_brought_stops_it_or_changes_what_is_asked(
    chase: Chase, stated: tuple[facts.Fact, ...], sent: int
) -> None:
    chase.begin()
    chase.run()
    chase.client.say(*stated)
    chase.days_pass(40)
    assert len(chase.sent()) == sent
    if sent == 3:
        assert [row.amount_minor for row in chase.rows()] == [50_000, 20_000, 20_000]


def test_outside_hours_and_on_holidays_it_waits_for_the_next_workdays_opening(chase: Chase) -> None:
    chase.client.firm.clock.at = datetime(2026, 11, 25, 17, 30, tzinfo=ZoneInfo("America/New_York"))
    chase.begin()
    assert chase.run() == 0
    due = chase.due()
    assert due is not None
    opening = datetime(2026, 11, 27, 9, 0, tzinfo=ZoneInfo("America/New_York"))
    assert due.due_at == opening, "Thanksgiving is no workday"
    chase.client.firm.clock.at = opening
    assert chase.run() == 1


def test_two_late_invoices_of_one_customer_keep_the_gap_between_them(chase: Chase) -> None:
    chase.client.say(said.invoice("i2", 70_000))
    chase.begin()
    assert chase.run() == 1
    chase.days_pass(6)
    assert len(chase.sent()) == 1, "seven days lie between two messages to one customer"
    chase.days_pass(3)
    assert [row.invoice_id for row in chase.rows()] == ["i1", "i1"] or len(
        {row.invoice_id for row in chase.rows()}
    ) == 2


def test_a_promise_is_waited_for_kept_or_broken_and_the_chase_goes_on_after_it(chase: Chase) -> None:
    chase.begin()
    chase.decide("i1", act="promise", until=TODAY + timedelta(days=5))
    assert chase.days_pass(5) == []
    assert len(chase.days_pass(2)) == 1, "the day after the promise the chase goes on"
    assert "promise.broken" in chase.log()
    chase.decide("i1", act="promise", until=TODAY + timedelta(days=30), minor=20_000)
    chase.client.say(said.invoice("i1", 50_000, open_cents=30_000))
    chase.days_pass(1)
    assert chase.log("promise.") == ["promise.broken", "promise.kept"]


@pytest.mark.parametrize(
    "decided",
    [
        {"act": "dispute", "why": "wrong hours"},
        {"act": "stop", "why": "a friend of the house"},
        {"act": "write_off", "why": "gone"},
        {"act": "pause", "until": TODAY + timedelta(days=200)},
        {"act": "pause"},
        {"act": "plan", "parts": (Part(TODAY + timedelta(days=60), 25_000), Part(TODAY + timedelta(days=90), 25_000))},
    ],
    ids=lambda said: said["act"],
)
def test_what_people_decided_stops_it_until_they_say_otherwise(chase: Chase, decided: dict[str, Any]) -> None:
    chase.begin()
    chase.decide("i1", **decided)
    assert chase.days_pass(30) == []
    chase.decide("i1", act="chase")
    assert len(chase.days_pass(5)) == 1
    assert chase.log("chase.") == ["chase.decided", "chase.decided"]


def test_begun_anew_it_starts_with_the_gentle_message_again(chase: Chase) -> None:
    chase.begin()
    chase.run()
    chase.days_pass(40)
    chase.decide("i1", act="chase", anew=True)
    chase.days_pass(5)
    assert [(row.round, row.stage) for row in chase.rows()][-2:] == [(1, "final"), (2, "gentle")]


def test_who_unsubscribed_is_written_to_no_more_about_anything(chase: Chase) -> None:
    chase.begin()
    chase.run()
    link = chase.sent()[0]["List-Unsubscribe"].split("<https://desk.example.com/unsubscribe/")[1].rstrip(">")
    assert Unsubscribing(chase.house).take_off(link) == ("Alder & Wren", OFFICE)
    assert Unsubscribing(chase.house).take_off(link) == ("Alder & Wren", OFFICE), "twice is once"
    chase.client.say(said.invoice("i2", 70_000))
    assert chase.days_pass(40) == []
    assert chase.log("chasing.opted") == ["chasing.opted_out"]
    turned = link[:20] + ("A" if link[20] != "A" else "B") + link[21:]
    for forged in ("", "x", "ü", turned, link[:-8], "A" * 3_000):
        with pytest.raises(NotFound):
            Unsubscribing(chase.house).take_off(forged)


def test_an_address_the_server_refuses_for_good_is_not_tried_again(chase: Chase) -> None:
    chase.client.say(said.invoice("i2", 70_000))
    chase.begin()
    chase.server.does["to"] = "550 no such mailbox"
    assert chase.run() == 0
    chase.server.usual()
    assert chase.days_pass(40) == []
    assert [row.state for row in chase.rows()] == ["bounced"]
    with chase.client.firm.desk.reading(chase.client.name) as at:
        found = [(each.rule.id, each.subject.id) for each in at.findings.all if each.rule.id == "A13"]
    assert found == [("A13", "i1")]


def test_a_server_that_takes_nothing_now_is_tried_again_and_the_stage_goes_once(chase: Chase) -> None:
    chase.begin()
    chase.server.does["to"] = "451 try later"
    assert chase.run() == 0
    due = chase.due()
    assert due is not None and due.trouble is not None and "try later" in due.trouble
    assert due.due_at == chase.now + timedelta(minutes=15)
    chase.server.usual()
    chase.client.firm.clock.at = due.due_at
    assert chase.run() == 1
    assert [row.state for row in chase.rows()] == ["not_taken", "sent"]


def test_an_answer_that_never_came_leaves_it_to_a_person(chase: Chase) -> None:
    chase.begin()
    chase.server.does["end"] = CUT
    assert chase.run() == 0
    chase.server.usual()
    assert chase.days_pass(40) == [], "it may have gone: nothing more is sent by itself"
    (row,) = chase.rows()
    assert row.state == "unknown"
    chase.act(lambda service: service.say_of_message(row.reminder_id, "not_sent"))
    assert len(chase.days_pass(4)) == 1
    assert [each.state for each in chase.rows()] == ["not_taken", "sent"]


def test_a_person_says_that_a_message_came_back(chase: Chase) -> None:
    chase.begin()
    chase.run()
    (row,) = chase.rows()
    chase.act(lambda service: service.say_of_message(row.reminder_id, "bounced"))
    assert chase.days_pass(40) == []
    chase.act(lambda service: service.opt_in(OFFICE))
    assert chase.log("chasing.opted") == ["chasing.opted_out", "chasing.opted_in"]


def test_bad_wishes_are_one_sentence_and_change_nothing(chase: Chase) -> None:
    def refused(kind: type[Exception], what: Any) -> None:
        with pytest.raises(kind):
            chase.act(what)

    far = TODAY + timedelta(days=800)
    for decided in (
        {"act": "promise"},
        {"act": "promise", "until": TODAY - timedelta(days=1)},
        {"act": "promise", "until": far},
        {"act": "promise", "until": TODAY, "minor": 0},
        {"act": "promise", "until": TODAY, "minor": 50_001},
        {"act": "dispute"},
        {"act": "plan"},
        {"act": "plan", "parts": (Part(TODAY, 1), Part(TODAY, 1))},
        {"act": "chase", "why": "x" * 501},
        {"act": "forgive"},
    ):
        with pytest.raises(BadInput):
            chase.decide("i1", **decided)
    with pytest.raises(NotFound):
        chase.decide("nothing", act="chase")
    refused(BadInput, lambda service: service.write_words("gentle", "Hello", "Pay {invoice} {amount} {secret}"))
    refused(BadInput, lambda service: service.write_words("gentle", "", "Pay {invoice} {amount}"))
    refused(BadInput, lambda service: service.write_words("gentle", "Hello", "Pay us {"))
    refused(BadInput, lambda service: service.opt_out("nobody"))
    refused(NotChased, lambda service: service.accept_words("gentle", "0" * 64))
    assert chase.log() == []
    chase.client.say(said.invoice("i1", 50_000, open_cents=0))
    with pytest.raises(NotChased):
        chase.decide("i1", act="chase")


def test_a_customers_name_fills_no_second_place_and_breaks_no_header(chase: Chase) -> None:
    chase.client.say(said.customer("c1", "Moss {pay}\r\nBcc: x@example.com"))
    chase.begin()
    chase.run()
    (mail,) = chase.sent()
    assert mail["Bcc"] is None and mail["To"] == OFFICE
    assert "Moss {pay}" in mail.get_content()


def test_who_only_looks_changes_nothing(chase: Chase) -> None:
    with chase.client.firm.database.writing(chase.client.scope) as session:
        service = ChaseService(session, chase.client.business, acting=None, policy=Policy, now=chase.now)
        with pytest.raises(Refused):
            service.decide(["i1"], Decided(act="chase"))


def test_days_are_the_clients_own(chase: Chase) -> None:
    chase.client.firm.clock.at = datetime(2026, 11, 2, 23, 30, tzinfo=ZoneInfo("America/New_York"))
    chase.begin(from_hour="00:00", to_hour="23:59", gentle_days=3)
    assert chase.run() == 0, "two days late in New York, three in UTC"
    assert date(2026, 10, 31) + timedelta(days=3) == date(2026, 11, 3)


def test_nobody_is_asked_for_money_on_old_figures(chase: Chase) -> None:
    chase.begin()
    chase.client.firm.clock.at += timedelta(hours=2)
    with held(chase.client.firm.database, f"sync:{chase.business_id}"):
        assert chase.run(read=False) == 0 and chase.sent() == [], "the books are two hours old, and being read just now"
    due = chase.due()
    assert due is not None and due.due_at == chase.now + timedelta(seconds=10), "what is read right now is waited for"
    chase.client.firm.clock.at = due.due_at
    assert chase.run() == 1


def test_what_was_found_since_the_books_were_examined_stops_a_message(chase: Chase) -> None:
    chase.begin()
    with chase.client.firm.desk.reading(chase.client.name) as at:
        examined = Blocked.at(at)
        assert examined.stands(at)
    chase.client.say(said.invoice("i1", 50_000))
    with chase.client.firm.desk.reading(chase.client.name) as at:
        assert not examined.stands(at), "a sync came in between: the books are examined anew"
    chase.run()
    with chase.client.firm.desk.reading(chase.client.name) as at:
        assert chase.log("reminder.") and Blocked.at(at).stands(at)


def test_stages_whose_words_nobody_read_keep_no_other_from_going_out(chase: Chase) -> None:
    chase.begin()
    chase.run()
    chase.client.say(*(said.invoice(f"n{each:02}", 10_000, customer_id=None, due=TODAY) for each in range(60)))
    chase.act(lambda service: service.write_words("gentle", "Invoice {invoice}", "Please pay {invoice}: {amount}."))
    chase.days_pass(8)
    assert [(row.invoice_id, row.stage) for row in chase.rows()] == [("i1", "gentle"), ("i1", "firm")]


def test_a_message_that_is_refused_keeps_no_other_from_going_out(chase: Chase) -> None:
    chase.client.say(
        said.customer("c2", "Aster Mill"), said.invoice("a1", 10_000, customer_id="c2", due=TODAY - timedelta(days=90))
    )
    chase.begin()
    chase.server.does["to"] = "451 try later"
    chase.run()
    assert {row.state for row in chase.rows()} == {"not_taken"} and len(chase.rows()) == 2, "both were offered"
    due = chase.due()
    assert due is not None
    chase.server.usual()
    chase.client.firm.clock.at = due.due_at
    assert chase.run() == 2


def test_a_promise_is_kept_as_soon_as_a_sync_shows_it_also_where_nobody_is_written_to(chase: Chase) -> None:
    chase.decide("i1", act="promise", until=TODAY + timedelta(days=5), minor=20_000)
    chase.client.say(said.invoice("i1", 50_000, open_cents=30_000))
    settle(chase.client.firm.database, chase.client.firm.clock, chase.client.business)
    assert chase.log("promise.") == ["promise.kept"]
