"""Payments on paper: the board, and one with all that its witnesses say."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from interlock.app.cli.paper import Sheet, count, day, moment, out
from interlock.app.cli.showing.parts import ask, money, outside
from interlock.kernel.errors import BadInput
from interlock.runway.services.calculators.payment_words import PLACE_BY_KEY, Place
from interlock.runway.services.data_orchestrators.payment_rows import PaymentLine
from interlock.runway.services.experiences.payments import PaymentsExperience


def place_named(said: str | None) -> Place | None:
    """A place by its key; ``BadInput`` names them all."""
    if said is None:
        return None
    found = PLACE_BY_KEY.get(said.strip().lower().replace("-", "_").replace(" ", "_"))
    if found is None:
        raise BadInput(f"There is no stage {said!r}; there are {', '.join(PLACE_BY_KEY)}.")
    return found.key


def board(view: PaymentsExperience) -> None:
    """Every place, also those that are empty: that nothing is there is an answer too."""
    paper, home = out(), view.business.home_currency
    ask(paper, view.ask, view.say)
    sheet = Sheet("Where", "--stage", ">Payments", f">{home}", ">For a person", ">Days still")
    for each in view.places:
        still = "" if each.still_days is None else f"{each.still_days:,} "
        sheet.add(
            each.name, each.key, count(each.total.rows), money(each.total.amount, home), count(each.people), still
        )
    sheet.total("Approved, ever", "", count(view.approved.rows), money(view.approved.amount, home), "", "")
    paper.print(sheet)
    outside(paper, approved=view.approved)
    if not view.sums:
        paper.print(
            f"The places don't sum to what was approved: off by {view.off_by} {home}. Release nothing, and ask us."
        )
    if view.for_person:
        paper.print("")
        paper.print(Text("What waits for a person", style="bold"))
        _lines(paper, view.for_person, home)
    if view.opened:
        paper.print("")
        paper.print(Text(PLACE_BY_KEY[view.opened].name, style="bold"))
        _lines(paper, view.payments, home) if view.payments else paper.print("No payment is there.")
        if view.next_offset is not None:
            paper.print(f"The next ones: --stage {view.opened} --offset {view.next_offset}")
    paper.print(f"\nAs of {moment(view.as_of)}.")


def _lines(paper: Console, lines: Sequence[PaymentLine], home: str) -> None:
    sheet = Sheet("Vendor", "Bill", f">{home}", "Pay on", "Since", "Witnesses", "Why", "Payment")
    for each in lines:
        since = f"{day(each.since)}, {each.days} d" if not each.settled else day(each.since)
        sheet.add(
            each.vendor,
            each.number or each.bill_id,
            money(each.amount, home),
            day(each.pay_on),
            since,
            each.witnessed or "not released",
            each.needs or each.why or "",
            each.intent_id,
        )
    paper.print(sheet)
