"""Verdicts and decisions on paper."""

from rich.text import Text

from interlock.app.cli.paper import Sheet, day, figure, moment, out, plural
from interlock.runway.replaying import ReplayView
from interlock.runway.services.experiences.decisions import DecisionsExperience, DecisionView
from interlock.runway.services.experiences.impact import ImpactView, LowView


def verdict(view: ImpactView) -> None:
    """The sentence, every reason, what to drop, and the low point before and after."""
    paper = out()
    paper.print(Text(view.words, style="bold"))
    for each in view.reasons[1:]:
        paper.print(f"  Also: {each.words}")
    for each in view.reasons:
        if not each.overridable:
            paper.print(f"  Nobody can override: {each.words}")
    if view.drop:
        named = ", ".join(f"{each.bill_id} ({each.label}, {each.amount})" for each in view.drop)
        proof = "no smaller set clears it" if view.drop_proven else "none of them can be put back"
        paper.print(f"  Drop {named}: {proof}.")
    sheet = Sheet("Low side (p80)", f">Lowest, {view.floor.currency}", "On", ">Floor", ">Headroom")
    rows: list[tuple[str, LowView | None]] = [
        ("Before", view.before),
        (f"After {plural(view.count, 'bill')}, {view.total}", view.after if view.count else None),
        (f"After dropping {len(view.drop)}", view.after_drop),
    ]
    for name, low in rows:
        if low is not None:
            amounts = figure(low.amount.money), figure(view.floor.money), figure(low.headroom.money)
            sheet.add(name, amounts[0], day(low.on), amounts[1], amounts[2])
    paper.print("")
    paper.print(sheet)


def decided(view: DecisionView) -> None:
    """What was just decided."""
    paper = out()
    paper.print(Text(view.words, style="bold"))
    for each in view.subjects:
        amount = f", {each.amount}" if each.amount else ""
        when = f" on {day(each.pay_on)}" if each.pay_on else ""
        payment = f" [{each.intent_id}]" if each.intent_id else ""
        paper.print(f"  {each.label}{amount}{when}{payment}")
    if view.verdict:
        paper.print(f"  {view.verdict}")
    if view.override_reason:
        paper.print(f"  Overridden until {moment(view.override_until)}: {view.override_reason}")
    paper.print(f"Decision {view.decision_id}")


def decisions(view: DecisionsExperience) -> None:
    paper = out()
    if not view.decisions:
        paper.print(f"Nothing was decided at {view.business.name} yet.")
        return
    sheet = Sheet("Decision", "When", "What", "Verdict", "Comment")
    for each in view.decisions:
        sheet.add(each.decision_id, moment(each.at), each.words, each.outcome or "", each.comment or "")
    paper.print(sheet)
    if view.next_offset is not None:
        paper.print(f"More: --offset {view.next_offset}")


def replayed(view: ReplayView) -> None:
    """The verdict then and now, and every field that came out otherwise."""
    paper = out()
    same = "The same verdict, byte for byte." if view.identical else "Another verdict."
    paper.print(Text(f"{same} Decided {moment(view.decided_at)}, judged again {view.under}.", style="bold"))
    paper.print(f"  Then ({view.outcome_then}, engine {view.engine_then}): {view.words_then}")
    paper.print(f"  Now ({view.outcome_now}, engine {view.engine_now}): {view.words_now}")
    if view.differences:
        sheet = Sheet("Field", "Then", "Now")
        for each in view.differences:
            sheet.add(each.field.replace("_", " "), each.then, each.now)
        paper.print(sheet)
    if view.caveat:
        paper.print(f"  {view.caveat}")
