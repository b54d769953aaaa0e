"""Balances and agings on paper."""

from rich.console import Console
from rich.text import Text

from interlock.app.cli.paper import Sheet, day, moment, out
from interlock.app.cli.showing.clearing import cash
from interlock.app.cli.showing.parts import freshness, money, outside, ties
from interlock.runway.services.experiences.aging import AgingExperience, AgingLine
from interlock.runway.services.experiences.balances import BalancesView
from interlock.runway.services.views import Amount


def balances(view: BalancesView) -> None:
    paper = out()
    if view.cash is not None:
        cash(paper, view.cash, view.book_cash.amount.currency)
    balances_table(paper, view, view.book_cash.amount.currency)
    read = (
        "QuickBooks was never read; interlock sync reads it."
        if view.last_sync is None
        else f"As of {moment(view.last_sync)}."
    )
    ties(paper, view.tied)
    paper.print(f"\n{read}")


def balances_table(paper: Console, view: BalancesView, home: str) -> None:
    """Accounts by what they are, each group with its sum; other currencies apart."""
    sheet = Sheet("Account", f">Book balance, {home}")
    for label, lines, total in (
        ("Bank", view.bank, view.book_cash),
        ("Undeposited Funds", view.undeposited, view.undeposited_funds),
        ("Owed on credit cards", view.credit_cards, view.card_debt),
    ):
        for line in lines:
            sheet.add(f"  {line.name}", money(line.balance, home))
        sheet.total(label, money(total.amount, home))
    for line in view.foreign:
        sheet.add(f"  {line.name}", money(line.balance, home))
    paper.print(sheet)
    outside(paper, bank=view.book_cash, undeposited_funds=view.undeposited_funds, card_debt=view.card_debt)
    paper.print(view.basis)


def aging(view: AgingExperience) -> None:
    paper = out()
    home = view.business.home_currency
    side = "Payables" if view.side == "payables" else "Receivables"
    paper.print(Text(f"{side} of {view.business.name} by how late they are, {day(view.as_of)}, {home}", style="bold"))
    columns = _shown_columns(view)
    sheet = Sheet("Vendor" if view.side == "payables" else "Customer", *(f">{head}" for head, _ in columns))
    for row in view.rows:
        sheet.add(row.party_name, *(money(_cell(row, at), home) for _, at in columns))
    sheet.total("Total", *(money(_cell(view.total, at), home) for _, at in columns))
    paper.print(sheet)
    paper.print(f"\n{view.basis}\n{view.tie_out.words}")
    ties(paper, view.tied)
    freshness(paper, view.sync_status)


def _shown_columns(view: AgingExperience) -> list[tuple[str, str]]:
    """Head and name of each column; a cause of its own that nobody has is left out."""
    causes = [
        ("Credits", "credits"),
        ("Unapplied", "unapplied"),
        ("Journal", "journal"),
        ("Other currencies", "foreign"),
    ]
    shown = [(head, name) for head, name in causes if any(_cell(row, name).money for row in view.rows)]
    return [*((head, str(at)) for at, head in enumerate(view.columns)), *shown, ("Total", "total")]


def _cell(row: AgingLine, name: str) -> Amount:
    cells = {
        "credits": row.credits,
        "unapplied": row.unapplied,
        "journal": row.journal,
        "foreign": row.foreign,
        "total": row.total,
    }
    return row.buckets[int(name)] if name.isdigit() else cells[name]
