"""Events name what has to be read again; what they say of it is not believed."""

from typing import Any

from interlock.domains.stripe import wire
from interlock.domains.stripe.following import Wanted, wanted
from interlock.domains.stripe.mapper import decoded
from interlock.rails.witnesses import Charge, Dispute, InvoiceReceipt, Payout, RailCustomer, RailInvoice, Refund
from tests.rails.stripe import shapes


def asked(*events: tuple[str, dict[str, Any]]) -> Wanted:
    return wanted(
        [
            decoded(shapes.raw("event", f"evt_{i}", type=type_, data={"object": about}), wire.Event)
            for i, (type_, about) in enumerate(events)
        ]
    )


def thing(object_: str, id_: str, **fields: Any) -> dict[str, Any]:
    return {"object": object_, "id": id_, "created": 7, **fields}


def test_many_events_about_one_thing_ask_for_it_once() -> None:
    found = asked(
        ("invoice.finalized", thing("invoice", "in_1")),
        ("invoice.sent", thing("invoice", "in_1")),
        ("invoice.paid", thing("invoice", "in_1")),
    )
    assert found.again == {RailInvoice: {"in_1": 7}}


def test_a_payment_of_an_invoice_asks_for_the_invoice_which_brings_its_payments() -> None:
    found = asked(("invoice_payment.paid", thing("invoice_payment", "inpay_1", invoice="in_1")))
    assert found.again == {RailInvoice: {"in_1": None}}, "a call for each payment would be a call for each charge"


def test_what_is_given_back_or_contested_changes_its_charge_too() -> None:
    found = asked(
        ("refund.failed", thing("refund", "re_1", charge="ch_1")),
        ("charge.dispute.created", thing("dispute", "dp_1", charge={"id": "ch_2"})),
        ("payment_intent.succeeded", thing("payment_intent", "pi_1", latest_charge="ch_3")),
    )
    assert set(found.again[Charge]) == {"ch_1", "ch_2", "ch_3"}
    assert set(found.again[Refund]) == {"re_1"} and set(found.again[Dispute]) == {"dp_1"}


def test_a_credit_note_changes_its_invoice() -> None:
    assert asked(("credit_note.created", thing("credit_note", "cn_1", invoice="in_1"))).again == {
        RailInvoice: {"in_1": None}
    }


def test_what_is_deleted_is_not_read_again() -> None:
    found = asked(
        ("invoice.created", thing("invoice", "in_1")),
        ("invoice.deleted", thing("invoice", "in_1")),
        ("customer.deleted", thing("customer", "cus_1")),
    )
    assert found.gone == {RailInvoice: {"in_1"}, RailCustomer: {"cus_1"}}
    assert found.again[RailInvoice] == {}


def test_payouts_are_named_and_what_we_keep_nothing_of_is_not() -> None:
    found = asked(("payout.failed", thing("payout", "po_1")), ("price.created", thing("price", "price_1")))
    assert found.again == {Payout: {"po_1": 7}}


def test_a_payment_whose_invoice_isnt_named_is_read_by_itself() -> None:
    assert asked(("invoice_payment.paid", thing("invoice_payment", "inpay_1"))).again == {
        InvoiceReceipt: {"inpay_1": 7}
    }
