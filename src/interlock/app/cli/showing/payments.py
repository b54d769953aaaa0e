"""Payments on paper: the board, one with all that its witnesses say, and the pay runs."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from interlock.app.cli.paper import Sheet, count, day, figure, moment, out, plural
from interlock.app.cli.showing.parts import ask, money, outside
from interlock.kernel.errors import BadInput
from interlock.runway.services.calculators.payment_words import PLACE_BY_KEY, Place
from interlock.runway.services.data_orchestrators.payment_rows import PaymentLine
from interlock.runway.services.experiences.pay_run import PayRunExperience
from interlock.runway.services.experiences.payment import PaymentExperience
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


def one(view: PaymentExperience) -> None:
    """The answer, the instruction, the witnesses, what happened, and what can be said of it."""
    paper, home = out(), view.business.home_currency
    ask(paper, view.ask, view.say)
    if view.needs:
        paper.print(f"Waits for a person. {view.needs}\n")
    for told in view.instruction:
        paper.print(f"{told.name}: {told.words}")
    sheet = Sheet(
        "Witness", "Says", "On", f">Amount, {view.payment.amount.currency}", ">Against approved", "State reached"
    )
    for each in view.witnesses:
        amount = figure(each.amount.money) if each.amount else ""
        off_by = figure(each.off_by.money) if each.off_by else ""
        sheet.add(each.name, each.says, day(each.on) if each.on else "", amount, off_by, each.reached)
    paper.print("")
    paper.print(sheet)
    told_of = Sheet("When", "What happened", "Why", ">Log line")
    for step in view.happened:
        line = "" if step.log_line is None else f"{step.log_line:,} "
        told_of.add(moment(step.at), step.words, step.why or "", line)
    paper.print("")
    paper.print(told_of)
    for act in view.acts:
        if act.why_not is None:
            said = act.says.replace("_", "-")
            paper.print(f"{act.name}: interlock payment say {view.business.slug} {view.payment.intent_id} {said}")
    paper.print(f"\nAs of {moment(view.as_of)}, amounts in {home} unless a column says otherwise.")


def runs(view: PayRunExperience) -> None:
    """Each run with its payments, also those with none: the date to decide by is an answer too."""
    paper, home = out(), view.business.home_currency
    ask(paper, view.ask, view.say)
    paper.print(f"{view.way_means}")
    for why in view.paying.against:
        paper.print(f"Nothing can be released this way: {why}")
    sheet = Sheet("Run and vendor", "Bill", f">To release, {home}", f">Not now, {home}", "Why not", "Payment")
    for run in view.runs:
        note = f"{plural(len(run.rows), 'payment')}, {run.decide_by_words}, money there by {day(run.arrives_on)}"
        sheet.add(run.label, "", "", "", note, "", style="bold")
        for row in run.rows:
            each = row.payment
            figures = (money(each.amount, home), "") if row.ready else ("", money(each.amount, home))
            sheet.add(f"  {each.vendor}", each.number or each.bill_id, *figures, row.why_not or "", each.intent_id)
    sheet.total("All approved", "", money(view.ready.amount, home), money(view.waiting.amount, home), "", "")
    paper.print(sheet)
    outside(paper, to_release=view.ready, not_now=view.waiting)
    if view.ready.rows:
        paper.print(f"Release what is due: interlock release {view.business.slug} --due --as WHO")
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
