"""Stripe's objects become facts: in its shapes since basil, with what it leaves unsaid left unsaid."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domains.stripe import mapper
from interlock.rails.errors import ContractBroken
from interlock.rails.witnesses import UNKNOWN
from tests.rails.stripe import shapes


def test_an_invoice_of_ours_carries_what_we_wrote_on_it() -> None:
    ours = {"interlock_key": "order-1", "qbo_invoice_id": "145", "qbo_doc_number": "1034"}
    fact = mapper.invoice(shapes.invoice(metadata=ours))
    assert (fact.order_key, fact.ledger_id, fact.ledger_number) == ("order-1", "145", "1034")
    assert not fact.sent, "it was finalised, and nothing says that it was sent"
    assert mapper.invoice(shapes.invoice(metadata={**ours, "interlock_sent": "send-1"})).sent
    assert (fact.dated, fact.due) == (date(2026, 11, 24), date(2026, 11, 25))
    assert (fact.total_minor, fact.paid_minor, fact.open_minor, fact.currency) == (12_000, 0, 12_000, "USD")


def test_only_an_address_of_the_web_becomes_a_link() -> None:
    assert mapper.invoice(shapes.invoice(hosted_invoice_url="https://pay.example/i/1")).url == "https://pay.example/i/1"
    assert mapper.invoice(shapes.invoice(hosted_invoice_url="javascript:alert(1)")).url is None


def test_somebody_elses_invoice_counts_as_sent_once_it_is_finalised_to_be_sent() -> None:
    assert mapper.invoice(shapes.invoice()).sent
    assert not mapper.invoice(shapes.invoice(status="draft", status_transitions={"finalized_at": None})).sent
    assert not mapper.invoice(shapes.invoice(collection_method="charge_automatically")).sent


def test_paid_by_somebodys_word_is_told_from_paid_with_money() -> None:
    def paid(*payments: dict[str, Any]) -> Any:
        listed = {"data": list(payments), "has_more": False}
        return mapper.invoice(shapes.invoice(status="paid", amount_paid=12_000, amount_remaining=0, payments=listed))

    money = json.loads(shapes.receipt("inpay_1", "in_1", "pi_1", 12_000))
    word = {**money, "payment": {"type": "payment_record", "payment_record": "pr_1"}}
    assert not paid(money).paid_out_of_band
    assert paid(word).paid_out_of_band
    assert paid().paid_out_of_band
    unsaid = mapper.invoice(shapes.invoice(status="paid", amount_paid=12_000, amount_remaining=0))
    assert not unsaid.paid_out_of_band, "its payments did not come along, so nothing is said of them"


def test_references_come_as_an_id_or_as_the_object() -> None:
    plain = mapper.charge(shapes.charge("ch_1", "pi_1", 500))
    whole = mapper.charge(shapes.charge("ch_1", "pi_1", 500, payment_intent={"id": "pi_1", "object": "payment_intent"}))
    assert plain.payment_id == whole.payment_id == "pi_1"


@pytest.mark.parametrize(
    ("read", "payload"),
    [
        (mapper.invoice, shapes.invoice(status="frozen")),
        (mapper.receipt, shapes.receipt("inpay_1", "in_1", "pi_1", 5, status="frozen")),
        (mapper.charge, shapes.charge("ch_1", None, 5, status="frozen")),
        (mapper.payout, shapes.payout("po_1", 5, status="frozen")),
        (mapper.refund, shapes.raw("refund", "re_1", amount=5, currency="usd", status="frozen")),
        (mapper.dispute, shapes.raw("dispute", "dp_1", amount=5, currency="usd", status=None)),
    ],
)
def test_a_status_we_dont_know_is_unknown(read: Any, payload: bytes) -> None:
    assert read(payload).state == UNKNOWN


@pytest.mark.parametrize(
    ("read", "payload"),
    [
        (mapper.invoice, shapes.invoice(total=None)),
        (mapper.invoice, shapes.invoice(currency="")),
        (mapper.charge, shapes.charge("ch_1", None, 5, amount_refunded=1.5)),
        (mapper.charge, shapes.charge("ch_" + "x" * 60, None, 5)),
        (mapper.receipt, shapes.receipt("inpay_1", "in_1", "pi_1", 5, invoice=None)),
        (mapper.payout, shapes.payout("po_1", 5, arrival_date=None)),
        (mapper.customer, b"<html>"),
        (mapper.customer, b'{"id": "cus_1", "created": 99999999999999999}'),
    ],
)
def test_what_cant_be_done_without_is_asked_for(read: Any, payload: bytes) -> None:
    with pytest.raises(ContractBroken):
        read(payload)


def test_a_part_knows_its_charge_whatever_it_is() -> None:
    came = mapper.part(shapes.movement("txn_1", 500, 15, {"id": "ch_1", "object": "charge"}), "po_1")
    back = mapper.part(shapes.movement("txn_2", -500, 0, {"id": "re_1", "object": "refund", "charge": "ch_1"}), "po_1")
    fee = mapper.part(shapes.movement("txn_3", -10, 0, None, type="stripe_fee", reporting_category="fee"), "po_1")
    assert (came.charge_id, back.charge_id, fee.charge_id) == ("ch_1", "ch_1", None)
    assert (came.gross_minor, came.fee_minor, came.net_minor, fee.kind) == (500, 15, 485, "fee")
    assert mapper.part(shapes.movement("txn_1", 500, 15, "ch_1"), None).charge_id == "ch_1"


def test_a_part_that_does_not_net_is_refused() -> None:
    with pytest.raises(ContractBroken, match="nets"):
        mapper.part(shapes.movement("txn_1", 500, 15, "ch_1", net=480), "po_1")


def test_a_parts_payload_says_which_payout_it_was_listed_under() -> None:
    row = shapes.movement("txn_1", 500, 15, "ch_1")
    waiting, gone_out = mapper.part(row, None), mapper.part(row, "po_1")
    assert waiting.raw != gone_out.raw, "the same row would not be written again once it went out"
    assert json.loads(gone_out.raw) == {"payout": "po_1", "row": json.loads(row)}


@pytest.mark.parametrize(
    ("fields", "net", "words"),
    [
        ({}, 900, None),
        ({}, 901, "sum to 901"),
        ({}, None, "not been read"),
        ({"automatic": False, "reconciliation_status": "not_applicable"}, 900, "by hand"),
        ({"reconciliation_status": "in_progress"}, 900, "hasn't finished"),
        ({"reconciliation_status": "not_applicable"}, 900, "doesn't say"),
        ({"reconciliation_status": "something new"}, 900, "hasn't finished"),
    ],
)
def test_a_payout_is_attributed_only_when_its_parts_are_final_and_sum_to_it(
    fields: dict[str, Any], net: int | None, words: str | None
) -> None:
    fact = mapper.payout(shapes.payout("po_1", 900, **fields), net)
    assert fact.attributed == (words is None)
    assert (fact.unattributed is None) if words is None else (words in (fact.unattributed or ""))


def test_times_are_instants() -> None:
    assert mapper.charge(shapes.charge("ch_1", None, 5)).created_at == datetime(2026, 11, 24, 12, tzinfo=UTC)


@given(st.integers(-(10**12), 10**12), st.sampled_from(["USD", "JPY", "KWD", "ISK", "UGX", "MGA"]))
def test_stripes_minor_units_and_back(stripes: int, currency: str) -> None:
    if currency in {"ISK", "UGX"}:
        stripes *= 100  # Stripe keeps two decimals that are always zero
    minor = mapper.charge(shapes.charge("ch_1", None, stripes, currency=currency.lower())).amount_minor
    assert mapper.stripes_own(minor, currency) == stripes
