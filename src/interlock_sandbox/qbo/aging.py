"""AgedPayables and AgedReceivables: the open items of a day by how late they are. They sum to the ledger's A/P and A/R."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal

from interlock_sandbox.books import Books
from interlock_sandbox.books.openitems import OpenItem, Side
from interlock_sandbox.books.record import Record
from interlock_sandbox.qbo.table import (
    Row,
    amount,
    column,
    data_row,
    report_day,
    section,
    summary_row,
    table,
    whole_number,
)

OWED_FROM_DUE_DATE = frozenset({"Bill", "Invoice"})
Buckets = list[int]
Entity = Literal["Vendor", "Customer"]


def open_on(books: Books, side: Side, day: str) -> dict[OpenItem, int]:
    """Home cents open on a day: items dated by then, less what was applied by then."""
    left = {item: item.home for item in books.open_items.items.values() if item.side == side and item.date <= day}
    for applications in books.open_items.paid_by.values():
        for application in applications:
            if application.target in left and application.date <= day:
                left[application.target] -= application.home
                left[application.payer] = left.get(application.payer, 0) + application.home
    return {item: cents for item, cents in left.items() if cents}


def aged(books: Books, side: Side, params: Mapping[str, str], now: datetime) -> Row:
    """The summary report; parameters report_date, aging_method, aging_period, num_periods, vendor or customer."""
    day = report_day(params.get("report_date"), now)
    aged_on = report_day(None, now) if params.get("aging_method") == "Current" else day
    period = whole_number(params.get("aging_period"), 30, "aging_period")
    periods = whole_number(params.get("num_periods"), 4, "num_periods")
    entity: Entity = "Vendor" if side == "AP" else "Customer"
    only = {part for part in params.get(entity.lower(), "").split(",") if part}
    parties: dict[str, Buckets] = {}
    for item, cents in open_on(books, side, day.isoformat()).items():
        if only and item.party not in only:
            continue
        buckets = parties.setdefault(item.party, [0] * (periods + 1))
        buckets[bucket(item, aged_on, period, periods)] += cents
    rows = _party_rows(books, entity, parties)
    totals = [sum(buckets[number] for buckets in parties.values()) for number in range(periods + 1)]
    if rows:
        rows.append(summary_row("TOTAL", _cells(totals, blank_zero=False), "GrandTotal"))
    name = "AgedPayables" if side == "AP" else "AgedReceivables"
    options = {"report_date": day.isoformat()}
    columns = [column("", entity, entity.lower()), *_columns(period, periods)]
    return table(name, now, (day.isoformat(), day.isoformat()), books.home_currency, columns, rows, options)


def bucket(item: OpenItem, day: date, period: int, periods: int) -> int:
    """0 is current; credits and journal lines age from their own date, bills and invoices from the due date."""
    late = (day - date.fromisoformat(item.due if item.entity in OWED_FROM_DUE_DATE else item.date)).days
    if late <= 0:
        return 0
    return min((late - 1) // period + 1, periods)


def _columns(period: int, periods: int) -> list[Row]:
    made = [column("Current", "Money", "current")]
    for number in range(periods - 1):
        made.append(column(f"{number * period + 1} - {(number + 1) * period}", "Money", str(number)))
    made.append(column(f"{(periods - 1) * period + 1} and over", "Money", str(periods - 1)))
    made.append(column("Total", "Money", "total"))
    return made


def _cells(buckets: Buckets, *, blank_zero: bool = True) -> list[str]:
    return [amount(cents, blank_zero=blank_zero) for cents in buckets] + [amount(sum(buckets), blank_zero=False)]


def _party_rows(books: Books, entity: Entity, parties: dict[str, Buckets]) -> list[Row]:
    """One row per party by name; customers with jobs become a section with their jobs below."""
    shelf = books.records(entity)
    top = {_root(books, entity, party) for party in parties}
    return [
        row
        for record in sorted((shelf[party] for party in top), key=_name)
        if (row := _party_row(books, record, parties)) is not None
    ]


def _party_row(books: Books, record: Record, parties: dict[str, Buckets]) -> Row | None:
    below = [member for member in books.family(record) if member in parties and member != record.id]
    own = parties.get(record.id)
    if not below:
        if own is None or not any(own):
            return None
        return data_row(_name(record), record.id, _cells(own))
    jobs = [
        row
        for job in sorted((books.records(record.entity)[member] for member in books.children(record)), key=_name)
        if (row := _party_row(books, job, parties)) is not None
    ]
    total = [
        sum(column)
        for column in zip(*(parties[member] for member in books.family(record) if member in parties), strict=True)
    ]
    header = _cells(own) if own is not None else [""] * (len(total) + 1)
    return section(_name(record), jobs, _cells(total), own=header, ref_id=record.id)


def _root(books: Books, entity: Entity, party: str) -> str:
    record = books.records(entity)[party]
    while "ParentRef" in record.body:
        record = books.records(entity)[record.body["ParentRef"]["value"]]
    return record.id


def _name(record: Record) -> str:
    return str(record.body["DisplayName"])
