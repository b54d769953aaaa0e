"""What the world says is wrong in its books is wrong by the wording of each check, and nothing else is.

The checks are written again here from their definitions and read only rows of the books, so that neither the planter
nor any product code vouches for itself.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import combinations, pairwise
from typing import Any

import pytest

from interlock_sandbox.world import Client, Firm, build

Row = dict[str, Any]
CENT = 1
UNDECIDED = ("ask", "uncateg", "suspense")


class Ledgers:
    """The rows of one company's books, read once."""

    def __init__(self, client: Client, as_of: date) -> None:
        self.as_of = as_of
        self._rows: dict[str, list[Row]] = {}
        self.client = client
        self.open_bills = [bill for bill in self["Bill"] if bill["Balance"] > 0]
        self.open_invoices = [invoice for invoice in self["Invoice"] if invoice["Balance"] > 0]
        self.accounts = {account["Id"]: account for account in self["Account"]}

    def __getitem__(self, entity: str) -> list[Row]:
        return self._rows.setdefault(entity, list(self.client.books.rows(entity)))


def norm(number: str) -> str:
    return "".join(c for c in number.upper() if c.isalnum()).lstrip("0")


def on(row: Row, field: str = "TxnDate") -> date:
    return date.fromisoformat(row[field])


def whose(row: Row, field: str) -> str:
    return str(row.get(field, {}).get("value", ""))


def later(first: Row, second: Row) -> Row:
    return max(first, second, key=lambda row: int(row["Id"]))


def bills_of_one_vendor(books: Ledgers) -> Iterator[list[Row]]:
    by_vendor: dict[str, list[Row]] = defaultdict(list)
    for bill in books["Bill"]:
        by_vendor[whose(bill, "VendorRef")].append(bill)
    yield from by_vendor.values()


def missing_due_date(books: Ledgers) -> Iterator[Row]:
    yield from (bill for bill in books.open_bills if "DueDate" not in bill)


def due_before_dated(books: Ledgers) -> Iterator[Row]:
    yield from (bill for bill in books.open_bills if "DueDate" in bill and on(bill, "DueDate") < on(bill))


def vendor_inactive(books: Ledgers) -> Iterator[Row]:
    inactive = {vendor["Id"] for vendor in books["Vendor"] if not vendor["Active"]}
    yield from (bill for bill in books.open_bills if whose(bill, "VendorRef") in inactive | {""})


def no_number(books: Ledgers) -> Iterator[Row]:
    yield from (bill for bill in books.open_bills if not bill.get("DocNumber"))


def exact_duplicate(books: Ledgers) -> Iterator[Row]:
    for bills in bills_of_one_vendor(books):
        for first, second in combinations([bill for bill in bills if norm(bill.get("DocNumber", ""))], 2):
            same = norm(first["DocNumber"]) == norm(second["DocNumber"])
            if same and abs((on(first) - on(second)).days) <= 730 and later(first, second)["Balance"] > 0:
                yield later(first, second)


def recurring(bills: list[Row], first: Row, second: Row) -> bool:
    """Three earlier bills of the amount, a month apart, and this one a month after the last."""
    dates = sorted(on(bill) for bill in bills if abs(bill["TotalAmt"] - second["TotalAmt"]) * 100 <= CENT)
    spaced = sum(25 <= (b - a).days <= 35 for a, b in pairwise(dates))
    return spaced >= 3 and abs((on(first) - on(second)).days) >= 25


def probable_duplicate(books: Ledgers) -> Iterator[Row]:
    for bills in bills_of_one_vendor(books):
        for first, second in combinations([bill for bill in bills if bill["TotalAmt"] > 0], 2):
            near = (
                abs(first["TotalAmt"] - second["TotalAmt"]) * 100 <= CENT and abs((on(first) - on(second)).days) <= 10
            )
            numbers = norm(first.get("DocNumber", "")), norm(second.get("DocNumber", ""))
            differ = numbers[0] != numbers[1] or not numbers[0]
            newer = later(first, second)
            if near and differ and newer["Balance"] > 0 and not recurring(bills, first, second):
                yield newer


def paid_outside(books: Ledgers) -> Iterator[Row]:
    for bill in books.open_bills:
        for spent in books["Purchase"]:
            gap = (on(spent) - on(bill)).days
            same = whose(spent, "EntityRef") == whose(bill, "VendorRef") and spent["TotalAmt"] == bill["TotalAmt"]
            if same and -7 <= gap <= 45 and not spent.get("LinkedTxn"):
                yield bill


def in_closed_period(books: Ledgers) -> Iterator[Row]:
    (prefs,) = books["Preferences"]
    closed = date.fromisoformat(prefs["AccountingInfoPrefs"]["BookCloseDate"])
    yield from (bill for bill in books.open_bills if on(bill) <= closed)


def no_total(books: Ledgers) -> Iterator[Row]:
    yield from (bill for bill in books["Bill"] if bill["TotalAmt"] <= 0)


def uncategorized(books: Ledgers) -> Iterator[Row]:
    for bill in books.open_bills:
        used = [whose(line.get("AccountBasedExpenseLineDetail", {}), "AccountRef") for line in bill["Line"]]
        if any(word in books.accounts[account]["Name"].lower() for account in used if account for word in UNDECIDED):
            yield bill


def credit_unused(books: Ledgers) -> Iterator[Row]:
    credits = {
        (whose(credit, "VendorRef"), whose(credit, "CurrencyRef"))
        for credit in books["VendorCredit"]
        if credit["Balance"] > 0
    }
    yield from (bill for bill in books.open_bills if (whose(bill, "VendorRef"), whose(bill, "CurrencyRef")) in credits)


def no_email(books: Ledgers) -> Iterator[Row]:
    reachable = {
        customer["Id"] for customer in books["Customer"] if customer.get("PrimaryEmailAddr", {}).get("Address")
    }
    for invoice in books.open_invoices:
        if not invoice.get("BillEmail", {}).get("Address") and whose(invoice, "CustomerRef") not in reachable:
            yield invoice


def never_sent(books: Ledgers) -> Iterator[Row]:
    until = books.as_of - timedelta(days=3)
    yield from (one for one in books.open_invoices if one["EmailStatus"] != "EmailSent" and on(one) < until)


def invoice_without_due_date(books: Ledgers) -> Iterator[Row]:
    yield from (invoice for invoice in books.open_invoices if "DueDate" not in invoice)


def debtors(books: Ledgers) -> set[str]:
    return {whose(invoice, "CustomerRef") for invoice in books.open_invoices}


def payment_unapplied(books: Ledgers) -> Iterator[Row]:
    owing = debtors(books)
    yield from (one for one in books["Payment"] if one["UnappliedAmt"] > 0 and whose(one, "CustomerRef") in owing)


def credit_unapplied(books: Ledgers) -> Iterator[Row]:
    owing = debtors(books)
    yield from (one for one in books["CreditMemo"] if one["Balance"] > 0 and whose(one, "CustomerRef") in owing)


def negative_balance(books: Ledgers) -> Iterator[Row]:
    yield from (customer for customer in books["Customer"] if customer["Balance"] < 0)


def undeposited(books: Ledgers) -> Iterator[Row]:
    funds = {account["Id"] for account in books["Account"] if account["AccountSubType"] == "UndepositedFunds"}
    for receipt in [*books["Payment"], *books["SalesReceipt"]]:
        waits = whose(receipt, "DepositToAccountRef") in funds and receipt["TotalAmt"] > 0
        taken = any(link["TxnType"] == "Deposit" for link in receipt.get("LinkedTxn", []))
        if waits and not taken and on(receipt) < books.as_of - timedelta(days=7):
            yield receipt


def straight_to_control_account(books: Ledgers) -> Iterator[Row]:
    control = {
        account["Id"]
        for account in books["Account"]
        if account["AccountType"] in ("Accounts Payable", "Accounts Receivable")
    }
    for entry in books["JournalEntry"]:
        if any(whose(line["JournalEntryLineDetail"], "AccountRef") in control for line in entry["Line"]):
            yield entry


CHECKS: dict[str, tuple[str, Callable[[Ledgers], Iterator[Row]]]] = {
    "B01": ("Bill", missing_due_date),
    "B02": ("Bill", due_before_dated),
    "B03": ("Bill", vendor_inactive),
    "B04": ("Bill", no_number),
    "B05": ("Bill", exact_duplicate),
    "B06": ("Bill", probable_duplicate),
    "B09": ("Bill", paid_outside),
    "B10": ("Bill", in_closed_period),
    "B13": ("Bill", no_total),
    "B15": ("Bill", uncategorized),
    "B22": ("Bill", credit_unused),
    "A01": ("Invoice", no_email),
    "A02": ("Invoice", never_sent),
    "A03": ("Invoice", invoice_without_due_date),
    "A05": ("Payment", payment_unapplied),
    "A06": ("CreditMemo", credit_unapplied),
    "A07": ("Customer", negative_balance),
    "C01": ("Payment", undeposited),
    "X15": ("JournalEntry", straight_to_control_account),
}


def findings(client: Client, as_of: date) -> set[tuple[str, str, str]]:
    books = Ledgers(client, as_of)
    return {(rule, entity, row["Id"]) for rule, (entity, check) in CHECKS.items() for row in check(books)}


def named(client: Client) -> set[tuple[str, str, str]]:
    return {(planted.rule, planted.entity, planted.id) for planted in client.planted}


@pytest.mark.parametrize("place", range(12))
def test_what_is_wrong_in_a_clients_books_is_exactly_what_was_planted(firm: Firm, as_of: date, place: int) -> None:
    client = firm.clients[place]
    found, planted = findings(client, as_of), named(client)
    assert found - planted == set(), f"{client.name}: the engine left flaws nobody planted; mend the engine"
    assert planted - found == set(), f"{client.name}: planted but not true of the rows; mend the planter"


def test_every_check_has_at_least_two_instances_across_the_firm(firm: Firm) -> None:
    counts = Counter(planted.rule for client in firm.clients for planted in client.planted)
    rare = {rule: counts[rule] for rule in CHECKS if counts[rule] < 2}
    assert not rare, f"plant more of {rare} in the profiles' flaws"
    assert set(counts) == set(CHECKS), "every planted rule is checked again here, and the other way round"


def test_the_tidy_client_has_none_and_the_messy_one_many(firm: Firm, as_of: date) -> None:
    by_character = {client.character: client for client in firm.clients}
    assert by_character["tidy"].planted == []
    books = Ledgers(by_character["messy"], as_of)
    documents = {row["Id"] for row in [*books.open_bills, *books.open_invoices]}
    share = len(documents & {planted.id for planted in by_character["messy"].planted}) / len(documents)
    assert 0.10 <= share <= 0.22, f"a messy client has some 15 % of its open documents flawed, not {share:.0%}"


def test_an_exact_duplicate_repeats_a_bill_paid_in_another_fiscal_year_written_differently(firm: Firm) -> None:
    stories = 0
    for client in firm.clients:
        rows = {bill["Id"]: bill for bill in client.books.rows("Bill")}
        for planted in client.planted:
            if planted.rule != "B05":
                continue
            copy = rows[planted.id]
            twins = [
                bill
                for bill in rows.values()
                if whose(bill, "VendorRef") == whose(copy, "VendorRef")
                and bill["Id"] != copy["Id"]
                and norm(bill.get("DocNumber", "")) == norm(copy["DocNumber"])
            ]
            assert [twin["DocNumber"] for twin in twins] != [copy["DocNumber"]], "written differently"
            stories += any(twin["Balance"] == 0 and on(twin).year < on(copy).year for twin in twins)
    assert stories >= 2, "at least two repeat a bill already paid in an earlier fiscal year"


def test_rent_of_the_same_amount_every_month_is_a_decoy_not_a_finding(firm: Firm, as_of: date) -> None:
    for client in firm.clients:
        assert [decoy.rule for decoy in client.decoys] == ["B06"]
        assert all((decoy.rule, decoy.entity, decoy.id) not in findings(client, as_of) for decoy in client.decoys)
        (decoy,) = client.decoys
        rent = client.books.get("Bill", decoy.id)
        same = [
            bill
            for bill in client.books.rows("Bill")
            if whose(bill, "VendorRef") == whose(rent, "VendorRef") and bill["TotalAmt"] == rent["TotalAmt"]
        ]
        assert len(same) >= 12, f"{client.name}: the landlord bills the same amount every month"


def test_dollars_at_stake_are_those_of_the_document(firm: Firm) -> None:
    field = {
        "Bill": "Balance",
        "Invoice": "Balance",
        "Payment": "TotalAmt",
        "CreditMemo": "Balance",
        "Customer": "Balance",
    }
    for client in firm.clients:
        for planted in client.planted:
            row = client.books.get(planted.entity, planted.id)
            if planted.entity == "JournalEntry":
                assert row["Line"][0]["Amount"] == planted.dollars, planted.note
            elif planted.rule == "B22":
                assert 0 < planted.dollars < row["Balance"], planted.note
            else:
                assert abs(row[field[planted.entity]]) == planted.dollars, planted.note


@pytest.mark.parametrize(
    ("seed", "day"),
    [
        (1, date(2027, 1, 4)),
        (23, date(2026, 2, 28)),
    ],
)
def test_it_holds_for_other_seeds_and_days(seed: int, day: date) -> None:
    for client in build(seed=seed, clients=5, as_of=day).clients:
        assert findings(client, day) == named(client), f"{client.name} on {day} with seed {seed}"
