"""What all transactions share: dates, lines, links, and the way from amounts to postings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from interlock_sandbox.books.amounts import at_rate, cents, money
from interlock_sandbox.books.fault import BooksFault, bad_reference, business, invalid_number, missing, too_long
from interlock_sandbox.books.ledger import Posting
from interlock_sandbox.books.openitems import OpenItem
from interlock_sandbox.books.record import Body, Record

if TYPE_CHECKING:
    from interlock_sandbox.books.register import Register

PACIFIC = ZoneInfo("America/Los_Angeles")
ONE = Decimal(1)
LONGEST_NUMBER = 21
CURRENCY_NAMES = {
    "USD": "United States Dollar", "CAD": "Canadian Dollar", "EUR": "Euro", "GBP": "British Pound Sterling",
    "AUD": "Australian Dollar", "JPY": "Japanese Yen", "MXN": "Mexican Peso", "CHF": "Swiss Franc",
}  # fmt: skip


class Settles(NamedTuple):
    """``cents`` of a payment used on another document, named by id and QuickBooks' TxnType."""

    txn_id: str
    txn_type: str
    cents: int


class Document:
    """One kind of transaction. Subclasses say what they post, settle and link."""

    entity = ""
    link_type = ""
    party_field: str | None = None
    numbered = False

    def __init__(self, books: Register) -> None:
        self.books = books

    def prepare(self, body: Body) -> None:
        """Fill in what QuickBooks fills in, and check what it checks."""

    def postings(self, body: Body) -> list[Posting]:
        """Debits and credits in the document's own currency."""
        del body
        return []

    def home_postings(self, body: Body) -> list[Posting]:
        """The same in home currency; rounding goes to the last line so that the entry balances."""
        lines = self.postings(body)
        rate = exchange_rate(body)
        if rate == ONE:
            return lines
        home = [line._replace(cents=at_rate(line.cents, rate)) for line in lines]
        if home and sum(line.cents for line in lines) == 0:
            rest = sum(line.cents for line in home)
            home[-1] = home[-1]._replace(cents=home[-1].cents - rest)
        return home

    def settles(self, body: Body) -> list[Settles]:
        """What this document pays or uses up (payments only)."""
        del body
        return []

    def links(self, body: Body) -> list[tuple[str, str]]:
        """Documents this one refers to without money: (id, TxnType)."""
        del body
        return []

    def derived(self, record: Record, wire: Body) -> None:
        """Add what the books know about the record to its wire form."""

    def void(self, body: Body) -> Body:
        """The body a voided document keeps."""
        return voided(body)


def open_items(books: Register, record: Record, body: Body, own: list[Posting], home: list[Posting]) -> list[OpenItem]:
    """The receivable and payable parts of a document, one per side and party."""
    found: dict[tuple[str, str], OpenItem] = {}
    for line, home_line in zip(own, home, strict=False):
        side = books.side_of(line.account)
        if side is None:
            continue
        if line.party is None:
            who = "a customer" if side == "AR" else "a vendor"
            raise business(f"When you use an {side[0]}/{side[1]} account, you must choose {who} in the Name field.")
        sign = 1 if side == "AR" else -1
        item = found.get((side, line.party))
        if item is None:
            dated = str(body["TxnDate"])
            due = str(body.get("DueDate", dated))
            item = OpenItem(record.id, record.entity, side, line.party, dated, due, 0, 0)
            found[(side, line.party)] = item
        item.amount += sign * line.cents
        item.home += sign * home_line.cents
    return list(found.values())


def exchange_rate(body: Body) -> Decimal:
    rate: Decimal = body.get("ExchangeRate", ONE)
    return rate


def common(books: Register, body: Body, at: datetime) -> None:
    """TxnDate (the server's Pacific date when none is sent) and currency."""
    if "TxnDate" in body:
        check_date(body["TxnDate"], "TxnDate")
    else:
        body["TxnDate"] = at.astimezone(PACIFIC).date().isoformat()
    if "DueDate" in body:
        check_date(body["DueDate"], "DueDate")
    if len(body.get("DocNumber", "")) > LONGEST_NUMBER:
        raise too_long("DocNumber", LONGEST_NUMBER)
    code = str(body.get("CurrencyRef", {}).get("value") or _party_currency(books, body)).upper()
    body["CurrencyRef"] = currency(code)
    if code == books.home_currency:
        body.pop("ExchangeRate", None)
    elif not body.setdefault("ExchangeRate", ONE):
        body["ExchangeRate"] = ONE
    if body.get("ExchangeRate", ONE) < 0:
        raise invalid_number("ExchangeRate", body["ExchangeRate"])


def _party_currency(books: Register, body: Body) -> str:
    """A document without a currency is in its vendor's or customer's."""
    for field, entity in (("VendorRef", "Vendor"), ("CustomerRef", "Customer")):
        record = books.find(entity, body.get(field, {}).get("value", ""))
        if record is not None:
            return str(record.body["CurrencyRef"]["value"])
    return books.home_currency


def currency(code: str) -> Body:
    """A currency reference by ISO code; anything else is fault 2500."""
    if not re.fullmatch("[A-Z]{3}", code):
        raise bad_reference("Currencies", code, "CurrencyRef")
    return {"value": code, "name": CURRENCY_NAMES.get(code, code)}


def check_date(text: Any, element: str) -> date:
    """A bare calendar date; else fault 2000-family 'Invalid Date'."""
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise BooksFault("2090", "Invalid Date", f"Invalid Date : {text}", element=element) from None


def due_date(books: Register, body: Body) -> str:
    """TxnDate plus the term (STANDARD: days; DATE_DRIVEN: a day of the month)."""
    dated = date.fromisoformat(body["TxnDate"])
    term = books.find("Term", body.get("SalesTermRef", {}).get("value", ""))
    if term is None:
        return str(dated.isoformat())
    if term.body.get("Type") == "DATE_DRIVEN":
        day = int(term.body.get("DayOfMonthDue", 1))
        grace = int(term.body.get("DueNextMonthDays", 0))
        due = _on_day(dated, day)
        if due < dated or (due - dated).days < grace:
            due = _on_day((dated.replace(day=1) + timedelta(days=32)).replace(day=1), day)
        return due.isoformat()
    return (dated + timedelta(days=int(term.body.get("DueDays", 0)))).isoformat()


def _on_day(month: date, day: int) -> date:
    first = month.replace(day=1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(day, last.day))


def detail_lines(body: Body, allowed: frozenset[str]) -> list[Body]:
    """Lines with a DetailType, numbered; the server's own sub-total is left out and made anew."""
    lines: list[Body] = body.get("Line", [])
    kept: list[Body] = []
    highest = max((int(line["Id"]) for line in lines if str(line.get("Id", "")).isdigit()), default=0)
    for line in lines:
        kind = line.get("DetailType")
        if kind is None:
            raise missing("Line.DetailType")
        if kind == "SubTotalLineDetail":
            continue
        if kind not in allowed:
            raise BooksFault("2170", "Invalid Enumeration", f"Invalid Enumeration : {kind}", element="Line.DetailType")
        if kind != "DescriptionOnly":
            _line_amount(line, line.get(kind, {}))
        if not str(line.get("Id", "")).isdigit():
            highest += 1
            line["Id"] = str(highest)
        line["LineNum"] = len(kept) + 1
        kept.append(line)
    if not kept:
        raise missing("Line")
    return kept


def _line_amount(line: Body, detail: Body) -> None:
    """Amount, or Qty times UnitPrice; both and different is fault 6070."""
    if not detail.get("UnitPrice") and not detail.get("Qty"):
        # Clients send zeros for what was never set.
        detail.pop("UnitPrice", None)
        detail.pop("Qty", None)
    computed: int | None = None
    if "UnitPrice" in detail and "Qty" in detail:
        computed = cents(detail["UnitPrice"] * detail["Qty"], "Amount")
    if "Amount" not in line:
        if computed is None and line.get("DetailType") == "GroupLineDetail":
            computed = sum(cents(inner.get("Amount", 0)) for inner in detail.get("Line", []))
        if computed is None:
            raise missing("Line.Amount")
        line["Amount"] = money(computed)
    elif computed is not None and abs(computed - cents(line["Amount"])) > 1:
        raise business(
            "Amount calculation incorrect in the request. Amount is not equal to UnitPrice * Qty. "
            f"Supplied value:{line['Amount']}",
            code="6070",
            message="Amount calculation incorrect in the request",
        )


def flat(lines: list[Body]) -> Iterator[Body]:
    """Lines with the members of bundles in place of the bundle."""
    for line in lines:
        if line.get("DetailType") == "GroupLineDetail":
            yield from line["GroupLineDetail"].get("Line", [])
        else:
            yield line


def linked(line: Body) -> list[tuple[str, str]]:
    """(id, TxnType) of every LinkedTxn of a line or body."""
    return [(str(link.get("TxnId", "")), str(link.get("TxnType", ""))) for link in line.get("LinkedTxn", [])]


def voided(body: Body) -> Body:
    """Amounts and quantities 0, no links, 'Voided' before the note (qbo.md §9)."""
    kept = {key: value for key, value in body.items() if key not in {"LinkedTxn", "Line"}}
    kept["Line"] = [_zeroed(line) for line in body.get("Line", [])]
    note = body.get("PrivateNote")
    kept["PrivateNote"] = f"Voided - {note}" if note else "Voided"
    for field in ("TotalAmt", "Amount", "Deposit"):
        if field in kept:
            kept[field] = 0
    if "TxnTaxDetail" in kept:
        kept["TxnTaxDetail"] = {"TotalTax": 0}
    return kept


def _zeroed(line: Body) -> Body:
    fresh = {key: value for key, value in line.items() if key != "LinkedTxn"}
    if "Amount" in fresh:
        fresh["Amount"] = 0
    kind = fresh.get("DetailType")
    if kind in fresh:
        detail = {key: value for key, value in fresh[kind].items() if key not in {"UnitPrice", "TaxAmount"}}
        if "Qty" in detail:
            detail["Qty"] = 0
        if "Line" in detail:
            detail["Line"] = [_zeroed(inner) for inner in detail["Line"]]
        fresh[kind] = detail
    return fresh
