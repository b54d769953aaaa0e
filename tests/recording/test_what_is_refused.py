"""What can't be recorded is refused in words that say what mends it, and nothing is written."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from interlock.domains.qbo.refusals import refusal_of_record
from interlock.domains.qbo.wire import FaultError
from interlock.kernel.errors import BadInput
from interlock.kernel.money import Money
from interlock.rails.errors import Rejected
from tests.recording.kinds import BILL, DATED, INVOICE, Asked, Kind
from tests.recording.office import Client, Office, new_key


def usd(amount: str) -> Money:
    return Money.of(amount, "USD")


def refused(office: Office, kind: Kind, asked: Asked, words: str, reason: str, client: Client | None = None) -> None:
    with pytest.raises(Rejected, match=words) as refusal:
        office.record(kind, asked, office.rail(client))
    assert refusal.value.reason == reason
    assert "othing was written" in refusal.value.sentence
    assert office.recorded(kind, asked.key, client) == []


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"key": "k" * 51}, "1 to 50 letters"),
        ({"key": "spaces and 'quotes"}, "1 to 50 letters"),
        ({"amount": usd("0")}, "above zero"),
        ({"amount": usd("-5.00")}, "above zero"),
        ({"amount": usd("119.99")}, "sum to 120.00"),
        ({"amount": Money(120, "JPY")}, "one currency"),
        ({"applied": ()}, "none are named"),
        ({"applied": (("77", usd("0")),)}, "must be above zero"),
        ({"applied": (("77", usd("60.00")), ("77", usd("60.00")))}, "once"),
        ({"applied": (("7'7", usd("120.00")),)}, "ids are numbers"),
        ({"applied": tuple((str(n), usd("1.00")) for n in range(1, 121))}, "at most 100"),
        ({"note": "see [Interlock pay_1]"}, "can't contain"),
        ({"note": "x" * 3_990}, "4000 characters"),
    ],
)
def test_facts_that_cannot_be_are_refused_before_anything_is_sent(
    office: Office, kind: Kind, changed: dict[str, Any], words: str
) -> None:
    owed = {"Id": "77", "CurrencyRef": {"value": "USD"}, kind.ref: {"value": "5"}}
    rail = office.rail()
    with pytest.raises(BadInput, match=words):
        office.record(kind, kind.paid(new_key(), owed, **changed), rail)
    assert rail.usage[0] == 0, "nothing was asked of QuickBooks"


@pytest.mark.parametrize(
    ("kind", "changed"), [(BILL, {"number": "n" * 22}), (BILL, {"number": ""}), (INVOICE, {"reference": "r" * 22})]
)
def test_a_number_that_quickbooks_would_not_take_is_refused(
    office: Office, kind: Kind, changed: dict[str, str]
) -> None:
    owed = {"Id": "77", "CurrencyRef": {"value": "USD"}, kind.ref: {"value": "5"}}
    with pytest.raises(BadInput, match="1 to 21 characters"):
        office.record(kind, kind.paid(new_key(), owed, **changed))


def test_what_somebody_else_has_settled_meanwhile_is_not_recorded_again(office: Office, kind: Kind) -> None:
    owed = kind.owes(office.sandbox, office.client.realm_id)
    office.record(kind, kind.paid(new_key(), owed, "100.00"))
    refused(office, kind, kind.paid(new_key(), owed), "USD 20.00 open, less than the 120.00", "not_open")
    assert office.open_balance(kind, owed) == Decimal("20.00")


def test_settled_in_the_moment_before_sending_quickbooks_itself_refuses(office: Office, kind: Kind) -> None:
    owed, key = kind.owes(office.sandbox, office.client.realm_id), new_key()
    rail = office.prompted({2: lambda: by_hand(office, kind, owed)})
    with pytest.raises(Rejected, match=r"code 6000.*sync and look at what is still open") as refusal:
        office.record(kind, kind.paid(key, owed), rail)
    assert refusal.value.reason == "6000"
    assert office.recorded(kind, key) == []
    assert office.open_balance(kind, owed) == 0


def by_hand(office: Office, kind: Kind, owed: dict[str, Any]) -> None:
    """What a bookkeeper enters in QuickBooks."""
    line = {"Amount": "120.00", "LinkedTxn": [{"TxnId": owed["Id"], "TxnType": kind.owed_entity}]}
    pays = {"PayType": "Check", "CheckPayment": {"BankAccountRef": {"value": "1"}}} if kind is BILL else {}
    body = {kind.ref: owed[kind.ref], "TotalAmt": "120.00", "TxnDate": DATED.isoformat(), "Line": [line], **pays}
    office.sandbox.create(office.client.realm_id, kind.entity, body)


def test_what_is_gone_or_voided_is_said_so(office: Office, kind: Kind) -> None:
    owed = kind.owes(office.sandbox, office.client.realm_id)
    office.sandbox.delete(office.client.realm_id, kind.owed_entity, owed["Id"])
    refused(office, kind, kind.paid(new_key(), owed), f"{owed['Id']} is not in QuickBooks any more", "610")
    invoice = INVOICE.owes(office.sandbox, office.client.realm_id)
    office.sandbox.void(office.client.realm_id, "Invoice", invoice["Id"])
    refused(office, INVOICE, INVOICE.paid(new_key(), invoice), "has been voided", "voided")


def test_a_bill_of_another_vendor(office: Office) -> None:
    bill = BILL.owes(office.sandbox, office.client.realm_id)
    refused(office, BILL, BILL.paid(new_key(), bill, vendor_id="8"), "is of vendor 5, not 8", "vendor")


def test_an_invoice_of_a_stranger_is_refused_by_quickbooks(office: Office) -> None:
    invoice, key = INVOICE.owes(office.sandbox, office.client.realm_id), new_key()
    with pytest.raises(Rejected, match="code 6000"):
        office.record(INVOICE, INVOICE.paid(key, invoice, customer_id="36"))
    assert office.recorded(INVOICE, key) == []


def test_closed_books_and_days_that_have_not_begun(office: Office, kind: Kind) -> None:
    owed = kind.owes(office.sandbox, office.client.realm_id)
    closed = kind.paid(new_key(), owed, dated=date(2026, 7, 31))
    refused(office, kind, closed, "closed through 2026-07-31", "6210")
    refused(office, kind, kind.paid(new_key(), owed, dated=date(2026, 12, 24)), "hasn't begun anywhere", "future")


def test_an_account_that_is_not_there(office: Office, kind: Kind) -> None:
    owed = kind.owes(office.sandbox, office.client.realm_id)
    asked = kind.paid(new_key(), owed, **{kind.account: "999999"})
    refused(office, kind, asked, "code 2500.*make it active in QuickBooks, or choose another", "2500")


def test_bills_on_two_payables_accounts_need_two_records(office: Office) -> None:
    realm_id = office.client.realm_id
    account = {"Name": "Payables to owners", "AccountType": "Accounts Payable", "AccountSubType": "AccountsPayable"}
    made = office.sandbox.create(realm_id, "Account", account)["object"]
    ordinary = BILL.owes(office.sandbox, realm_id)
    other = BILL.owes(office.sandbox, realm_id, APAccountRef={"value": made["Id"]})
    both = ((ordinary["Id"], usd("120.00")), (other["Id"], usd("120.00")))
    refused(office, BILL, BILL.paid(new_key(), ordinary, "240.00", applied=both), "different payables", "accounts")
    key = new_key()
    office.record(BILL, BILL.paid(key, other))
    (row,) = office.recorded(BILL, key)
    assert row["APAccountRef"]["value"] == made["Id"], "what is relieved is the account the bill stands on"


def test_one_currency_alone(office: Office, kind: Kind) -> None:
    owed = kind.owes(office.sandbox, office.client.realm_id)
    euros = Money.of("120.00", "EUR")
    asked = kind.paid(new_key(), owed, amount=euros, applied=((owed["Id"], euros),), exchange_rate=Decimal("1.09"))
    refused(office, kind, asked, "in USD alone, not in EUR", "currency")


@pytest.mark.parametrize("rate", [None, Decimal(0)])
def test_a_foreign_payment_without_its_rate(office: Office, kind: Kind, rate: Decimal | None) -> None:
    owed = {"Id": "77", "CurrencyRef": {"value": "EUR"}, kind.ref: {"value": "5"}}
    with pytest.raises(BadInput, match="needs its exchange rate"):
        office.record(kind, kind.paid(new_key(), owed, exchange_rate=rate), office.rail(office.abroad))


@pytest.mark.parametrize(
    ("code", "words"),
    [("6190", "subscription has lapsed"), ("6210", "closing date moved"), ("5010", "at the same moment"), ("77", "77")],
)
def test_refusals_say_what_mends_them(code: str, words: str) -> None:
    refusal = refusal_of_record(FaultError(Message="No", Detail="Because of this.", code=code))
    assert refusal.reason == code
    assert words in refusal.sentence and "Because of this" in refusal.sentence
    assert refusal.sentence.endswith("Nothing was written.")
