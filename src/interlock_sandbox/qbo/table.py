"""The shape of a report: header, columns, and rows of strings (qbo.md §10, Reports)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from interlock_sandbox.books import BooksFault
from interlock_sandbox.books.amounts import money
from interlock_sandbox.books.document import PACIFIC
from interlock_sandbox.books.wire import pacific

Row = dict[str, Any]


def amount(cents: int, *, blank_zero: bool = True) -> str:
    """Cents as a report cell; an empty cell is an empty string."""
    return "" if blank_zero and cents == 0 else str(money(cents))


def data_row(name: str, ref_id: str | None, cells: list[str]) -> Row:
    return {"ColData": [_first(name, ref_id), *({"value": cell} for cell in cells)], "type": "Data"}


def section(
    title: str,
    rows: list[Row],
    totals: list[str],
    *,
    group: str | None = None,
    own: list[str] | None = None,
    ref_id: str | None = None,
    summary: str | None = None,
) -> Row:
    """A section with header, rows and summary; ``own`` are the header's direct amounts."""
    header = own if own is not None else [""] * len(totals)
    made: Row = {
        "Header": {"ColData": [_first(title, ref_id), *({"value": cell} for cell in header)]},
        "Rows": {"Row": rows},
        "Summary": total_line(summary or f"Total {title}", totals),
        "type": "Section",
    }
    if not rows:
        del made["Rows"]
    if group is not None:
        made["group"] = group
    return made


def summary_row(title: str, totals: list[str], group: str) -> Row:
    """A section that is only a summary: grand totals, gross profit, net income."""
    return {"Summary": total_line(title, totals), "type": "Section", "group": group}


def total_line(title: str, totals: list[str]) -> Row:
    return {"ColData": [{"value": title}, *({"value": cell} for cell in totals)]}


def column(title: str, kind: str, key: str) -> Row:
    return {"ColTitle": title, "ColType": kind, "MetaData": [{"Name": "ColKey", "Value": key}]}


def table(
    name: str,
    now: datetime,
    period: tuple[str, str],
    currency: str,
    columns: list[Row],
    rows: list[Row],
    options: dict[str, str],
    *,
    basis: str | None = None,
) -> Row:
    """A whole report: no envelope around it."""
    header: Row = {"Time": pacific(now.replace(microsecond=0)), "ReportName": name}
    if basis is not None:
        header["ReportBasis"] = basis
    header |= {
        "StartPeriod": period[0],
        "EndPeriod": period[1],
        "SummarizeColumnsBy": "Total",
        "Currency": currency,
        "Option": [
            *({"Name": key, "Value": value} for key, value in options.items()),
            {"Name": "NoReportData", "Value": "false" if rows else "true"},
        ],
    }
    return {"Header": header, "Columns": {"Column": columns}, "Rows": {"Row": rows} if rows else {}}


def report_day(text: str | None, now: datetime) -> date:
    """A date parameter; without one, today in the company's zone."""
    if not text:
        return now.astimezone(PACIFIC).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BooksFault("2090", "Invalid Date", f"Invalid Date : {text}", element="date") from None


def whole_number(text: str | None, standard: int, element: str) -> int:
    if not text:
        return standard
    if not text.isdigit() or not 0 < int(text) <= 365:
        raise BooksFault("2080", "Invalid Number", f"Invalid Number : {text}", element=element)
    return int(text)


def _first(name: str, ref_id: str | None) -> Row:
    return {"value": name} if ref_id is None else {"value": name, "id": ref_id}
