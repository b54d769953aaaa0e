"""Releases, and how a client pays, on paper."""

from rich.text import Text

from interlock.app.cli.paper import Sheet, figure, moment, out
from interlock.runway.services.experiences.releasing import PayingExperience, PaymentSaidView, ReleaseView


def released(view: ReleaseView) -> None:
    """Each row with what became of it."""
    paper = out()
    paper.print(Text(view.words, style="bold"))
    sheet = Sheet("Payment", "Bill", f">{view.released.currency}", "Outcome", "Why")
    for each in view.rows:
        why = each.why or (f"paid {each.way.replace('_', ' ')}" if each.way else "")
        sheet.add(each.intent_id, each.label, figure(each.amount.money), each.outcome, why)
    paper.print(sheet)
    if view.verdict:
        paper.print(f"  {view.verdict}")
    paper.print(f"  {view.balance}")


def said_of(view: PaymentSaidView) -> None:
    """Where the payment stands then."""
    paper = out()
    paper.print(Text(view.words, style="bold"))
    paper.print(f"  {view.intent_id} stands at {view.stage.replace('_', ' ')}.")


def paying(view: PayingExperience) -> None:
    """The way in force, the other ones with what stands against them, and the accounts there are."""
    paper = out()
    paper.print(Text(view.say, style="bold"))
    paper.print(f"  By {view.method}{f', from {view.account.name}' if view.account else ''}.")
    if view.declared_by:
        paper.print(
            f"  {view.declared_by} declared on {moment(view.declared_at)} that nothing books these bills twice."
        )
    for stop in view.against:
        paper.print(f"  Stops payments now: {stop}")
    for each in view.ways:
        if not each.chosen:
            paper.print(f"  {each.name}: {' '.join(each.against) or 'can be chosen.'}")
    for account in view.accounts:
        paper.print(f"  Account {account.account_id}: {account.name}, {account.currency}")
