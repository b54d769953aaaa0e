"""A letter as it is kept and sent: a page that needs nothing beside it, and a PDF. The same view gives the same bytes."""

from collections.abc import Iterator, Sequence
from typing import Any

from interlock.infra import pdf
from interlock.runway.routes.rendering import TEMPLATES, count, day, figure, long_day, moment, templates
from interlock.runway.routes.rendering import said as said_so
from interlock.runway.services.experiences.digest import DigestExperience

_CHANGES_MOST = 4
_FINDINGS_MOST = 4

Section = dict[str, Any]


def letter_html(view: DigestExperience, firm: str, base: str | None) -> bytes:
    """The letter as a page. ``base``: the installation's address, before every link; without one nothing is a link."""
    shown = templates().get_template("letter.html")
    return shown.render(view=view, firm=firm, base=base, slug=view.business.slug).encode()


def letter_pdf(view: DigestExperience, firm: str) -> bytes:
    """The letter on paper."""
    return pdf.render(TEMPLATES / "letter.typ", letter=letter_data(view, firm))


def letter_data(view: DigestExperience, firm: str) -> dict[str, Any]:
    """What the letter says, section by section."""
    return {
        "title": f"Your cash, seven days to {long_day(view.today)}",
        "firm": firm,
        "day": long_day(view.today),
        "to": f"To {view.business.name}",
        "sign": f"For {firm}",
        "foot": f"Made from the log, not by hand. Chain head {view.seal} at line {count(view.chain.seq)}",
        "sections": list(_sections(view)),
    }


def _sections(view: DigestExperience) -> Iterator[Section]:
    part = view.letter
    yield _section("", [f"{view.say} {part.path_words}".strip(), _balances(view)])
    yield _section("What changed", list(_changed(view)))
    decided = "; ".join(f"{each.words}, {figure(each.total)}" for each in part.decided)
    said = [f"{decided}." if decided else "Nothing was decided in these seven days."]
    yield _section("What was decided, and what has been seen since", said, _payments(view))
    proven = [*part.verified, *([f"{view.tied.words}."] if view.tied.tied else [])]
    if proven:
        yield _section("What is proven", [" ".join(proven)])
    if part.segregation:
        yield _section("Who decides", [part.segregation])
    yield _section("What we can’t prove yet", [" ".join(view.unproven) or "Nothing is unproven."])
    yield _section(
        "What is next, and by when", [] if _next(view) else ["Nothing is due in the next seven days."], _next(view)
    )
    yield _section("", [part.accuracy_words])


def _section(title: str, paragraphs: Sequence[str], sheet: dict[str, Any] | None = None) -> Section:
    return {"title": title, "paragraphs": [each for each in paragraphs if each], "sheet": sheet}


def _balances(view: DigestExperience) -> str:
    held = view.current_balances
    each = ", ".join(f"{account.name} {figure(account.balance)}" for account in held.bank)
    said = f"{each}: book cash {said_so(held.book_cash.amount)}." if each else "The books have no bank account."
    said += (
        f" Beside it, {said_so(held.undeposited_funds.amount)} received and not yet deposited, and "
        f"{said_so(held.card_debt.amount)} owed on cards."
    )
    return said + "".join(
        f" {account.name} holds {account.balance.currency} {figure(account.balance)}, apart."
        for account in held.foreign
    )


def _changed(view: DigestExperience) -> Iterator[str]:
    changes = [f"{each.words} (log line {count(each.log_line)})" for each in view.changes[:_CHANGES_MOST]]
    more = len(view.changes) - len(changes)
    if changes:
        yield " ".join(changes) + (f" And {more} more in the log." if more > 0 else "")
    else:
        yield f"Nothing that the log knows of since {moment(view.changes_since, view.business.time_zone)}."
    found = [
        each
        for document in (*view.hygiene_data.bills_with_issues, *view.hygiene_data.invoices_with_issues)
        for each in document.findings
    ] + list(view.hygiene_data.other_findings)
    found.sort(key=lambda each: not each.stops)
    told = "; ".join(
        f"{each.title}, {each.at_stake.currency} {figure(each.at_stake)}" for each in found[:_FINDINGS_MOST]
    )
    rest = len(found) - _FINDINGS_MOST
    if told:
        yield f"To be mended in the books: {told}." + (f" And {rest} more in the tray." if rest > 0 else "")


def _payments(view: DigestExperience) -> dict[str, Any] | None:
    part, home = view.letter, view.business.home_currency
    if not part.payments:
        return None
    return {
        "widths": ["rest", "auto", "auto"],
        "figures": [1, 2],
        "head": ["Each approved dollar is in one place", "Payments", home],
        "rows": [
            [f"{each.name}. {each.means}", count(each.total.rows), figure(each.total.amount)] for each in part.payments
        ],
        "foot": [
            "Under way, or ended in these seven days",
            count(part.payments_total.rows),
            figure(part.payments_total.amount),
        ],
    }


def _next(view: DigestExperience) -> dict[str, Any] | None:
    runs = [
        [moment(each.decide_by, view.business.time_zone), each.words, figure(each.total.amount)]
        for each in view.letter.runs
    ]
    steps = [
        ["Today" if each.by == view.today else day(each.by, view.today), each.words, figure(each.total.amount)]
        for each in view.next_steps
    ]
    if not runs and not steps:
        return None
    return {
        "widths": ["auto", "rest", "auto"],
        "figures": [2],
        "head": [],
        "rows": [*runs, *steps],
        "foot": [],
    }
