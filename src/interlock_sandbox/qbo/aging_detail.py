"""AgedPayableDetail and AgedReceivableDetail: every open item of a day under its age, latest ages first (qbo.md §10).

Columns and keys as recorded for payables; the amount columns of receivables go without the ``neg`` in their keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from interlock_sandbox.books import Books
from interlock_sandbox.books.amounts import money
from interlock_sandbox.books.openitems import OpenItem, Side
from interlock_sandbox.books.record import Record
from interlock_sandbox.qbo.aging import OWED_FROM_DUE_DATE, bucket, open_on
from interlock_sandbox.qbo.table import Row, column, report_day, table, total_line, whole_number

_WORDS = {
    "VendorCredit": "Vendor Credit", "JournalEntry": "Journal Entry", "CreditMemo": "Credit Memo",
    "Purchase": "Expense",
}  # fmt: skip

Column = tuple[str, str, str]


def aged_detail(books: Books, side: Side, params: Mapping[str, str], now: datetime) -> Row:
    """Parameters report_date, aging_method, aging_period, num_periods, vendor or customer, start_duedate, end_duedate,
    columns (keys, in their order)."""
    day = report_day(params.get("report_date"), now)
    aged_on = report_day(None, now) if params.get("aging_method") == "Current" else day
    period = whole_number(params.get("aging_period"), 30, "aging_period")
    periods = whole_number(params.get("num_periods"), 4, "num_periods")
    columns = _columns(side, params.get("columns", ""))
    items = [
        (item, cents) for item, cents in open_on(books, side, day.isoformat()).items() if _wanted(item, side, params)
    ]
    rows: list[Row] = []
    for number in range(periods, -1, -1):
        within = [each for each in items if bucket(each[0], aged_on, period, periods) == number]
        if within:
            within.sort(key=lambda each: (each[0].date, int(each[0].txn_id)))
            title = _title(number, period, periods)
            lines = [_line(books, columns, item, cents, aged_on) for item, cents in within]
            rows.append(_section(title, columns, lines, within))
    if rows:
        rows.append({"Summary": _totals("TOTAL", columns, items), "type": "Section"})
    name = "AgedPayableDetail" if side == "AP" else "AgedReceivableDetail"
    shown = [column(title, kind, key) for title, kind, key in columns]
    period_shown = (day.isoformat(), day.isoformat())
    return table(name, now, period_shown, books.home_currency, shown, rows, {"report_date": day.isoformat()})


def _columns(side: Side, wanted: str) -> list[Column]:
    party = ("Vendor", "String", "vend_name") if side == "AP" else ("Customer", "String", "cust_name")
    sign = "neg_" if side == "AP" else ""
    every: list[Column] = [
        ("Date", "Date", "tx_date"), ("Transaction Type", "String", "txn_type"), ("Num", "String", "doc_num"), party,
        ("Due Date", "Date", "due_date"), ("Past Due", "String", "past_due"), ("Amount", "Money", f"subt_{sign}amount"),
        ("Open Balance", "Money", f"subt_{sign}open_bal"),
    ]  # fmt: skip
    keys = [key.strip() for key in wanted.split(",") if key.strip()]
    if keys:
        known = {each[2]: each for each in every}
        return [known[key] for key in keys if key in known] or every
    return every if side == "AP" else [each for each in every if each[2] != "past_due"]


def _wanted(item: OpenItem, side: Side, params: Mapping[str, str]) -> bool:
    only = {part for part in params.get("vendor" if side == "AP" else "customer", "").split(",") if part}
    first, last = params.get("start_duedate", ""), params.get("end_duedate", "")
    return (not only or item.party in only) and (not first or item.due >= first) and (not last or item.due <= last)


def _title(number: int, period: int, periods: int) -> str:
    if number == 0:
        return "Current"
    if number == periods:
        return f"{(periods - 1) * period + 1} or more days past due"
    return f"{(number - 1) * period + 1} - {number * period} days past due"


def _line(books: Books, columns: list[Column], item: OpenItem, cents: int, day: date) -> Row:
    record = books.find(item.entity, item.txn_id)
    party = books.find("Vendor" if item.side == "AP" else "Customer", item.party)
    due = item.due if item.entity in OWED_FROM_DUE_DATE else item.date
    cells: dict[str, Row] = {
        "tx_date": {"value": item.date},
        "txn_type": {"value": _word(item, record), "id": item.txn_id},
        "doc_num": {"value": str(record.body.get("DocNumber", "")) if record is not None else ""},
        "vend_name": {"value": _name(party), "id": item.party},
        "cust_name": {"value": _name(party), "id": item.party},
        "due_date": {"value": due},
        "past_due": {"value": str((day - date.fromisoformat(due)).days)},
    }
    for key in ("subt_amount", "subt_neg_amount"):
        cells[key] = {"value": _cell(item.home)}
    for key in ("subt_open_bal", "subt_neg_open_bal"):
        cells[key] = {"value": _cell(cents)}
    return {"ColData": [cells[key] for _, _, key in columns], "type": "Data"}


def _word(item: OpenItem, record: Record | None) -> str:
    """A transaction's type as the report says it."""
    if item.entity == "BillPayment" and record is not None:
        return "Bill Payment (Check)" if record.body["PayType"] == "Check" else "Bill Payment (Credit Card)"
    return _WORDS.get(item.entity, item.entity)


def _name(party: Record | None) -> str:
    return str(party.body.get("FullyQualifiedName") or party.body["DisplayName"]) if party is not None else ""


def _section(title: str, columns: list[Column], lines: list[Row], within: list[tuple[OpenItem, int]]) -> Row:
    blank = [{"value": ""} for _ in columns[1:]]
    return {
        "Header": {"ColData": [{"value": title}, *blank]},
        "Rows": {"Row": lines},
        "Summary": _totals(f"Total for {title}", columns, within),
        "type": "Section",
    }


def _totals(title: str, columns: list[Column], items: list[tuple[OpenItem, int]]) -> Row:
    whole, left = sum(item.home for item, _ in items), sum(cents for _, cents in items)
    amounts = {"amount": _cell(whole), "open_bal": _cell(left)}
    cells = [
        next((value for end, value in amounts.items() if key.startswith("subt_") and key.endswith(end)), "")
        for _, _, key in columns[1:]
    ]
    return total_line(title, cells)


def _cell(cents: int) -> str:
    """Detail reports write nothing before the point of a zero, as recorded."""
    return str(money(cents)) if cents else ".00"
