"""Bills and invoices on paper: the list, and one after something was written about it."""

from collections.abc import Sequence

from interlock.app.cli.paper import Sheet, day, out, plural
from interlock.app.cli.showing.parts import freshness, money, outside, ties
from interlock.runway.services.data_orchestrators.document_views import DecisionDocument
from interlock.runway.services.data_orchestrators.seen_on import SeenOn
from interlock.runway.services.experiences.bills import BillsExperience
from interlock.runway.services.experiences.invoices import InvoicesExperience


def bills(view: BillsExperience) -> None:
    _list(view, view.bills, "bill", "Vendor")


def invoices(view: InvoicesExperience) -> None:
    _list(view, view.invoices, "invoice", "Customer")


def written(document: DecisionDocument) -> None:
    """One line: whose document it is and what stands about it now."""
    name = f"{document.kind.capitalize()} {document.number or f'id {document.id}'} of {document.party_name or 'nobody named'}"
    said = [state(document)]
    if document.category:
        said.append(f"category {document.category}")
    if document.note:
        said.append(f"note: {document.note}")
    out().print(
        f"{name}, {document.balance.currency} {document.balance}: {'; '.join(said)}. QuickBooks was not touched."
    )


def seen(view: SeenOn) -> None:
    """Where it is seen, and what is said there."""
    paper = out()
    paper.print(view.words + (" Linked twice." if view.twice else ""))
    sheet = Sheet("Where", "Says", ">Amount")
    for rail in view.rails:
        said = ", ".join((*rail.states, *rail.differs))
        sheet.add(f"{rail.rail_name} {rail.number or rail.id}", said, money(rail.total, rail.total.currency))
    for line in view.bank:
        sheet.add(line.account, f"posted {day(line.dated)}: {line.text}", money(line.amount, line.amount.currency))
    if view.rails or view.bank:
        paper.print(sheet)


def state(document: DecisionDocument) -> str:
    """In words: ready, held and why, blocked and why, or the ledger's own for one that isn't open."""
    if document.held and document.hold_reason:
        until = f" until {day(document.held_until)}" if document.held_until else ""
        return f"Held{until}: {document.hold_reason}"
    if document.blocked is not None:
        return f"Blocked: {document.blocked}"
    if not document.balance.money:
        return document.status.capitalize()
    return f"{document.days_late} days late" if document.days_late else "Open"


def _list(
    view: BillsExperience | InvoicesExperience, documents: Sequence[DecisionDocument], kind: str, party: str
) -> None:
    paper = out()
    home = view.business.home_currency
    sheet = Sheet(party, kind.capitalize(), "Id", "Dated", "Due", f">Total, {home}", f">Open, {home}", "State", "Ours")
    for each in documents:
        sheet.add(
            each.party_name or "–",
            each.number or "–",
            each.id,
            day(each.dated),
            day(each.due),
            money(each.total, home),
            money(each.balance, home),
            state(each),
            ", ".join(said for said in (each.category, each.note) if said),
        )
    sheet.total("Open in home currency", "", "", "", "", "", money(view.open.amount, home), "", "")
    paper.print(sheet)
    which = "" if view.which == "all" else f"{view.which} "
    paper.print(f"\n{len(documents):,} of {plural(view.count, f'{which}{kind}')} shown.")
    outside(paper, open=view.open)
    if view.next_offset is not None:
        paper.print(f"The next ones: --offset {view.next_offset}")
    ties(paper, view.tied)
    freshness(paper, view.sync_status)
