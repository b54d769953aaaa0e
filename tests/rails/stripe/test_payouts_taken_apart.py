"""One deposit at the bank is taken apart into the invoices it pays, to the cent, from what we hold."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interlock.domains.ar.services.payout_service import PayoutService, UnbundledPayout
from interlock.domains.ar.witness_models import InvoiceLink
from interlock.domains.stripe import mapper
from interlock.infra.db import Database, open_database
from interlock.infra.db.migrate import upgrade
from interlock.kernel.errors import NotFound
from interlock.kernel.money import Money
from interlock.kernel.scope import Scope
from interlock.rails.identity import LINKED, UNDONE
from interlock.rails.witnesses import Payout, PayoutPart
from tests.rails.stripe import shapes
from tests.rails.stripe.deposits import keep, keep_paid_invoice, keep_payout

_numbers = count()


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    folder: Path = tmp_path_factory.mktemp("payouts")
    opened = open_database(f"sqlite:///{folder / 'interlock.db'}")
    upgrade(opened)
    yield opened
    opened.close()


@pytest.fixture
def scope() -> Scope:
    return Scope("firm", f"client-{next(_numbers)}")


def taken_apart(books: Database, scope: Scope, payout_id: str = "po_1") -> UnbundledPayout:
    with books.reading(scope) as session:
        return PayoutService(session, str(scope.business_id)).unbundle(payout_id)


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def test_a_deposit_is_its_invoices_less_fees(database: Database, scope: Scope) -> None:
    with database.writing(scope) as session:
        rows = [
            keep_paid_invoice(session, scope, "bakery", [12_000], ledger_id="145"),
            keep_paid_invoice(session, scope, "florist", [5_000, 7_500]),
        ]
        keep_payout(session, scope, "po_1", rows)
    found = taken_apart(database, scope)
    assert found.attributed and found.why_not is None and found.arrived
    assert found.amount == usd(12_000 - 378 + 12_500 - 392)
    bakery, florist = found.parts
    assert [(each.invoice_id, each.amount, each.ledger_id, each.linked) for each in bakery.shares] == [
        ("in_bakery_0", usd(12_000), "145", False)
    ]
    assert [each.amount for each in florist.shares] == [usd(5_000), usd(7_500)]
    assert bakery.rest == florist.rest == usd(0)
    (total,) = found.totals
    assert (total.kind, total.count, total.gross, total.fee) == ("charge", 2, usd(24_500), usd(770))


def test_a_decided_link_outranks_the_rails_claim(books: Database, scope: Scope) -> None:
    def link(ledger_id: str, state: str) -> InvoiceLink:
        return InvoiceLink(
            firm_id=scope.firm_id,
            business_id=str(scope.business_id),
            rail="stripe",
            rail_id="in_a_0",
            ledger_id=ledger_id,
            state=state,
            rule="person",
            score=100,
            evidence="{}",
            decided_by="Rosa Field",
            decided_at=datetime(2026, 11, 24, tzinfo=UTC),
        )

    with books.writing(scope) as session:
        keep_payout(session, scope, "po_1", [keep_paid_invoice(session, scope, "a", [900], ledger_id="claimed")])
        session.add_all([link("taken back", UNDONE), link("decided", LINKED)])
    (share,) = taken_apart(books, scope).parts[0].shares
    assert (share.ledger_id, share.linked) == ("decided", True)


def test_money_that_paid_no_invoice_is_left_over_in_plain_sight(books: Database, scope: Scope) -> None:
    with books.writing(scope) as session:
        keep_payout(session, scope, "po_1", [keep_paid_invoice(session, scope, "a", [600], charged=1_000)])
    (part,) = taken_apart(books, scope).parts
    assert part.rest == usd(400)


def test_what_is_given_back_is_laid_at_its_invoice(books: Database, scope: Scope) -> None:
    with books.writing(scope) as session:
        rows = [keep_paid_invoice(session, scope, "one", [900]), keep_paid_invoice(session, scope, "two", [400, 500])]
        for name in ("one", "two"):
            source = {"id": f"re_{name}", "object": "refund", "charge": f"ch_{name}"}
            rows.append(shapes.movement(f"txn_re_{name}", -300, 0, source, reporting_category="refund", type="refund"))
        rows.append(shapes.movement("txn_fee", -25, 0, None, reporting_category="fee", type="stripe_fee"))
        net = keep_payout(session, scope, "po_1", rows)
    found = taken_apart(books, scope)
    assert found.attributed and found.amount == usd(net)
    by_id = {each.part_id: each for each in found.parts}
    assert [each.amount for each in by_id["txn_re_one"].shares] == [usd(-300)]
    assert by_id["txn_re_one"].rest == usd(0)
    assert [each.amount for each in by_id["txn_re_two"].shares] == [None, None], "which of two it is of, nobody said"
    assert by_id["txn_re_two"].rest is None
    assert by_id["txn_fee"].shares == () and by_id["txn_fee"].rest == usd(-25)


def test_a_payout_below_zero_takes_from_the_bank(books: Database, scope: Scope) -> None:
    with books.writing(scope) as session:
        keep_paid_invoice(session, scope, "a", [900])
        source = {"id": "re_a", "object": "refund", "charge": "ch_a"}
        row = shapes.movement("txn_re", -900, 0, source, reporting_category="refund", type="refund")
        keep_payout(session, scope, "po_1", [row])
    found = taken_apart(books, scope)
    assert found.attributed and found.amount == usd(-900)


def test_a_payout_by_hand_says_that_nobody_knows(books: Database, scope: Scope) -> None:
    with books.writing(scope) as session:
        by_hand = shapes.payout("po_1", 500, automatic=False, reconciliation_status="not_applicable")
        keep(session, scope, Payout, [mapper.payout(by_hand)])
    found = taken_apart(books, scope)
    assert not found.attributed and "by hand" in (found.why_not or "") and found.parts == ()


def test_a_part_that_we_lost_is_missed(books: Database, scope: Scope) -> None:
    with books.writing(scope) as session:
        keep_payout(session, scope, "po_1", [keep_paid_invoice(session, scope, str(i), [700]) for i in range(3)])
        keep(session, scope, PayoutPart, [mapper.part(shapes.movement("txn_1", 700, 50, "ch_1"), None)])
    found = taken_apart(books, scope)
    assert not found.attributed, "a payout with a part missing must not be booked as whole"
    assert "13.00" in (found.why_not or "") and "19.50" in (found.why_not or ""), found.why_not


def test_a_payout_that_failed_after_all_never_arrived(books: Database, scope: Scope) -> None:
    with books.writing(scope) as session:
        row = keep_paid_invoice(session, scope, "a", [900])
        keep_payout(session, scope, "po_1", [row], status="failed", failure_message="The account is closed.")
    found = taken_apart(books, scope)
    assert not found.arrived and found.failure == "The account is closed."


def test_another_clients_payout_is_not_there(books: Database, scope: Scope) -> None:
    with books.writing(scope) as session:
        keep_payout(session, scope, "po_1", [keep_paid_invoice(session, scope, "a", [900])])
    with pytest.raises(NotFound):
        taken_apart(books, Scope("firm", "somebody else"))


_CHARGES = st.lists(
    st.tuples(
        st.lists(st.integers(1, 1_000_000), min_size=0, max_size=3), st.integers(0, 5_000), st.integers(0, 1_000_000)
    ),
    max_size=6,
)


@given(charges=_CHARGES, fees=st.lists(st.integers(1, 9_999), max_size=2))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_cent_is_somewhere(books: Database, charges: list[tuple[list[int], int, int]], fees: list[int]) -> None:
    """Whatever came in, went back or was taken: gross less fees is the payout, and gross is shares and rest."""
    scope = Scope("firm", f"client-{next(_numbers)}")
    with books.writing(scope) as session:
        rows = []
        for i, (paid, beyond, back) in enumerate(charges):
            charged = sum(paid) + beyond
            if charged == 0:
                continue
            rows.append(keep_paid_invoice(session, scope, str(i), paid, charged=charged))
            source = {"id": f"re_{i}", "object": "refund", "charge": f"ch_{i}"}
            if min(back, charged):
                rows.append(shapes.movement(f"txn_re_{i}", -min(back, charged), 0, source, reporting_category="refund"))
        rows += [shapes.movement(f"txn_fee_{i}", -fee, 0, None, type="stripe_fee") for i, fee in enumerate(fees)]
        net = keep_payout(session, scope, "po_1", rows)
    found = taken_apart(books, scope)
    assert found.attributed, found.why_not
    assert found.amount.minor == net == sum(each.gross.minor - each.fee.minor for each in found.parts)
    assert sum(each.net.minor for each in found.totals) == net
    for part in found.parts:
        said = [each.amount for each in part.shares if each.amount is not None]
        if part.rest is not None:
            assert Money.total(said, "USD") + part.rest == part.gross, f"{part.part_id} lost a cent"
        else:
            assert len(part.shares) > 1, "only a taking back from several invoices may stay open"
