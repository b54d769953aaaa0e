"""From QuickBooks' payload to facts: nothing is guessed, rounded or counted twice."""

import json
import time
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from interlock.domains.qbo import wire
from interlock.domains.qbo.mapper import (
    BY_WIRE_NAME,
    ENTITY_MAPS,
    MOST_UNREADABLE,
    Company,
    MappedWhenUsed,
    id_at,
    preferences,
    to_fact,
)
from interlock.rails import facts
from interlock.rails.errors import ContractBroken
from interlock.rails.facts import Page

HOME = Company("USD")
BILL: dict[str, Any] = {
    "Id": "77",
    "SyncToken": "3",
    "MetaData": {"CreateTime": "2026-11-03T08:00:00-08:00", "LastUpdatedTime": "2026-11-04T09:30:00-08:00"},
    "TxnDate": "2026-11-03",
    "DueDate": "2026-12-03",
    "TotalAmt": 125.50,
    "Balance": 25.50,
    "VendorRef": {"value": "31", "name": "Alder Supply"},
}


def mapped(name: str, payload: dict[str, Any], company: Company = HOME) -> Any:
    return to_fact(BY_WIRE_NAME[name], json.dumps(payload).encode(), company)


def bill(**members: Any) -> facts.Bill:
    fact: facts.Bill = mapped("Bill", {**BILL, **members})
    return fact


def test_nothing_is_mirrored_whose_changes_quickbooks_does_not_tell() -> None:
    """What changes are not told of could only be listed again and again (qbo.md §4)."""
    silent = {"JournalCode", "TaxAgency", "TaxCode", "TaxRate", "TimeActivity"}
    assert silent.isdisjoint(BY_WIRE_NAME)


def test_every_kind_a_ledger_states_has_its_mapping() -> None:
    assert {entity.kind for entity in ENTITY_MAPS} | {facts.Preferences} == set(facts.KINDS)


def test_a_bill_keeps_its_amounts_dates_and_instants_exactly() -> None:
    fact = bill()
    assert (fact.id, fact.version, fact.total_minor, fact.balance_minor) == ("77", "3", 12550, 2550)
    assert (fact.dated, fact.due) == (date(2026, 11, 3), date(2026, 12, 3))
    assert fact.updated_at == datetime(2026, 11, 4, 17, 30, tzinfo=UTC)
    assert (fact.vendor_id, fact.vendor_name) == ("31", "Alder Supply")
    assert json.loads(fact.raw) == BILL


@pytest.mark.parametrize(
    ("total", "note", "voided"),
    [
        (0, "Voided", True),
        (0.00, "Voided - RC 93", True),
        (0, None, False),
        (0, "Sample, free of charge", False),
        (0, "Not Voided", False),
        (125.5, "Voided", False),
        (125.5, None, False),
    ],
)
def test_a_void_needs_both_of_its_signs(total: float, note: str | None, voided: bool) -> None:
    more = {} if note is None else {"PrivateNote": note}
    assert bill(TotalAmt=total, Balance=total, **more).voided is voided


def test_lines_that_undo_each_other_are_no_void_whatever_the_note_says() -> None:
    lines = [{"Amount": amount, "DetailType": "AccountBasedExpenseLineDetail"} for amount in (40.0, -40.0)]
    assert not bill(TotalAmt=0, Balance=0, PrivateNote="Voided check 12, issued again", Line=lines).voided
    entry = mapped(
        "JournalEntry", {"Id": "9", "TxnDate": "2026-11-03", "PrivateNote": "Voided check 12", "Line": lines}
    )
    assert not entry.voided, "a journal entry has no total, void or not"
    zero = [{"Amount": 0, "DetailType": "AccountBasedExpenseLineDetail"}]
    assert bill(TotalAmt=0, Balance=0, PrivateNote="Voided - RC 93", Line=zero).voided


def test_times_without_a_zone_are_pacific_wherever_this_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not this machine's: it may stand in any zone (qbo.md §4)."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        meta = {"CreateTime": "2026-07-03T08:00:00", "LastUpdatedTime": "2026-11-04T09:30:00"}
        said = bill(MetaData=meta)
    finally:
        monkeypatch.undo()
        time.tzset()
    assert said.created_at == datetime(2026, 7, 3, 15, 0, tzinfo=UTC)
    assert said.updated_at == datetime(2026, 11, 4, 17, 30, tzinfo=UTC)


def test_ids_of_nineteen_digits_are_kept_whole() -> None:
    """Beyond what a float holds, and beyond some integers (qbo.md §10)."""
    id_, other = "5000000000000503624", "9223372036854775807"
    said = bill(Id=id_, LinkedTxn=[{"TxnId": other, "TxnType": "BillPaymentCheck"}], VendorRef={"value": other})
    assert (said.id, said.vendor_id, said.links[0].linked_id) == (id_, other, other)


def test_a_link_said_twice_is_one_link() -> None:
    twice = [{"TxnId": "9", "TxnType": "PurchaseOrder"}, {"TxnId": "9", "TxnType": "PurchaseOrder"}]
    assert bill(LinkedTxn=twice).links == (facts.Link(-1, "purchase_order", "9"),)


def test_quickbooks_names_for_one_kind_are_one_kind_and_unknown_ones_stay_as_they_are() -> None:
    said = [
        {"TxnId": "1", "TxnType": "BillPaymentCheck"},
        {"TxnId": "1", "TxnType": "BillPayment"},
        {"TxnId": "2", "TxnType": "BillPaymentCreditCard"},
        {"TxnId": "3", "TxnType": "StatementCharge"},
    ]
    links = [(link.linked_kind, link.linked_id) for link in bill(LinkedTxn=said).links]
    assert links == [("bill_payment", "1"), ("bill_payment", "2"), ("StatementCharge", "3")]


def test_a_line_that_names_one_document_says_how_much_it_applies_and_one_that_names_two_does_not() -> None:
    one = {"Amount": 30, "LinkedTxn": [{"TxnId": "77", "TxnType": "Bill"}]}
    two = {"Amount": 50, "LinkedTxn": [{"TxnId": "78", "TxnType": "Bill"}, {"TxnId": "79", "TxnType": "Bill"}]}
    payment = mapped(
        "BillPayment",
        {
            "Id": "80",
            "TxnDate": "2026-11-20",
            "TotalAmt": 80,
            "PayType": "Check",
            "CheckPayment": {"BankAccountRef": {"value": "35"}},
            "Line": [one, two, one],
        },
    )
    assert payment.links == (
        facts.Link(0, "bill", "77", 3000),
        facts.Link(1, "bill", "78", None),
        facts.Link(1, "bill", "79", None),
        facts.Link(2, "bill", "77", 3000),
    )
    assert [line.kind for line in payment.lines] == ["LinkedTxn"] * 3
    assert (payment.method, payment.account_id) == ("check", "35")


def test_a_journal_lines_party_is_read_from_its_typed_entity() -> None:
    detail = {
        "PostingType": "Credit",
        "AccountRef": {"value": "33"},
        "Entity": {"Type": "Vendor", "EntityRef": {"value": "31", "name": "Alder Supply"}},
    }
    line = {"Id": "0", "Amount": 12.34, "DetailType": "JournalEntryLineDetail", "JournalEntryLineDetail": detail}
    entry = mapped("JournalEntry", {"Id": "5", "TxnDate": "2026-11-01", "Line": [line]})
    (posted,) = entry.lines
    assert (posted.party_id, posted.party_kind, posted.posting) == ("31", "vendor", "Credit")
    assert (posted.account_id, posted.amount_minor, entry.total_minor) == ("33", 1234, 0)


def test_a_deposit_lines_party_is_read_from_its_plain_reference() -> None:
    detail = {"Entity": {"value": "8", "name": "Harbour Cafe", "type": "CUSTOMER"}, "AccountRef": {"value": "4"}}
    direct = {"Amount": -12, "DetailType": "DepositLineDetail", "DepositLineDetail": detail}
    swept = {"Amount": 100, "LinkedTxn": [{"TxnId": "61", "TxnType": "Payment", "TxnLineId": "0"}]}
    deposit = mapped(
        "Deposit",
        {
            "Id": "6",
            "TxnDate": "2026-11-02",
            "TotalAmt": 83,
            "Line": [direct, swept],
            "DepositToAccountRef": {"value": "35"},
            "CashBack": {"Amount": 5},
        },
    )
    assert (deposit.lines[0].party_id, deposit.lines[0].party_kind, deposit.lines[0].amount_minor) == (
        "8",
        "customer",
        -1200,
    )
    assert deposit.links == (facts.Link(1, "payment", "61", 10000),)
    assert (deposit.account_id, deposit.cash_back_minor) == ("35", 500)


def test_a_credit_memos_open_amount_is_what_remains_of_it() -> None:
    memo = {"Id": "7", "TxnDate": "2026-11-02", "TotalAmt": 90, "Balance": 0, "RemainingCredit": 40}
    assert mapped("CreditMemo", memo).balance_minor == 4000
    assert mapped("CreditMemo", {**memo, "RemainingCredit": 0, "Balance": 90}).balance_minor == 0
    del memo["RemainingCredit"]
    assert mapped("CreditMemo", {**memo, "Balance": 90}).balance_minor == 9000


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("TotalAmt", 125.505),
        ("Balance", 0.001),
        ("TotalAmt", "1e999999"),
        ("Line", [{"Amount": 1.005}]),
        ("TxnDate", "03/11/2026"),
        ("TxnDate", None),
        ("VendorRef", {"name": "no value"}),
        ("TotalAmt", {"amount": 1}),
    ],
)
def test_what_we_cannot_keep_exactly_is_refused_and_the_row_is_named(member: str, value: Any) -> None:
    raw = json.dumps({**BILL, member: value}).replace('"1e999999"', "1e999999").encode()
    with pytest.raises(ContractBroken, match=r"Bill \(Id 77\)") as refusal:
        to_fact(BY_WIRE_NAME["Bill"], raw, HOME)
    assert refusal.value.field == "Bill"


@pytest.mark.parametrize("member", ["TxnDate", "TotalAmt", "Balance"])
def test_what_we_need_and_do_not_get_is_a_broken_contract(member: str) -> None:
    payload = {name: value for name, value in BILL.items() if name != member}
    with pytest.raises(ContractBroken, match=rf"Id 77.*{member}"):
        mapped("Bill", payload)


@pytest.mark.parametrize("raw", [b"", b"{", b'{"TotalAmt": 1}', b'"a text"', b"[]"])
def test_a_row_without_an_id_is_said_to_have_none(raw: bytes) -> None:
    with pytest.raises(ContractBroken, match="without an Id"):
        to_fact(BY_WIRE_NAME["Bill"], raw, HOME)


def rows_of(*payloads: dict[str, Any]) -> MappedWhenUsed:
    rows = [msgspec.Raw(json.dumps(each).encode()) for each in payloads]
    return MappedWhenUsed(BY_WIRE_NAME["Bill"], rows, HOME)


def unreadable(id_: int) -> dict[str, Any]:
    return {**BILL, "Id": str(id_), "TxnDate": None}


def test_a_row_that_cant_be_read_is_named_and_the_others_of_its_answer_are_facts() -> None:
    rows = rows_of(unreadable(1), {**BILL, "Id": "2"}, unreadable(3))
    page = Page(facts.Bill, rows, datetime(2026, 11, 24, tzinfo=UTC))
    assert (page.rows, id_at(page, 0), id_at(page, -1)) == (3, "1", "3"), "pages are joined by ids alone"
    settled = page.settled()
    assert [fact.id for fact in settled.facts] == ["2"]
    assert [each.id for each in settled.unread] == ["1", "3"]
    assert "TxnDate" in settled.unread[0].sentence and "Everything else was read" in settled.unread[0].sentence
    assert (settled.rows, settled.settled()) == (3, settled)


def test_where_many_rows_cant_be_read_the_format_has_changed() -> None:
    few = rows_of(*map(unreadable, range(MOST_UNREADABLE)))
    assert (list(few), len(few.unread)) == ([], MOST_UNREADABLE)
    with pytest.raises(ContractBroken, match="TxnDate"):
        list(rows_of(*map(unreadable, range(MOST_UNREADABLE + 1))))


def test_a_row_without_an_id_can_not_be_set_aside() -> None:
    nameless = {name: value for name, value in BILL.items() if name != "Id"}
    with pytest.raises(ContractBroken, match="without an Id"):
        list(rows_of({**BILL, "Id": "2"}, nameless))
    with pytest.raises(ContractBroken, match="without an Id"):
        rows_of(nameless).id_at(0)


def test_what_quickbooks_leaves_out_is_not_made_up() -> None:
    fact = bill(VendorRef=None, DueDate=None, SomethingNew={"a": [1]})
    assert (fact.vendor_id, fact.vendor_name, fact.due, fact.number) == (None, None, None, None)
    assert (fact.lines, fact.links, fact.exchange_rate) == ((), (), None)


def test_a_foreign_document_keeps_its_currency_and_its_rate_as_written() -> None:
    foreign = bill(CurrencyRef={"value": "JPY"}, ExchangeRate=0.0065100, TotalAmt=1500.00, Balance=1500)
    assert (foreign.currency, foreign.total_minor, foreign.exchange_rate) == ("JPY", 1500, "0.00651")
    with pytest.raises(ContractBroken, match="more decimals than JPY"):
        bill(CurrencyRef={"value": "JPY"}, TotalAmt=1500.5)
    assert mapped("Bill", BILL, Company("CAD")).currency == "CAD", "books without several currencies name none"


def test_a_card_credit_is_a_refund_and_its_party_is_typed() -> None:
    purchase = {
        "Id": "9",
        "TxnDate": "2026-11-05",
        "TotalAmt": 20,
        "PaymentType": "CreditCard",
        "Credit": True,
        "EntityRef": {"value": "31", "name": "Alder Supply", "type": "Vendor"},
    }
    fact = mapped("Purchase", purchase)
    assert (fact.refund, fact.method, fact.party_id, fact.party_kind) == (True, "creditcard", "31", "vendor")
    assert mapped("Purchase", {**purchase, "Credit": False}).refund is False


def test_books_that_name_no_home_currency_are_not_read() -> None:
    company = wire.Company(id="1")
    with pytest.raises(ContractBroken, match="currency"):
        preferences(b'{"Id": "1", "CurrencyPrefs": {"MultiCurrencyEnabled": true}}', company)
    with pytest.raises(ContractBroken, match="settings"):
        preferences(b"<html>", company)


def test_a_nul_character_is_left_out_of_texts_and_kept_in_the_payload() -> None:
    """PostgreSQL refuses it in a text; one such bill must not stop a whole page for ever."""
    fact = bill(PrivateNote="call\0 first", TotalAmt=1234567.10)
    assert fact.note == "call first"
    assert fact.total_minor == 123456710
    assert rb"\u0000" in fact.raw
    literal = bill(PrivateNote="a backslash and u0000: \\u0000")
    assert literal.note == "a backslash and u0000: \\u0000"
