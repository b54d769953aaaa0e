"""Collections on paper: who is asked, what comes next, what was written."""

from interlock.app.cli.paper import Sheet, day, moment, out, plural
from interlock.app.cli.showing.parts import ask, money
from interlock.runway.services.experiences.collections import CollectionsExperience, WordsView

_MESSAGES_SHOWN = 20


def show(view: CollectionsExperience) -> None:
    """The answer, late invoices in their order, the last messages, and who isn't written to."""
    paper, home = out(), view.business.home_currency
    ask(paper, view.ask, view.say)
    if view.manner.trouble:
        paper.print(f"The last try failed. {view.manner.trouble}\n")
    if view.rows:
        sheet = Sheet("Customer", "Invoice", "Id", "Due", f">To ask for, {home}", "State", "Sent", "What comes")
        for each in view.rows:
            sheet.add(
                each.customer, each.number or "–", each.invoice_id, f"{day(each.due)}, {plural(each.days_late, 'day')} late",
                money(each.asked, home), each.state.replace("_", " "), ", ".join(each.sent) or "–", each.next,
            )  # fmt: skip
        paper.print(sheet)
    if view.rows_count > len(view.rows):
        paper.print(f"The first {len(view.rows):,} of {view.rows_count:,}.")
    unread = [each.stage for each in view.words if not each.accepted]
    if unread:
        paper.print(
            f"Nobody has read the {', '.join(unread)} words yet, so they are not sent: interlock collections words."
        )
    if view.messages:
        sheet = Sheet("When", "To", "Invoice", "Stage", f">Asked, {home}", "What became of it", "Message")
        for message in view.messages[:_MESSAGES_SHOWN]:
            became = message.state.replace("_", " ") + (f": {message.trouble}" if message.trouble else "")
            sheet.add(
                moment(message.at), message.recipient, message.number or message.invoice_id, message.stage,
                money(message.amount, home), became, message.reminder_id,
            )  # fmt: skip
        paper.print(sheet)
        if view.messages_count > _MESSAGES_SHOWN:
            paper.print(f"The latest {_MESSAGES_SHOWN} of {view.messages_count:,} messages; --json has more.")
    for gone in view.opted_out:
        paper.print(f"Not written to: {gone.address} ({gone.how}{f': {gone.why}' if gone.why else ''}).")


def show_words(view: WordsView) -> None:
    """The words of a stage, filled; and the digest that says yes to them."""
    paper = out()
    paper.print(f"{view.sample_subject}\n\n{view.sample_body}\n", markup=False)
    read = "Read and accepted." if view.accepted else f"Not read yet: --accept {view.digest} says yes to them."
    paper.print(read, soft_wrap=True)
