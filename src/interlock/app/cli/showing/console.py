"""The console on paper: bills by the week they are due, blocked ones with the reason in the row; invoices to chase."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from interlock.app.cli.paper import Sheet, day, out, plural
from interlock.app.cli.showing.parts import ask, freshness, money, outside, ties
from interlock.runway.services.data_orchestrators.document_views import DecisionDocument
from interlock.runway.services.experiences.console import ConsoleExperience, DueWeek
from interlock.runway.services.views import Total


def show(view: ConsoleExperience) -> None:
    paper = out()
    ask(paper, view.ask, view.say)
    _payables(paper, view)
    _receivables(paper, view)
    ties(paper, view.tied)
    freshness(paper, view.sync_status)


def _payables(paper: Console, view: ConsoleExperience) -> None:
    home = view.business.home_currency
    if not view.weeks:
        paper.print("No bill is open.\n")
        return
    paper.print(Text("Payables, by the week they are due", style="bold"))
    sheet = Sheet("Vendor", "Bill", "Due", f">Ready, {home}", f">Blocked, {home}", "State")
    for week in view.weeks:
        sheet.add(week.label, "", "", "", "", plural(len(week.bills), "bill"), style="bold")
        for bill in week.bills:
            ready, blocked = (
                (money(bill.balance, home), "") if bill.blocked is None else ("", money(bill.balance, home))
            )
            sheet.add(f"  {bill.party_name or 'No vendor'}", _number(bill), day(bill.due), ready, blocked, _state(bill))
        if not week.foreign:
            sheet.total(
                "  " + _subtotal(week), "", "", money(week.ready.amount, home), money(week.blocked.amount, home), ""
            )
    sheet.total(
        "All bills in home currency", "", "", money(view.ready.amount, home), money(view.blocked.amount, home), ""
    )
    paper.print(sheet)
    outside(paper, ready=view.ready, blocked=view.blocked)
    paper.print("")


def _receivables(paper: Console, view: ConsoleExperience) -> None:
    home = view.business.home_currency
    chase = [*view.invoices_ready, *view.invoices_blocked]
    if not chase:
        paper.print("No invoice is overdue.")
    else:
        paper.print(Text("Receivables to chase", style="bold"))
        _invoices(paper, chase, view.to_chase, view.chase_blocked, home)
    paper.print(f"Not yet due: {plural(view.not_due.rows, 'invoice')}, {view.not_due.amount} {home}.")
    outside(paper, what_is_not_yet_due=view.not_due)


def _invoices(paper: Console, chase: Sequence[DecisionDocument], ready: Total, blocked: Total, home: str) -> None:
    sheet = Sheet("Customer", "Invoice", "Due", ">Days late", f">To chase, {home}", f">Blocked, {home}", "State")
    for invoice in chase:
        columns = (money(invoice.balance, home), "") if invoice.blocked is None else ("", money(invoice.balance, home))
        late = f"{invoice.days_late:,} "
        sheet.add(
            invoice.party_name or "No customer", _number(invoice), day(invoice.due), late, *columns, _state(invoice)
        )
    sheet.total("All in home currency", "", "", "", money(ready.amount, home), money(blocked.amount, home), "")
    paper.print(sheet)
    outside(paper, to_chase=ready, blocked=blocked)


def _subtotal(week: DueWeek) -> str:
    return week.label.partition(",")[0]


def _number(document: DecisionDocument) -> str:
    return document.number or f"id {document.id}"


def _state(document: DecisionDocument) -> str:
    if document.blocked is None:
        return "Ready"
    return document.blocked if document.held else f"Blocked: {document.blocked}"
