"""The digest on paper: a letter, not a dashboard."""

from rich.console import Console
from rich.text import Text

from interlock.app.cli.paper import Sheet, count, day, figure, moment, out, plural
from interlock.app.cli.showing import cash
from interlock.app.cli.showing.parts import freshness, money, outside, ties
from interlock.runway.services.experiences.digest import DigestExperience


def show(view: DigestExperience) -> None:
    paper = out()
    paper.print(Text(view.title, style="bold"))
    paper.print(f"{view.say} {view.letter.path_words}".strip() + "\n")
    cash.balances_table(paper, view.current_balances, view.business.home_currency)
    _changes(paper, view)
    _to_mend(paper, view)
    _decided(paper, view)
    _unproven(paper, view)
    _next(paper, view)
    paper.print(f"\n{view.letter.accuracy_words}")
    if view.letter.last is not None:
        paper.print(view.letter.last.words)
    paper.print(f"\nLog: line {view.chain.seq:,} of this client's chain, seal {view.seal}.")
    ties(paper, view.tied)
    freshness(paper, view.sync_status)


def _changes(paper: Console, view: DigestExperience) -> None:
    paper.print(Text("\nWhat changed in the last seven days", style="bold"))
    if not view.changes:
        paper.print("Nothing.")
    for change in view.changes:
        paper.print(f"{change.words} ({change.at.day} {change.at:%b}, {change.actor}, log line {change.log_line:,})")


def _to_mend(paper: Console, view: DigestExperience) -> None:
    summary = view.hygiene_summary
    paper.print(Text("\nWhat to mend in the books", style="bold"))
    paper.print(
        f"{plural(summary.bills_with_issues_count, 'bill')}, {plural(summary.invoices_with_issues_count, 'invoice')} and"
        f" {plural(summary.other_findings_count, 'other thing')}; interlock tray {view.business.slug} names them."
    )


def _decided(paper: Console, view: DigestExperience) -> None:
    part, home = view.letter, view.business.home_currency
    paper.print(Text("\nWhat was decided, and what has been seen since", style="bold"))
    if not part.decided:
        paper.print("Nothing was decided in these seven days.")
    for each in part.decided:
        paper.print(f"{each.words}, {figure(each.total.money).strip()}")
    if part.payments:
        sheet = Sheet("Each approved dollar is in one place", ">Payments", f">Sum, {home}")
        for place in part.payments:
            sheet.add(f"{place.name}: {place.means}", count(place.total.rows), money(place.total.amount, home))
        total = part.payments_total
        sheet.total("Under way, or ended in these seven days", count(total.rows), money(total.amount, home))
        paper.print(sheet)
        outside(paper, **{place.name: place.total for place in part.payments})
    for sentence in (*part.verified, part.segregation):
        if sentence:
            paper.print(sentence)


def _unproven(paper: Console, view: DigestExperience) -> None:
    paper.print(Text("\nWhat we can't prove yet", style="bold"))
    if not view.unproven:
        paper.print("Nothing is unproven.")
    for sentence in view.unproven:
        paper.print(sentence)


def _next(paper: Console, view: DigestExperience) -> None:
    paper.print(Text("\nWhat is next", style="bold"))
    if not view.next_steps and not view.letter.runs:
        paper.print("Nothing to decide and nothing to chase this week.")
        return
    home = view.business.home_currency
    sheet = Sheet("By", "What", f">Sum, {home}")
    for run in view.letter.runs:
        sheet.add(moment(run.decide_by), run.words, money(run.total.amount, home))
    for step in view.next_steps:
        sheet.add(day(step.by), step.words, money(step.total.amount, home))
    paper.print(sheet)
    outside(paper, **{f"“{step.words}”": step.total for step in view.next_steps})
