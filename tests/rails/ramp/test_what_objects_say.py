"""Ramp's objects as facts: what is read off each field, what is unknown, and what can't be done without."""

import json
from datetime import UTC, date, datetime

import pytest

from interlock.domains.ramp import mapper
from interlock.rails.errors import ContractBroken
from tests.rails.ramp import shapes


def test_a_bill_with_its_payment() -> None:
    seen = mapper.bill(shapes.bill())
    assert (seen.id, seen.number, seen.remote_id) == (shapes.BILL_ID, "INV-88120", "pin_01")
    assert (seen.vendor_id, seen.vendor_name) == (shapes.VENDOR_ID, "Larkspur Paper")
    assert (seen.dated, seen.due) == (date(2026, 11, 2), date(2026, 12, 2))
    assert (seen.state, seen.approval, seen.payment_state, seen.synced) == (
        "awaiting_release",
        "approved",
        "open",
        "bill_synced",
    )
    assert (seen.method, seen.batch_id, seen.funding_account_id) == ("ach", "C3QX0Z", shapes.SOURCE_ID)
    assert (seen.payment_minor, seen.starts_on, seen.trace, seen.draft) == (1234, date(2026, 11, 25), None, False)
    assert seen.created_at == datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


def test_when_it_left_counts_more_than_when_it_was_to_leave() -> None:
    left = shapes.payment(effective_date="2026-11-27T23:30:00-05:00")
    assert mapper.bill(shapes.bill(payment=left)).starts_on == date(2026, 11, 27), "the day as written, in no time zone"


@pytest.mark.parametrize("name", ["status_summary", "approval_status", "status", "sync_status"])
def test_a_word_we_do_not_know_is_unknown_and_neither_success_nor_failure(name: str) -> None:
    seen = mapper.bill(shapes.bill(**{name: "PAID_BY_CARRIER_PIGEON"}))
    fact = {
        "status_summary": "state",
        "approval_status": "approval",
        "status": "payment_state",
        "sync_status": "synced",
    }
    assert getattr(seen, fact[name]) == "unknown"


@pytest.mark.parametrize("state", sorted(mapper.BILL_STATES - {"archived"}))
def test_every_status_that_ramp_names_is_kept_as_its_own(state: str) -> None:
    assert mapper.bill(shapes.bill(status_summary=state.upper())).state == state


def test_an_answer_without_a_summary_says_only_what_is_beyond_doubt() -> None:
    assert mapper.bill(shapes.bill(status_summary=None)).state == "unknown"
    assert mapper.bill(shapes.bill(status_summary=None, status="PAID")).state == "payment_completed"
    assert mapper.bill(shapes.bill(archived_at="2026-11-20T10:00:00Z")).state == "archived"


@pytest.mark.parametrize(
    ("link", "found"),
    [
        ("https://app.qbo.intuit.com/app/bill?txnId=145", "145"),
        ("https://app.qbo.intuit.com/app/bill?txnId=145&txnId=146", None),
        ("https://app.qbo.intuit.com.evil.example/app/bill?txnId=145", None),
        ("https://books.example/bill?txnId=145", None),
        ("https://app.qbo.intuit.com/app/bill?txnId=14%205", None),
        ("https://[", None),
        (None, None),
    ],
)
def test_the_ledgers_own_id_is_claimed_only_by_a_link_to_quickbooks(link: str | None, found: str | None) -> None:
    assert mapper.bill(shapes.bill(deep_link_url=link)).ledger_id == found


def test_a_payment_in_another_currency_is_no_amount_of_the_bills() -> None:
    foreign = shapes.payment(amount=shapes.money(9_999, "CAD"))
    assert mapper.bill(shapes.bill(payment=foreign)).payment_minor is None


def test_a_trace_is_carried_over_into_what_a_listing_says_and_is_then_the_same_payload() -> None:
    """A bill by its id has the trace, a listing hasn't: rows must not change with which of the two was read last."""
    traced = shapes.payment(trace_id={"trace_id": "021000021234567", "descriptor": "ACH Trace ID"})
    alone, listed = mapper.bill(shapes.bill(payment=traced)), mapper.bill(shapes.bill(), "021000021234567")
    assert (alone.trace, listed.trace) == ("021000021234567", "021000021234567")
    assert alone.raw == listed.raw != mapper.bill(shapes.bill()).raw
    assert mapper.bill(listed.raw, "021000021234567").raw == listed.raw, "reading what is kept again changes nothing"


def test_what_changes_by_itself_is_not_kept() -> None:
    other = ["https://files.example/signed?until=2"]
    assert mapper.bill(shapes.bill()).raw == mapper.bill(shapes.bill(invoice_urls=other)).raw
    assert b"signed" not in mapper.bill(shapes.bill()).raw, "a signed address opens the document for whoever reads it"
    assert mapper.vendor(shapes.vendor()).raw == mapper.vendor(shapes.vendor(total_spend_ytd=shapes.money(901))).raw


@pytest.mark.parametrize("lacking", ["id", "amount"])
def test_a_bill_without_what_we_need_breaks_the_contract(lacking: str) -> None:
    said = json.loads(shapes.bill())
    del said[lacking]
    with pytest.raises(ContractBroken):
        mapper.bill(json.dumps(said).encode())


@pytest.mark.parametrize(
    "changed",
    [{"id": "x" * 41}, {"due_at": "soon"}, {"created_at": "yesterday"}, {"vendor": {"id": "v" * 41}}],
    ids=["a long id", "no date", "no time", "a long vendor id"],
)
def test_what_cannot_be_kept_as_it_is_breaks_the_contract(changed: dict[str, object]) -> None:
    with pytest.raises(ContractBroken):
        mapper.bill(shapes.bill(**changed))


def test_a_draft_may_lack_anything_and_is_nothing_but_a_draft() -> None:
    seen = mapper.draft(shapes.draft())
    assert (seen.draft, seen.state, seen.approval, seen.payment_state) == (True, "draft", "initialized", "open")
    lines = [{"amount": shapes.money(700)}, {"amount": shapes.money(34)}]
    assert mapper.draft(shapes.draft(amount=None, line_items=lines)).total_minor == 734


def test_a_vendor_and_whether_it_can_be_paid() -> None:
    seen = mapper.vendor(shapes.vendor())
    assert (seen.name, seen.active, seen.ledger_id, seen.payable, seen.email) == (
        "Larkspur Paper",
        True,
        "57",
        None,
        None,
    )
    asked = mapper.vendor(seen.raw, "")
    assert (asked.payable, asked.name) == (False, "Larkspur Paper") and asked.raw != seen.raw
    there = mapper.payee_accounts([b'{"id": "b2", "payment_method": "ACH", "is_default": true}', b'{"id": "a1"}'])
    assert there == "a1 unknown; b2 ach default"
    assert (mapper.vendor(seen.raw, there).payable, mapper.vendor(seen.raw, there).accounts) == (True, there)
    contacts = [{"email": "old@larkspur.example"}, {"email": "pay@larkspur.example", "is_default": True}]
    assert mapper.vendor(shapes.vendor(contacts=contacts)).email == "pay@larkspur.example"


def test_a_bank_account_pays_bills_where_an_entity_says_so() -> None:
    use = {"bank_account_id": "acc-1", "usage_type": "STATEMENT_BANK_ACCOUNT"}
    pays = {"bank_account_id": "acc-1", "usage_type": "BILL_PAY_BANK_ACCOUNT"}
    entities = [
        {"id": "ent-1", "entity_name": "Harbor Street LLC", "is_primary": True, "accounts": [use]},
        {"id": "ent-2", "entity_name": "Harbor Street East", "accounts": [pays]},
    ]
    accounts = [
        {"id": "acc-1", "account_name": "Operating", "institution_name": "First Fictional", "last_four": "4471"},
        {"id": "acc-2", "institution_name": "First Fictional"},
    ]
    raw = [json.dumps(each).encode() for each in entities], [json.dumps(each).encode() for each in accounts]
    first, second = mapper.funding_accounts(*raw)
    assert (first.id, first.name, first.mask, first.entity_id, first.pays_bills) == (
        "acc-1",
        "Operating",
        "4471",
        "ent-2",
        True,
    )
    assert (second.id, second.name, second.mask, second.entity_id, second.pays_bills) == (
        "acc-2",
        "First Fictional",
        None,
        None,
        False,
    )
