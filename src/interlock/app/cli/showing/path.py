"""The cash path, its figures explained, earmarks and what recurs, on paper."""

from interlock.app.cli.paper import Sheet, count, day, figure, moment, out, plural
from interlock.app.cli.showing.parts import ask, money
from interlock.runway.services.experiences.earmarks import EarmarksExperience
from interlock.runway.services.experiences.explaining import Explanation
from interlock.runway.services.experiences.path import PathExperience
from interlock.runway.services.experiences.recurring import RecurringExperience, SeriesView


def path(view: PathExperience, weeks: int | None = None) -> None:
    """The answer, the figures that it stands on, then week by week."""
    paper, home = out(), view.business.home_currency
    ask(paper, view.ask, view.say)
    for trouble in view.troubles:
        paper.print(f"Not fit to decide on: {trouble}")
    ledger = Sheet("Figure", f">{home}", "Of what")
    for each in view.figures:
        said = money(each.amount, home) if each.amount else each.value
        ledger.add(each.name, said if each.amount else "", each.why if each.amount else f"{each.value}. {each.why}")
    paper.print(ledger)
    sheet = Sheet(
        "Week of", ">Opening", ">Receipts", ">Payroll", ">Tax", ">Bills, other", ">Card, loan", ">Closing p50",
        ">Lowest p80", ">Headroom",
    )  # fmt: skip
    for week in view.weeks[:weeks]:
        cells = (
            week.opening, week.receipts, week.payroll, week.tax, week.bills, week.debt, week.closing, week.low,
            week.headroom,
        )  # fmt: skip
        sheet.add(day(week.monday), *(money(each, home) for each in cells))
    if weeks is None or weeks >= len(view.weeks):
        totals = (view.weeks[0].opening, *view.totals, view.weeks[-1].closing)
        sheet.total(plural(len(view.weeks), "week"), *(money(each, home) for each in totals), "", "")
    paper.print("")
    paper.print(sheet)
    for left in view.left_out:
        paper.print(f"Apart: {left.why}, {plural(left.rows, 'item')}, {left.currency} {left.amount}.")
    if view.assumed_items:
        rest = plural(view.assumed_items, "item")
        paper.print(f"{home} {view.assumed} in {rest} rest on an assumption about something overdue.")
    as_of = f" As of {moment(view.as_of)}." if view.as_of else ""
    paper.print(f"\n{view.basis_words}{as_of}")


def explained(view: Explanation) -> None:
    """Formula, inputs with where they come from and why they stand there, what is left out."""
    paper, home = out(), view.business.home_currency
    paper.print(f"{view.name}: {f'{home} {view.amount}' if view.amount else view.value}", style="bold")
    paper.print(f"{view.formula}\n")
    sheet = Sheet("Input", "Day", f">{home}", "Source", "Why")
    for each in view.inputs:
        source = (
            f"{each.source.said_by} {each.source.kind} {each.source.number or each.source.id}" if each.source else ""
        )
        if each.figure:
            source = f"explain {each.figure}"
        why = each.because or each.rule_words or ""
        beside = "" if each.counts else "Not in the sum. "
        when = day(each.on) if each.on else ""
        sheet.add(each.label, when, figure(each.amount.money), source, f"{beside}{why}")
    if view.amount is not None:
        sheet.total(plural(sum(each.counts for each in view.inputs), "input"), "", figure(view.amount.money), "", "")
    paper.print(sheet)
    for said in view.exclusions:
        paper.print(f"Left out: {said}")
    as_of = f" As of {moment(view.as_of)}." if view.as_of else ""
    paper.print(f"\n{view.basis}{as_of}")


def earmarks(view: EarmarksExperience) -> None:
    """Active earmarks in the order they are served."""
    paper, home = out(), view.business.home_currency
    ask(paper, view.ask, view.say)
    if view.active:
        sheet = Sheet("Earmark", "Category", "Needed", f">Set aside, {home}", ">Cash reaches for", "By")
        for each in view.active:
            reaches = money(each.covered, home) if each.covered else ""
            sheet.add(
                f"{each.name} {each.earmark_id}",
                each.category,
                day(each.needed_on),
                money(each.left, home),
                reaches,
                each.made_by,
            )
        sheet.total("Earmarked", "", "", money(view.earmarked.amount, home), "", "")
        paper.print(sheet)
    paper.print(view.earmarked.basis)


def recurring(view: RecurringExperience) -> None:
    """Suggestions first: they wait for somebody."""
    paper = out()
    ask(paper, view.ask, view.say)
    for title, rows in (
        ("To confirm or refuse, once", view.suggestions),
        ("Confirmed, in the cash path", view.confirmed),
        ("Refused and ended", view.past),
    ):
        if rows:
            paper.print(f"{title}", style="bold")
            paper.print(_series(rows, view.business.home_currency))
            paper.print("")


def _series(rows: tuple[SeriesView, ...], home: str) -> Sheet:
    sheet = Sheet("What", "Category", "When", "Next", f">Each, {home}", ">Seen", "Id")
    for each in rows:
        name = f"{each.name} (overdue)" if each.missed else each.name
        sheet.add(
            name,
            each.category,
            each.when,
            day(each.next_on),
            money(each.amount, home),
            count(each.seen),
            each.recurring_id or each.signature,
        )
    return sheet
