"""Identity, matches and the banks' balances on paper."""

from rich.console import Console

from interlock.app.cli.paper import Sheet, day, figure, moment, out, plural
from interlock.app.cli.showing.parts import ask, money
from interlock.runway.services.experiences.cash import BankAccountView, CashView
from interlock.runway.services.experiences.identity import IdentityExperience, KindView
from interlock.runway.services.experiences.matches import MatchesExperience, MatchView
from interlock.runway.services.views import Amount


def cash(paper: Console, view: CashView, home: str) -> None:
    """Both truths by account, what lies between them, and what can be spent."""
    ask(paper, view.ask, view.say)
    sheet = Sheet("Account", "As of", f">Available, {home}", f">Bank, {home}", f">Books, {home}", f">Drift, {home}")
    for each in view.accounts:
        drift = each.drift.drift if each.drift else None
        cells = (_or_dash(amount, home) for amount in (each.available, each.current, each.book, drift))
        sheet.add(_named(each), moment(each.observed_at) + (f", {each.state}" if each.stale else ""), *cells)
    paper.print(sheet)
    for each in view.accounts:
        if each.drift and each.drift.gap.money:
            _between(paper, each, home)
    if view.spendable:
        can = view.spendable
        sheet = Sheet("What can be spent", f">{home}")
        sheet.add("Available at the banks", _or_dash(can.available, home))
        sheet.add(f"In flight, {plural(can.in_flight.rows, 'payment')}", money(can.in_flight.amount, home))
        sheet.add("Earmarks and restricted", figure(can.earmarked.money + can.restricted.money))
        sheet.total("Spendable", _or_dash(can.spendable, home))
        paper.print(sheet)
        paper.print(f"{can.formula}: {can.words}.\n")


def identity(view: IdentityExperience) -> None:
    paper = out()
    ask(paper, view.ask, view.say)
    for kind in view.kinds:
        paper.print(
            f"{kind.name}, {kind.rail_name} and QuickBooks: {plural(kind.links_count, 'link')}, {kind.unlinked:,} without."
        )
        paper.print(_pairs(kind))
        for each in kind.waiting:
            paper.print(f"  Like nothing in QuickBooks: {each.name} ({each.id})")
        paper.print("")


def matches(view: MatchesExperience) -> None:
    paper = out()
    ask(paper, view.ask, view.say)
    home = view.business.home_currency
    if view.which == "open":
        sheet = Sheet("Dated", "Line", "Account", f">Amount, {home}", "Id")
        for line in view.lines:
            sheet.add(day(line.dated), line.text, line.account, money(line.amount, home), line.id)
    else:
        sheet = Sheet(
            "Dated", "Line", f">Amount, {home}", "Perhaps" if view.which == "suggested" else "Is", "Why", "Id"
        )
        for each in view.matches:
            dated, text = (day(each.line.dated), each.line.text) if each.line else ("–", "a line that is gone")
            sheet.add(dated, text, money(each.amount, home), _is(each), _why(each), each.match_id)
    if view.lines or view.matches:
        paper.print(sheet)
    if view.next_offset is not None:
        paper.print(f"The next ones: --which {view.which} --offset {view.next_offset}")


def _between(paper: Console, each: BankAccountView, home: str) -> None:
    drift = each.drift
    assert drift is not None and each.book is not None, "only accounts with both truths have anything between them"
    sheet = Sheet(f"{_named(each)}: from the books to the bank", "Dated", ">Of which", f">{home}")
    sheet.add("Book balance", "", "", money(each.book, home))
    for label, amount, items in (
        ("Payments on their way", drift.outstanding, drift.outstanding_items),
        ("Deposits on their way, taken off", drift.in_transit, drift.in_transit_items),
        ("Lines that the books don't have", drift.lines, drift.line_items),
    ):
        sheet.add(label, "", "", money(amount, home))
        for item in items:
            kind = (
                ""
                if item.kind == "bank_line"
                else f"{item.kind.replace('_', ' ').capitalize()} {item.number or item.id} "
            )
            sheet.add(f"    {kind}{item.text}", day(item.dated), figure(item.amount.money), "")
    sheet.add("Neither: before the bank's first line, or unexplained", "", "", money(drift.remainder, home))
    sheet.total("Bank balance", "", "", _or_dash(each.current, home))
    paper.print(sheet)
    paper.print(f"{drift.words}\n")


def _pairs(kind: KindView) -> Sheet:
    sheet = Sheet(f"At {kind.rail_name}", "Id", "In QuickBooks", "Id", "State", "Why")
    for each in kind.suggestions:
        why = "; ".join(each.why)
        sheet.add(each.theirs.name, each.theirs.id, each.ours.name, each.ours.id, f"Perhaps, {each.score}", why)
    for link in kind.links:
        ours = link.ours.name if link.ours else "gone from QuickBooks"
        state = "Linked twice" if link.twice else "Linked"
        sheet.add(link.theirs.name, link.theirs.id, ours, link.ours_id, state, link.why)
    return sheet


def _named(each: BankAccountView) -> str:
    return f"{each.name}{f' ··{each.mask}' if each.mask else ''}, {each.institution}"


def _or_dash(amount: Amount | None, home: str) -> str:
    return "not known" if amount is None else money(amount, home)


def _is(each: MatchView) -> str:
    parts = (
        f"{part.words}{f' {part.number}' if part.number else ''} ({part.kind}:{part.id}){f', {part.party}' if part.party else ''}"
        for part in each.movements
    )
    return "\n".join(parts)


def _why(each: MatchView) -> str:
    why = "; ".join(each.why)
    if each.state == "suggested":
        return f"Score {each.score}: {why}"
    return f"{each.state.capitalize()} by {each.undone_by}: {why}" if each.undone_by else why
