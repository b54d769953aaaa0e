"""In a company that keeps several currencies the currency and its rate are always said (left out, QuickBooks books one to one)."""

from decimal import Decimal

from interlock.kernel.money import Money
from tests.recording.kinds import Kind
from tests.recording.office import Office, new_key
from tests.support.world import read_all, witness


def test_a_foreign_bill_is_paid_in_its_currency_at_the_rate_given(office: Office, kind: Kind) -> None:
    realm_id = office.abroad.realm_id
    parties = read_all(witness(office.sandbox, realm_id), "Vendor" if kind.party == "vendor_id" else "Customer")
    foreign = next(row["Id"] for row in parties if row["CurrencyRef"]["value"] == "EUR")
    owed = kind.owes(office.sandbox, realm_id, **{kind.ref: {"value": foreign}, "ExchangeRate": "1.10"})
    key = new_key()
    answer = office.record(kind, kind.paid(key, owed, exchange_rate=Decimal("1.0875")), office.rail(office.abroad))
    assert answer.amount == Money.of("120.00", "EUR")
    (row,) = office.recorded(kind, key, office.abroad)
    assert (row["CurrencyRef"]["value"], row["ExchangeRate"]) == ("EUR", Decimal("1.0875"))
    assert office.open_balance(kind, owed, office.abroad) == 0


def test_at_home_the_currency_is_said_and_no_rate(office: Office, kind: Kind) -> None:
    owed, key = kind.owes(office.sandbox, office.abroad.realm_id), new_key()
    office.record(kind, kind.paid(key, owed), office.rail(office.abroad))
    (row,) = office.recorded(kind, key, office.abroad)
    assert row["CurrencyRef"]["value"] == "USD" and "ExchangeRate" not in row
