"""Reading QuickBooks' reports, pure (qbo.md §10): rows nest, every figure is a text, an empty one is not zero.

Titles are localised, so ids and positions decide. A report that was cut short says so in a row of its own, under HTTP 200.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation

from interlock.domains.qbo import wire
from interlock.domains.qbo.mapper.parts import RAIL
from interlock.kernel.money import to_minor
from interlock.rails.errors import ContractBroken

# What stands where a report was cut (qbo.md §7); it is never translated.
_CUT = "Unable to display more data"


def grand_total(report: wire.Report, currency: str) -> int:
    """The last figure of the report's last summary; zero for an aging without rows, which says so by having none."""
    _whole(report)
    totals = [row.Summary.ColData for row in report.Rows.Row if row.Summary is not None and row.Summary.ColData]
    return _minor(totals[-1][-1].value, report, currency) if totals else 0


def by_id(report: wire.Report, currency: str) -> dict[str, int] | None:
    """The last figure of every row that names an id; ``None`` where rows with figures name none at all.

    A section's head may carry its own figure beside those of its rows (a customer with jobs, an account with sub-accounts).
    """
    _whole(report)
    found: dict[str, int] = {}
    figures = 0
    for cells in _rows(report.Rows):
        if not cells[-1].value:
            continue
        figures += 1
        if cells[0].id:
            found[cells[0].id] = found.get(cells[0].id, 0) + _minor(cells[-1].value, report, currency)
    if figures and not found:
        return None
    return {id_: minor for id_, minor in found.items() if minor}


def covers(report: wire.Report, day: date) -> bool:
    """Whether the report is of the day that was asked for: QuickBooks ignores dates it can't make sense of (qbo.md §12)."""
    return report.Header.EndPeriod is None or report.Header.EndPeriod == day


def _rows(rows: wire.ReportRows | None) -> Iterator[list[wire.ColData]]:
    """The cells of every data row and of every section's head, at any depth; summaries repeat what is below them."""
    for row in rows.Row if rows is not None else ():
        if row.Header is not None and row.Header.ColData:
            yield row.Header.ColData
        if row.ColData:
            yield row.ColData
        yield from _rows(row.Rows)


def _whole(report: wire.Report) -> None:
    if any(_CUT in cell.value for cells in _rows(report.Rows) for cell in cells):
        raise ContractBroken(
            RAIL,
            f"QuickBooks cut its report {report.Header.ReportName} short ({_CUT!r}), so nothing can be held against it.",
            "Rows",
        )


def _minor(value: str, report: wire.Report, currency: str) -> int:
    try:
        return to_minor(Decimal(value), currency) if value else 0
    except InvalidOperation:
        raise ContractBroken(
            RAIL, f"QuickBooks' {report.Header.ReportName} holds {value!r}, not an amount.", "ColData"
        ) from None
