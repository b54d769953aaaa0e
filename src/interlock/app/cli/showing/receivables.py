"""Receivables and customers on paper."""

from interlock.app.cli.paper import Sheet, day, out, plural
from interlock.app.cli.showing.parts import ask, money
from interlock.runway.services.experiences.receivables import CustomerExperience, ReceivablesExperience


def receivables(view: ReceivablesExperience) -> None:
    """The answer, the queue, the figures, then the ages."""
    paper, home = out(), view.business.home_currency
    ask(paper, view.ask, view.say)
    if view.queue:
        sheet = Sheet(
            "Customer", "Invoice", "Due", f">Owed, {home}", ">Chance", f">Expected by {day(view.by_day)}", "Why"
        )
        for each in view.queue:
            sheet.add(
                each.customer or "–", each.number or each.invoice_id, f"{day(each.due)}, {plural(each.days_late, 'day')} late",
                money(each.owed, home), f"{each.chance}%", money(each.expected, home),
                f"Not chased: {each.stopped}" if each.stopped else each.because,
            )  # fmt: skip
        paper.print(sheet)
        if view.queue_count > len(view.queue):
            paper.print(f"The first {len(view.queue):,} of {view.queue_count:,}; the API gives the same.")
    figures = Sheet("Figure", ">Value", "How it is made")
    for figure in view.figures:
        none = figure.value is None
        figures.add(figure.name, "n/a" if none else figure.words, figure.words if none else figure.formula)
    paper.print("")
    paper.print(figures)
    ages = Sheet("Customer", *(f">{name}" for name in view.aging.columns), ">Credits", ">Unapplied", f">Total, {home}")
    for row in view.aging.rows:
        ages.add(row.party_name, *(money(each, home) for each in (*row.buckets, row.credits, row.unapplied, row.total)))
    total = view.aging.total
    ages.total(
        plural(len(view.aging.rows), "customer"),
        *(money(each, home) for each in (*total.buckets, total.credits, total.unapplied, total.total)),
    )
    paper.print("")
    paper.print(ages)
    paper.print(view.aging.tie_out.words)


def customer(view: CustomerExperience) -> None:
    """What is open, and how they have paid."""
    paper, home = out(), view.business.home_currency
    ask(paper, view.ask, view.say)
    if view.open:
        sheet = Sheet("Invoice", "Dated", "Due", ">Open")
        for each in view.open:
            due = day(each.due) if each.due else "no date"
            sheet.add(each.number or each.invoice_id, day(each.dated), due, money(each.open, home))
        paper.print(sheet)
    if view.payments:
        paid = Sheet("Came", "Was due", ">Days late", f">Amount, {home}")
        for payment in view.payments:
            paid.add(
                day(payment.paid_on),
                day(payment.due),
                str(payment.days_late) if payment.days_late >= 0 else f"{-payment.days_late} early",
                money(payment.amount, home),
            )
        paper.print("")
        paper.print(paid)
        if view.payments_count > len(view.payments):
            paper.print(f"The latest {len(view.payments):,} of {view.payments_count:,}.")
