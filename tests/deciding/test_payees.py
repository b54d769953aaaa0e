"""How a vendor is paid, when it changed, and the call-back that a second person clears."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from interlock.domains.ap.decision_models import Decision, PayeeCallback
from interlock.domains.ap.models import Vendor
from interlock.domains.ap.services.payee_service import PayeeService
from interlock.domains.ap.witness_models import RailVendor, VendorLink
from interlock.domains.firm.acting import Acting
from interlock.domains.firm.policy.values import EngagementPolicy, Policy
from interlock.domains.firm.roles import Role
from interlock.infra import translog
from interlock.infra.db import Database
from interlock.kernel.errors import BadInput, NotFound, Refused
from interlock.kernel.scope import Scope

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
ZONE = "America/New_York"
SCOPE = Scope("firm_a", "biz_alder")


def somebody(handle: str, *roles: Role, side: Any = "firm") -> Acting:
    return Acting(f"per_{handle}", handle, handle.title(), side, frozenset(roles), "a test")


ROBIN = somebody("robin", "bookkeeper")
WREN = somebody("wren", "controller")
IRIS = somebody("iris", "client_owner", side="client")


@pytest.fixture
def books(database: Database) -> Database:
    """One vendor, seen once."""
    with database.writing(SCOPE) as session:
        session.add(
            Vendor(
                firm_id=SCOPE.firm_id, business_id=SCOPE.business_id, id="57", version="0", created_at=NOW,
                updated_at=NOW, listing=1, digest=b"", raw=b"", name="Larkspur Paper", active=True,
                email="pay@larkspur.example", address="1 Mill Lane", reportable=False, currency="USD", balance_minor=0,
            )
        )  # fmt: skip
    look(database)
    return database


def look(database: Database, at: datetime = NOW) -> Any:
    with database.writing(SCOPE) as session:
        return PayeeService(session, SCOPE).observe(at)


def change(database: Database, at: datetime = NOW, **said: str) -> Any:
    """QuickBooks says something else of the vendor, and the next settling sees it."""
    with database.writing(SCOPE) as session:
        session.execute(update(Vendor).where(Vendor.id == "57").values(**said))
    return look(database, at)


def call(database: Database, by: Acting = ROBIN, **more: Any) -> str:
    said: dict[str, Any] = {
        "number_called": "+1 207 555 0131",
        "number_from": "contract",
        "spoke_to": "Nell Abara",
        "called_on": date(2026, 11, 24),
        "outcome": "confirmed",
        "policy": Policy(),
        "time_zone": ZONE,
        "now": NOW,
        **more,
    }
    with database.writing(SCOPE) as session:
        return PayeeService(session, SCOPE).record_callback("57", acting=by, **said).callback_id


def clear(database: Database, callback_id: str, by: Acting = WREN, policy: Policy | None = None) -> None:
    with database.writing(SCOPE) as session:
        PayeeService(session, SCOPE).clear(callback_id, acting=by, policy=policy or Policy(), now=NOW)


def actions(database: Database) -> list[str]:
    with database.reading(SCOPE) as session:
        return [line.action for line in translog.lines(session, "biz_alder")]


def row(database: Database) -> Any:
    with database.reading(SCOPE) as session:
        found = PayeeService(session, SCOPE).find("57")
        session.expunge(found)
        return found


def test_the_first_sight_is_what_is_verified_from_then_on_and_leaves_one_line(books: Database) -> None:
    payee = row(books)
    assert payee.verified == payee.seen and payee.changed_at is None
    assert look(books).first == 0 and actions(books) == ["payee.first_seen"]


@pytest.mark.parametrize(
    "said", [{"email": "pay@larkspur-paper.example"}, {"address": "9 Quay Street"}, {"account_number": "77"}]
)
def test_a_change_in_the_books_is_seen_once_and_said_in_words(books: Database, said: dict[str, str]) -> None:
    assert change(books, NOW, **said).changed == ("57",)
    assert look(books).changed == ()
    assert row(books).changed_at == NOW
    with books.reading(SCOPE) as session:
        last = list(translog.lines(session, "biz_alder"))[-1]
    assert last.action == "payee.changed" and next(iter(said.values())) in last.body


def test_a_name_is_no_detail_of_a_payee(books: Database) -> None:
    assert change(books, name="Larkspur Paper Co.").changed == ()


def test_what_changed_back_holds_nobody_up(books: Database) -> None:
    change(books, email="new@elsewhere.example")
    assert change(books, email="pay@larkspur.example").restored == ("57",)
    assert row(books).changed_at is None and actions(books)[-1] == "payee.restored"


def at_ramp(database: Database, rail_id: str, **said: Any) -> None:
    with database.writing(SCOPE) as session:
        session.add(
            RailVendor(
                firm_id=SCOPE.firm_id, business_id=SCOPE.business_id, id=rail_id, version="", created_at=NOW,
                updated_at=NOW, listing=1, digest=b"", raw=b"", name="Larkspur", active=True, payable=True, **said,
            )
        )  # fmt: skip
        session.add(
            VendorLink(
                firm_id=SCOPE.firm_id, business_id=SCOPE.business_id, rail="ramp", rail_id=rail_id, ledger_id="57",
                state="linked", rule="person", score=100, evidence="{}", decided_by="a test", decided_at=NOW,
            )
        )  # fmt: skip


def set_at_ramp(database: Database, **said: Any) -> Any:
    with database.writing(SCOPE) as session:
        session.execute(update(RailVendor).values(**said))
    return look(database)


def test_what_ramp_tells_for_the_first_time_is_no_change_and_what_it_tells_anew_is(books: Database) -> None:
    at_ramp(books, "v-1")
    assert look(books).changed == (), "Ramp is linked"
    assert set_at_ramp(books, accounts="a1 ach default").changed == (), "its accounts were asked for at last"
    assert set_at_ramp(books, accounts=None).changed == (), "this time nobody asked"
    assert set_at_ramp(books, accounts="a1 ach default; b2 ach").changed == ("57",), "an account was added"


def test_a_second_vendor_at_ramp_is_another_way_to_be_paid(books: Database) -> None:
    at_ramp(books, "v-1", accounts="a1 ach default")
    look(books)
    at_ramp(books, "v-2", accounts="z9 ach default")
    assert look(books).changed == ("57",)


def test_two_people_clear_a_change_and_what_is_seen_is_verified(books: Database) -> None:
    change(books, email="new@larkspur.example")
    clear(books, call(books))
    payee = row(books)
    assert payee.verified_hash == payee.seen_hash and payee.cleared_at == NOW
    assert actions(books)[-2:] == ["payee.callback_recorded", "payee.cleared"]
    with books.reading(SCOPE) as session:
        (decision,) = session.scalars(select(Decision)).all()
    assert (decision.act, decision.person_id) == ("clear_payee", "per_wren")


def test_who_recorded_the_call_does_not_clear_it(books: Database) -> None:
    change(books, email="new@larkspur.example")
    made = call(books, by=WREN)
    with pytest.raises(Refused, match="a second person does"):
        clear(books, made, by=WREN)
    clear(books, made, by=IRIS)
    with pytest.raises(Refused, match="cleared before"):
        clear(books, made, by=IRIS)


def test_a_bookkeeper_records_and_never_clears(books: Database) -> None:
    change(books, email="new@larkspur.example")
    with pytest.raises(Refused, match="may not clear a change of payee details"):
        clear(books, call(books, by=WREN), by=ROBIN)


def test_at_a_client_that_the_firm_attests_the_client_clears(books: Database) -> None:
    change(books, email="new@larkspur.example")
    made, attest = call(books), Policy(engagement=EngagementPolicy(attest_client=True))
    with pytest.raises(Refused, match="attests"):
        clear(books, made, by=WREN, policy=attest)
    clear(books, made, by=IRIS, policy=attest)


def test_a_number_that_came_with_the_change_is_refused_and_nothing_is_kept(books: Database) -> None:
    change(books, email="new@larkspur.example")
    with pytest.raises(Refused, match="came with the change"):
        call(books, number_from="the message itself")
    with pytest.raises(BadInput, match="Say where the number came from"):
        call(books, number_from="a friend")
    with books.reading(SCOPE) as session:
        assert session.scalars(select(PayeeCallback)).all() == []


@pytest.mark.parametrize("called_on", [date(2026, 11, 23), date(2026, 11, 25)])
def test_a_call_is_made_after_the_change_and_not_in_the_future(books: Database, called_on: date) -> None:
    change(books, email="new@larkspur.example")
    with pytest.raises(BadInput, match="after the change"):
        call(books, called_on=called_on)


@pytest.mark.parametrize("outcome", ["denied", "not_reached"])
def test_a_call_that_did_not_confirm_clears_nothing(books: Database, outcome: str) -> None:
    change(books, email="new@larkspur.example")
    with pytest.raises(Refused, match="did not confirm"):
        clear(books, call(books, outcome=outcome))


def test_a_change_after_the_call_needs_another_call(books: Database) -> None:
    change(books, email="new@larkspur.example")
    made = call(books)
    change(books, email="newer@larkspur.example")
    with pytest.raises(Refused, match="changed again after that call"):
        clear(books, made)
    clear(books, call(books))


def test_a_refused_call_leaves_the_vendor_stopped(books: Database) -> None:
    change(books, email="new@larkspur.example")
    made = call(books)
    with books.writing(SCOPE) as session:
        PayeeService(session, SCOPE).refuse(made, acting=WREN, policy=Policy(), now=NOW, comment="Nobody knew of it")
    assert row(books).cleared_at is None and actions(books)[-1] == "payee.callback_refused"
    with pytest.raises(Refused, match="refused before"):
        clear(books, made)


def test_a_new_change_after_a_cleared_one_stops_again(books: Database) -> None:
    change(books, email="new@larkspur.example")
    clear(books, call(books))
    later = NOW + timedelta(days=9)
    assert change(books, at=later, email="third@larkspur.example").changed == ("57",)
    payee = row(books)
    assert (payee.changed_at, payee.cleared_at) == (later, None)


def test_no_such_vendor_and_no_such_call(books: Database) -> None:
    with books.writing(SCOPE) as session:
        with pytest.raises(NotFound):
            PayeeService(session, SCOPE).find("58")
        with pytest.raises(NotFound):
            PayeeService(session, SCOPE).clear("cbk_none", acting=WREN, policy=Policy(), now=NOW)
