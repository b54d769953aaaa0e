"""The portfolio on paper: a line for each client, what needs a person first."""

from interlock.app.cli.paper import Sheet, count, listed, moment, out, plural
from interlock.app.cli.showing.parts import ask, money, outside
from interlock.runway.services.experiences.portfolio import ClientRow, PortfolioExperience, PortfolioTotals
from interlock.runway.services.experiences.rail_links import LEDGER


def show(view: PortfolioExperience) -> None:
    paper = out()
    ask(paper, view.ask, view.say)
    for totals in view.totals:
        home = totals.currency
        sheet = Sheet(
            "Client",
            f">Book cash, {home}",
            ">Overdue A/P",
            ">To decide",
            ">Overdue A/R",
            ">Findings",
            "State",
            "Read",
        )
        for row in view.clients:
            if row.business.home_currency == home:
                sheet.add(*_line(row, home))
        sheet.total(*_foot(totals, home))
        paper.print(sheet, "")
        outside(
            paper,
            book_cash=totals.book_cash,
            overdue_payables=totals.overdue_payables,
            to_decide=totals.decisions,
            overdue_receivables=totals.overdue_receivables,
        )
    for row in view.clients:
        if row.tied.tied is False:
            paper.print(f"{row.business.name}: {row.tied.words}.")
    for row in view.clients:
        worn = [
            f"{each.name} {each.short}" for each in row.rails if each.rail != LEDGER and each.tone in ("stop", "warn")
        ]
        if worn:
            paper.print(f"{row.business.name}: {listed(worn)}.")
    unproved = [row.business.name for row in view.clients if row.tied.tied is None]
    if unproved:
        paper.print(f"Not yet proved against QuickBooks' own totals: {', '.join(unproved)}.")
    paper.print(f"As of {moment(view.as_of)}. Cash is what the books show, not the bank.")


def _line(row: ClientRow, home: str) -> list[str]:
    return [
        row.business.name,
        money(row.book_cash.amount, home),
        money(row.overdue_payables.amount, home),
        money(row.decisions.amount, home),
        money(row.overdue_receivables.amount, home),
        count(row.findings.count),
        f"{row.status.words}. {row.alarm}" if row.alarm else row.status.words,
        f"{row.sync_status.words}, stale" if row.sync_status.stale else row.sync_status.words,
    ]


def _foot(totals: PortfolioTotals, home: str) -> list[str]:
    return [
        plural(totals.clients, "client"),
        money(totals.book_cash.amount, home),
        money(totals.overdue_payables.amount, home),
        money(totals.decisions.amount, home),
        money(totals.overdue_receivables.amount, home),
        count(totals.findings_count),
        "",
        "",
    ]
