"""A client's plan from its mirror: whichever books state a movement of cash to come, it is in the plan once."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from interlock.domains.ap.approval_content import content_hash
from interlock.domains.ap.decision_models import PaymentIntent
from interlock.domains.ap.models import Bill
from interlock.domains.ap.services.bill_content import contents_of
from interlock.domains.ap.witness_models import BillLink
from interlock.domains.ar.witness_models import InvoiceLink
from interlock.domains.bank.services.earmark_service import EarmarkService
from interlock.domains.firm.policy.values import Policy
from interlock.infra.db import Database
from interlock.infra.transport import Transport
from interlock.rails import facts, witnesses
from interlock.rails.identity import LINKED, IdentityRow
from interlock.runway.services.calculators.flows import Plan
from interlock.runway.services.data_orchestrators.plan_snapshot import read_plan
from tests.matching.client import WitnessedClient, bank_line, payout, rail_bill, stated
from tests.matching.conftest import transport
from tests.runway import said
from tests.runway.conftest import FirmBooks

__all__ = ["transport"]
_DRAWN = ("unbilled", "sales")


@pytest.fixture
def books_alone(database: Database, transport: Transport) -> WitnessedClient:
    """60,000.00 in the books; no bank is linked."""
    books = FirmBooks(database, transport).take_on("Alder & Wren")
    books.say(
        *said.chart(cash=6_000_000),
        said.preferences(),
        said.vendor("v1", "Copperfield Freight"),
        said.customer("c1", "Mossgate Schools"),
    )
    return WitnessedClient(books)


@pytest.fixture
def client(books_alone: WitnessedClient) -> WitnessedClient:
    """The same, with the bank's account linked: 95,000.00 are available, and its lines begin on 1 October."""
    books_alone.state(
        books_alone.bank_account("b1", "Everyday", current_minor=9_500_000, available_minor=9_500_000),
        bank_line("L0", -1_000, date(2026, 10, 1)),
    )
    books_alone.link_account("b1", said.CHECKING)
    return books_alone


def plan(client: WitnessedClient) -> Plan:
    with client.books.firm.database.reading(client.books.scope) as session:
        return read_plan(session, client.books.business, Policy(), client.now)


def movements(client: WitnessedClient) -> list[tuple[str, int]]:
    """What the plan moves, forecasts of what nobody wrote yet aside."""
    return sorted((flow.kind, flow.minor) for flow in plan(client).flows if flow.kind not in _DRAWN)


def approve(client: WitnessedClient, bill_id: str, cents: int, credits: str = "[]") -> None:
    """As the rows of an approval stand before any settling; what it binds to is not at issue here."""
    with client.books.firm.database.writing(client.books.scope) as session:
        bill = session.get_one(Bill, (client.books.scope.business_id, bill_id))
        contents = contents_of(session, str(client.books.scope.business_id), [bill])
        session.add(
            PaymentIntent(
                firm_id=client.books.scope.firm_id,
                business_id=client.books.scope.business_id,
                intent_id=f"pi-{bill_id}-{cents}",
                bill_id=bill_id,
                vendor_id="v1",
                amount_minor=cents,
                currency="USD",
                pay_on=date(2026, 12, 1),
                credits=credits,
                state="approved",
                content_hash=content_hash(contents[bill_id]),
                prepared_by="person-1",
                prepared_at=client.now,
                approved_at=client.now,
            )
        )


def link_bill(client: WitnessedClient, rail_id: str, ledger_id: str) -> None:
    with client.books.firm.database.writing(client.books.scope) as session:
        session.add(_decided(client, BillLink, "ramp", rail_id, ledger_id))


def link_invoice(client: WitnessedClient, rail_id: str, ledger_id: str) -> None:
    with client.books.firm.database.writing(client.books.scope) as session:
        session.add(_decided(client, InvoiceLink, "stripe", rail_id, ledger_id))


def _decided(
    client: WitnessedClient, model: Callable[..., IdentityRow], rail: str, rail_id: str, ledger_id: str
) -> IdentityRow:
    return model(
        firm_id=client.books.scope.firm_id,
        business_id=client.books.scope.business_id,
        rail=rail,
        rail_id=rail_id,
        ledger_id=ledger_id,
        state=LINKED,
        rule="person",
        score=100,
        evidence="[]",
        decided_by="Odell Marsh",
        decided_at=client.now,
    )


def test_from_the_bank_the_path_starts_with_what_is_available(client: WitnessedClient) -> None:
    start = plan(client).start
    assert (start.basis, start.minor) == ("bank", 9_500_000)
    assert sum(part.minor for part in start.parts) == start.minor


def test_without_a_bank_it_starts_from_the_books_and_says_so(books_alone: WitnessedClient) -> None:
    start = plan(books_alone).start
    assert (start.basis, start.minor) == ("books", 6_000_000)
    assert "no bank is linked" in start.words


def test_an_open_bill_leaves_once(client: WitnessedClient) -> None:
    client.books.say(said.bill("7", 50_000))
    assert movements(client) == [("bill", -50_000)]


def test_a_bill_paid_in_the_books_leaves_until_the_bank_shows_it(client: WitnessedClient) -> None:
    client.books.say(said.bill("7", 50_000, open_cents=0), said.bill_payment("70", 50_000, "7"))
    assert movements(client) == [("in_flight", -50_000)]
    client.state(bank_line("L1", -50_000))
    client.match()
    assert movements(client) == [], "the bank's balance has it off already"


def test_what_the_bank_shows_as_pending_is_off_already(client: WitnessedClient) -> None:
    client.books.say(said.bill("7", 50_000, open_cents=0), said.bill_payment("70", 50_000, "7"))
    client.state(bank_line("L1", -50_000, pending=True))
    assert movements(client) == []


def test_a_check_from_before_the_control_start_still_leaves(database: Database, transport: Transport) -> None:
    books = FirmBooks(database, transport).take_on("Alder & Wren")
    books.say(*said.chart(cash=6_000_000), said.preferences(), said.vendor("v1", "Copperfield Freight"))
    old = WitnessedClient(books)
    old.state(old.bank_account("b1", "Everyday", current_minor=9_500_000), bank_line("L0", -1_000, date(2025, 11, 1)))
    old.link_account("b1", said.CHECKING)
    books.say(said.bill_payment("70", 50_000, "7", dated=date(2025, 12, 20), number="1042"))
    assert date(2025, 12, 20) < books.business.control_start
    assert movements(old) == [("in_flight", -50_000)], "a stale check is one that can still be brought"


@pytest.mark.parametrize("approved", [False, True], ids=["open", "approved"])
def test_a_bill_instructed_at_the_rail_leaves_once(client: WitnessedClient, approved: bool) -> None:
    client.books.say(said.bill("7", 50_000))
    if approved:
        approve(client, "7", 50_000)
    client.state(rail_bill("r1", 50_000, ledger_id="7"))
    link_bill(client, "r1", "7")
    assert movements(client) == [("in_flight", -50_000)]


def test_a_bill_that_the_rail_pays_and_the_books_have_paid_leaves_once(client: WitnessedClient) -> None:
    client.books.say(said.bill("7", 50_000, open_cents=0), said.bill_payment("70", 50_000, "7"))
    client.state(rail_bill("r1", 50_000, ledger_id="7"))
    link_bill(client, "r1", "7")
    assert movements(client) == [("in_flight", -50_000)]


def test_an_approved_part_leaves_the_rest_to_its_pay_run(client: WitnessedClient) -> None:
    client.books.say(said.bill("7", 50_000))
    approve(client, "7", 20_000)
    assert movements(client) == [("bill", -30_000), ("committed", -20_000)]


def test_a_credit_applied_first_is_no_cash(client: WitnessedClient) -> None:
    client.books.say(said.bill("7", 50_000), said.vendor_credit("8", 5_000))
    approve(client, "7", 45_000, '[["8", 5000]]')
    assert movements(client) == [("committed", -45_000)]


def test_from_the_books_only_the_rails_payments_are_still_to_leave(books_alone: WitnessedClient) -> None:
    books_alone.books.say(
        said.bill("6", 70_000, open_cents=0), said.bill_payment("60", 70_000, "6"), said.bill("7", 50_000)
    )
    books_alone.state(rail_bill("r1", 50_000, ledger_id="7"))
    link_bill(books_alone, "r1", "7")
    assert movements(books_alone) == [("in_flight", -50_000)], "what the books paid is off their balance"


def test_a_receipt_in_undeposited_funds_arrives_once(client: WitnessedClient) -> None:
    client.books.say(said.payment("20", 30_000, into=said.FUNDS, dated=date(2026, 11, 20)))
    assert movements(client) == [("in_transit", 30_000)]
    deposit = stated_deposit(30_000, "20")
    client.books.say(deposit)
    assert movements(client) == [("in_transit", 30_000)], "deposited, and not at the bank yet"
    client.state(bank_line("L1", 30_000))
    client.match()
    assert movements(client) == []


def test_from_the_books_a_deposit_is_there_and_undeposited_funds_are_not(books_alone: WitnessedClient) -> None:
    books_alone.books.say(said.payment("20", 30_000, into=said.FUNDS), said.payment("21", 40_000))
    assert movements(books_alone) == [("in_transit", 30_000)]


def test_a_receipt_the_bank_never_showed_is_left_out_and_said(client: WitnessedClient) -> None:
    client.books.say(said.deposit("30", 30_000))
    assert movements(client) == []
    assert [(each.rows, each.minor) for each in plan(client).left_out] == [(1, 30_000)]


def test_an_invoice_paid_by_card_comes_with_its_payout_alone(client: WitnessedClient) -> None:
    client.books.say(said.invoice("15", 30_000))
    assert movements(client) == [("receipt", 30_000)]
    _paid_there(client, 30_000)
    assert movements(client) == [("payout", 29_100)], "what the rail took it for, less its fee"
    client.state(bank_line("L1", 29_100))
    client.match()
    assert movements(client) == [], "arrived; the invoice is open in the books, and paid"


def test_a_card_receipt_that_the_books_have_undeposited_is_its_payouts(client: WitnessedClient) -> None:
    client.books.say(
        said.invoice("15", 30_000, open_cents=0),
        _applied(said.payment("20", 30_000, into=said.FUNDS, dated=date(2026, 11, 22)), "15", 30_000),
    )
    _paid_there(client, 30_000)
    assert movements(client) == [("payout", 29_100)]


def test_a_payment_on_account_is_not_paid_again(client: WitnessedClient) -> None:
    client.books.say(said.invoice("15", 30_000), said.payment("20", 10_000, unapplied=10_000))
    assert ("receipt", 20_000) in movements(client)


def test_restricted_money_is_off_the_start_and_an_earmark_is_not(client: WitnessedClient) -> None:
    with client.books.firm.database.writing(client.books.scope) as session:
        earmarks = EarmarkService(session, client.books.scope, "USD")
        earmarks.create("Tenants' deposits", "restricted", 500_000, now=client.now, actor="Odell Marsh")
        earmarks.create("Payroll of 4 December", "payroll", 800_000, now=client.now, actor="Odell Marsh")
    start = plan(client).start
    assert (start.minor, start.restricted_minor) == (9_000_000, 500_000)
    assert sum(part.minor for part in start.parts) - start.restricted_minor == start.minor


def test_other_currencies_are_counted_apart(client: WitnessedClient) -> None:
    client.books.say(said.bill("7", 50_000, currency="EUR"), said.invoice("15", 30_000, currency="GBP"))
    assert movements(client) == []
    assert {(each.currency, each.minor) for each in plan(client).left_out} == {("EUR", 50_000), ("GBP", 30_000)}


def stated_deposit(cents: int, takes: str) -> facts.Deposit:
    return replace(said.deposit("30", cents, takes), dated=said.TODAY - timedelta(days=1))


def _applied(payment: facts.Payment, invoice_id: str, cents: int) -> facts.Payment:
    return replace(payment, links=(facts.Link(0, "invoice", invoice_id, cents),))


def _paid_there(client: WitnessedClient, cents: int) -> None:
    """The collecting rail was paid by card, and its payout is under way."""
    net = cents * 97 // 100
    client.state(
        stated(
            witnesses.RailInvoice,
            "in_1",
            number="S-1",
            state="paid",
            currency="USD",
            total_minor=cents,
            paid_minor=cents,
            open_minor=0,
            sent=True,
            paid_out_of_band=False,
        ),
        stated(
            witnesses.InvoiceReceipt,
            "inpay_1",
            invoice_id="in_1",
            charge_id="ch_1",
            currency="USD",
            requested_minor=cents,
            paid_minor=cents,
            state="paid",
        ),
        stated(
            witnesses.PayoutPart,
            "txn_1",
            payout_id="po_1",
            kind="charge",
            charge_id="ch_1",
            source_id="ch_1",
            currency="USD",
            gross_minor=cents,
            fee_minor=cents - net,
            net_minor=net,
            state="available",
        ),
        payout("po_1", net, state="in_transit", arrives_on=date(2026, 11, 25)),
    )
    link_invoice(client, "in_1", "15")
