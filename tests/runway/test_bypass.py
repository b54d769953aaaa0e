"""Money that left around decisions (check X08), read from the mirror: silent until the first approval here, and after it exact."""

from datetime import date, datetime, timedelta
from typing import Any

import msgspec
import pytest

from interlock.domains.ap.decision_models import PaymentIntent
from interlock.domains.bank.plan_models import RecurringItem
from interlock.kernel.ids import new_id
from interlock.rails.facts import Fact
from interlock.runway.services.calculators.books import Outgoing, VendorEntry
from interlock.runway.services.calculators.witnessed import LineEntry
from interlock.runway.services.data_orchestrators.outgoing_snapshot import outgoing
from tests.runway import said
from tests.runway.conftest import ClientBooks

APPROVED = said.NOW - timedelta(days=4)
VENDORS = {"v1": VendorEntry("v1", "Copperfield Freight", True)}


def approve(client: ClientBooks, bill_id: str, *, at: datetime = APPROVED, **more: Any) -> None:
    with client.firm.database.writing(client.scope) as session:
        about: dict[str, Any] = {"state": "approved", "approved_at": at, "amount_minor": 100_00, **more}
        session.add(
            PaymentIntent(
                firm_id=client.scope.firm_id, business_id=client.scope.business_id, intent_id=new_id("int", at),
                bill_id=bill_id, vendor_id="v1", currency="USD", pay_on=said.TODAY, credits="[]", content_hash="",
                prepared_by="per_robin", prepared_at=at, **about,
            )
        )  # fmt: skip


def entered(fact: Fact, at: datetime) -> Any:
    """When QuickBooks says that it was entered."""
    return msgspec.structs.replace(fact, created_at=at)


def found(client: ClientBooks, *lines: LineEntry) -> dict[str, bool]:
    """Each outgoing movement, and whether it was decided."""
    with client.firm.database.reading(client.scope) as session:
        seen: tuple[Outgoing, ...] = outgoing(session, client.business, VENDORS, lines)
    return {f"{each.kind} {each.id}": each.decided for each in seen}


def line(id_: str, cents: int, name: str, *, day: date = said.TODAY, **more: Any) -> LineEntry:
    about = {"pending": False, "pending_id": None, "matched": False, **more}
    return LineEntry(id_, "a1", day, cents, "USD", name, **about)


@pytest.fixture
def books(client: ClientBooks) -> ClientBooks:
    """Two bills, each paid in QuickBooks an hour ago."""
    now = said.NOW - timedelta(hours=1)
    client.say(
        said.bill("1", 100_00, open_cents=0),
        said.bill("2", 70_00, open_cents=0),
        entered(said.bill_payment("11", 100_00, "1"), now),
        entered(said.bill_payment("12", 70_00, "2"), now),
    )
    return client


def test_nothing_is_said_before_anything_was_approved_here(books: ClientBooks) -> None:
    assert found(books, line("l1", -70_00, "COPPERFIELD FREIGHT")) == {}


def test_a_payment_of_a_bill_nobody_approved_is_a_bypass(books: ClientBooks) -> None:
    approve(books, "1")
    assert found(books) == {"bill_payment 11": True, "bill_payment 12": False}


def test_an_approval_that_came_later_or_was_voided_before_decides_nothing(books: ClientBooks) -> None:
    approve(books, "9")
    approve(books, "1", at=said.NOW)
    voided = said.NOW - timedelta(days=1)
    approve(books, "2", state="voided", ended_at=voided)
    assert found(books) == {"bill_payment 11": False, "bill_payment 12": False}


@pytest.mark.parametrize(("state", "decided"), [("recorded", True), ("voided", True), ("rejected", None)])
def test_what_became_of_an_approval_after_the_payment_changes_nothing(
    books: ClientBooks, state: str, decided: bool | None
) -> None:
    approve(books, "1", state=state, ended_at=said.NOW)
    assert found(books).get("bill_payment 11") is decided


def test_a_payment_from_before_the_control_start_is_the_past(books: ClientBooks) -> None:
    approve(books, "2")
    books.say(entered(said.bill_payment("13", 5_00, "1", dated=date(2025, 12, 31)), said.NOW))
    assert "bill_payment 13" not in found(books)


def test_a_check_without_a_bill_is_decided_only_where_a_person_confirmed_that_it_recurs(books: ClientBooks) -> None:
    approve(books, "1")
    books.say(entered(said.purchase("21", 40_00, dated=said.TODAY), said.NOW))
    assert found(books)["check 21"] is False
    with books.firm.database.writing(books.scope) as session:
        session.add(
            RecurringItem(
                firm_id=books.scope.firm_id, business_id=books.scope.business_id, recurring_id="rec_1", signature="s",
                name="Copperfield Freight", category="supplier", inflow=False, cadence="weekly", days="[1]",
                anchor=said.TODAY, amount_minor=40_00, currency="USD", state="confirmed", evidence="{}",
                decided_by="a test", decided_at=said.NOW,
            )
        )  # fmt: skip
    assert found(books)["check 21"] is True


def test_a_line_that_names_a_vendor_and_nothing_explains_is_a_bypass(books: ClientBooks) -> None:
    approve(books, "1")
    lines = (
        line("l1", -70_00, "ACH COPPERFIELD FREIGHT 0912"),
        line("l2", -100_00, "ACH COPPERFIELD FREIGHT 0913"),
        line("l3", -70_00, "ACH COPPERFIELD FREIGHT", matched=True),
        line("l4", 70_00, "COPPERFIELD FREIGHT REFUND"),
        line("l5", -70_00, "KESTREL TOOLS"),
        line("l6", -70_00, "COPPERFIELD FREIGHT", day=said.TODAY - timedelta(days=5)),
        line("l7", -70_00, "COPPERFIELD FREIGHT", pending=True),
    )
    assert {id_: yes for id_, yes in found(books, *lines).items() if id_.startswith("bank_line")} == {
        "bank_line l1": False,
        "bank_line l2": True,
    }
