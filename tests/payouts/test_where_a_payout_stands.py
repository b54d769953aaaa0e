"""A payout is on its way, at the bank, in the books: each said by whoever can know it, and the books' lack line by line."""

from datetime import date

from interlock.kernel.money import Money
from interlock.rails.witnesses import BankAccount
from tests.payouts.paying_out import ARRIVES, CLEARING, FEES, PaidClient
from tests.rails.stripe import shapes
from tests.runway import said

LATER = date(2026, 12, 2)


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def test_from_its_way_to_the_books(client: PaidClient) -> None:
    net = client.pays_out("po_1", 12_000, 5_000, status="in_transit")
    assert (net, client.standing("po_1").stage) == (12_000 - 378 + 5_000 - 175, "in_transit")
    assert client.findings("X20") == []
    client.pays_out("po_1", 12_000, 5_000)
    client.bank_shows("l1", net)
    cleared = client.standing("po_1")
    assert cleared.stage == "cleared" and cleared.line is not None and cleared.line.line_id == "l1"
    assert [(each.kind, each.account_id, each.amount) for each in cleared.deposit] == [
        ("charge", CLEARING, usd(17_000)),
        ("fee", FEES, usd(-553)),
    ]
    client.books_show("d1", net, 17_000)
    recorded = client.standing("po_1")
    assert (recorded.stage, recorded.ledger) == ("recorded", ("deposit", "d1"))


def test_cleared_and_not_recorded_says_which_deposit_to_enter(client: PaidClient) -> None:
    net = client.pays_out("po_1", 12_000)
    client.bank_shows("l1", net)
    (found,) = client.findings("X20")
    assert "116.22" in found.title and "not in QuickBooks" in found.title
    assert "120.00 of charges from Stripe Clearing" in found.reason
    assert "(3.78) of fees from Merchant Fees" in found.reason
    assert found.link is not None and "pagereq=deposit" in found.link and found.stake == usd(net)
    client.books_show("d1", net, 12_000)
    assert client.findings("X20") == []


def test_refunds_and_fees_of_their_own_are_lines_too_and_what_is_neither_asks_for_an_account(
    client: PaidClient,
) -> None:
    more = [
        shapes.movement("txn_re", -2_000, 0, "re_1", type="refund", reporting_category="refund"),
        shapes.movement("txn_fee", -500, 0, None, type="stripe_fee", reporting_category="fee"),
        shapes.movement("txn_adj", 300, 0, None, type="adjustment", reporting_category="other_adjustment"),
    ]
    net = client.pays_out("po_1", 12_000, more=more)
    lines = client.standing("po_1").deposit
    assert {(each.kind, each.account_id): each.amount.minor for each in lines} == {
        ("charge", CLEARING): 12_000,
        ("refund", CLEARING): -2_000,
        ("other_adjustment", None): 300,
        ("fee", FEES): -878,
    }
    assert sum(each.amount.minor for each in lines) == net


def test_a_bank_that_shows_nothing_past_its_day_makes_it_late(client: PaidClient) -> None:
    client.pays_out("po_1", 12_000)
    assert client.standing("po_1").stage == "in_transit"
    assert client.standing("po_1", LATER).stage == "late"
    client.there.books.firm.wait(days=8)
    (found,) = client.findings("X11")
    assert "no bank line shows it" in found.reason


def test_one_that_failed_is_neither_awaited_nor_recorded(client: PaidClient) -> None:
    client.pays_out("po_1", 12_000, status="failed", failure_code="account_closed")
    assert client.standing("po_1", LATER).stage == "failed"
    client.there.books.firm.wait(days=8)
    assert client.findings("X11") == client.findings("X20") == []


def test_parts_that_do_not_sum_to_it_give_no_deposit(client: PaidClient) -> None:
    client.pays_out("po_1", 12_000, reconciliation_status="in_progress")
    client.bank_shows("l1", 11_622)
    standing = client.standing("po_1")
    assert standing.stage == "cleared" and standing.deposit == ()
    (found,) = client.findings("X20")
    assert "What it holds isn’t known yet" in found.reason


def test_what_no_invoice_explains_is_told_while_the_books_lack_the_payout(client: PaidClient) -> None:
    loose = shapes.movement("txn_loose", 4_200, 150, {"id": "ch_loose", "object": "charge"})
    net = client.pays_out("po_1", 12_000, more=[loose])
    client.bank_shows("l1", net)
    (found,) = client.findings("X11")
    assert "1 movement of 42.00 in it is explained by no invoice" in found.reason and found.stake == usd(4_200)
    client.books_show("d1", net, 16_200)
    assert client.findings("X11") == [], "the books say what it was for"


def test_a_payout_made_by_hand_cannot_be_taken_apart_and_says_so(client: PaidClient) -> None:
    client.pays_out("po_1", 12_000, automatic=False, reconciliation_status="not_applicable")
    (found,) = client.findings("X11")
    assert "by hand" in found.reason or "manual" in found.reason.lower(), found.reason


def test_the_clearing_account_may_hold_what_is_on_its_way_and_not_more(client: PaidClient) -> None:
    books = client.there.books
    books.say(*client.accounts(9_000), said.payment("p1", 9_000, dated=ARRIVES, into=CLEARING))
    assert client.findings("C11") == [], "it came in today"
    books.say(*client.accounts(14_000))
    (found,) = client.findings("C11")
    assert found.stake == usd(5_000) and "lies on Stripe Clearing" in found.title
    books.say(*client.accounts(-2_500))
    (found,) = client.findings("C11")
    assert found.stake == usd(2_500) and "is missing on" in found.title
    books.say(*client.accounts(9_100))
    assert client.findings("C11") == [], "1.00 is no sum"


def test_without_a_bank_only_the_books_can_tell(client: PaidClient) -> None:
    client.there.gone(BankAccount, "b1")
    client.unlink_bank()
    net = client.pays_out("po_1", 12_000)
    assert client.standing("po_1", LATER).stage == "unproven"
    assert client.findings("X11") == client.findings("X20") == [], "nobody could know"
    client.books_show("d1", net, 12_000)
    assert (client.standing("po_1").stage, client.standing("po_1").ledger) == ("recorded", ("deposit", "d1"))
    client.books_show("d2", net, 12_000)
    assert client.standing("po_1").stage == "unproven", "either deposit may be it"


def test_without_a_chosen_account_the_lines_say_that_one_is_to_be_chosen(client: PaidClient) -> None:
    client.choose(None, None)
    net = client.pays_out("po_1", 12_000)
    client.bank_shows("l1", net)
    (found,) = client.findings("X20")
    assert "from an account to be chosen" in found.reason
    assert client.findings("C11") == []
