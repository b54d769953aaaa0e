"""The console on paper: bills by the pay run that pays them, blocked ones with the reason in the row; invoices to chase."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from interlock.app.cli.paper import Sheet, day, out, plural
from interlock.app.cli.showing.parts import ask, freshness, money, outside, ties
from interlock.runway.services.data_orchestrators.console_rows import ConsoleBill, IntentView
from interlock.runway.services.data_orchestrators.document_views import DecisionDocument
from interlock.runway.services.experiences.console import SHOWS, ConsoleExperience
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
    if not view.groups:
        paper.print("No bill is open.\n" if view.show == "open" else f"No bill: {SHOWS[view.show].lower()}.\n")
        return
    paper.print(Text("Payables, by the pay run that pays them", style="bold"))
    sheet = Sheet("Vendor", "Bill", "Id", "Due", f">Ready, {home}", f">Blocked, {home}", "State")
    for group in view.groups:
        note = plural(group.count, "bill") + (f", {group.note}" if group.note else "")
        sheet.add(group.label, "", "", "", "", "", note, style="bold")
        for bill in group.bills:
            ready, blocked = (
                (money(bill.balance, home), "") if bill.blocked is None else ("", money(bill.balance, home))
            )
            number = bill.number or "no number"
            sheet.add(
                f"  {bill.party_name or 'No vendor'}", number, bill.id, day(bill.due), ready, blocked, state(bill)
            )
        if group.next_offset is not None:
            left = group.count - group.next_offset
            sheet.add(f"  and {left:,} more", "", "", "", "", "", f"--run {group.key} --offset {group.next_offset}")
        if not group.foreign:
            sheet.total(
                f"  {group.label}", "", "", "", money(group.ready.amount, home), money(group.blocked.amount, home), ""
            )
    sheet.total(
        "All bills in home currency", "", "", "", money(view.ready.amount, home), money(view.blocked.amount, home), ""
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


def _number(document: DecisionDocument) -> str:
    return document.number or f"id {document.id}"


def _state(document: DecisionDocument) -> str:
    if document.blocked is None:
        return "Ready"
    return document.blocked if document.held else f"Blocked: {document.blocked}"


def state(bill: ConsoleBill) -> str:
    """Where a bill stands, in words."""
    said = [intent_in_words(each) for each in bill.live]
    if bill.lost is not None:
        said.append(f"Approval lost: {bill.lost.why}")
    if bill.snoozed_until is not None:
        said.append(f"Snoozed until {day(bill.snoozed_until)}")
    elif bill.blocked is not None or not said:
        said.insert(0, _state(bill))
    if bill.must_pay is not None:
        said.append(f"must pay: {bill.must_pay}")
    return "; ".join(said)


def intent_in_words(intent: IntentView) -> str:
    """``Approved by Ines Vale: 4,200.00 on 24 Nov 2026``."""
    asked = f"{intent.amount} on {day(intent.pay_on)}"
    people = " and ".join(each.person for each in intent.approvals)
    if intent.state == "approved":
        return f"Approved by {people}: {asked}"
    if intent.state == "half":
        return f"One of two: {people} approved {asked}; a second person is awaited"
    return f"Proposed by {intent.prepared_by}: {asked}"
