"""Every client in a line, what needs a person first; the totals are the lines' sums; kept scans never outlive a change."""

from datetime import UTC, date, datetime

import pytest

from interlock.domains.firm.annotations import Annotation
from interlock.domains.firm.models import Firm
from interlock.kernel.errors import NotFound
from interlock.kernel.money import Money
from interlock.kernel.scope import SystemScope
from interlock.rails import connections
from interlock.runway.desk import Desk
from interlock.runway.services.experiences.portfolio import ClientRow, PortfolioExperience
from tests.runway import said
from tests.runway.conftest import ACTOR, ClientBooks, FirmBooks


def portfolio(firm: FirmBooks) -> PortfolioExperience:
    with firm.desk.firm() as desk:
        return desk.portfolio.get_portfolio_experience()


def row_of(client: ClientBooks) -> ClientRow:
    return next(row for row in portfolio(client.firm).clients if row.business.slug == client.name)


def tell_ordinary_books(client: ClientBooks, *, bills: int) -> None:
    client.say(
        *said.chart(cash=1_000_00, payable=bills, receivable=40_00),
        said.preferences(),
        said.vendor("v1", "Copperfield Freight"),
        said.purchase("p1", 100, dated=date(2024, 6, 3)),
        said.customer("c1", "Mossgate Schools"),
        said.bill("1", bills, due=date(2026, 12, 9)),
        said.invoice("2001", 40_00),
    )


def test_a_line_says_cash_what_is_open_what_is_late_and_what_can_be_decided(client: ClientBooks) -> None:
    client.say(
        *said.chart(cash=900_00),
        said.bill("1", 100_00, due=date(2026, 11, 20)),
        said.bill("2", 200_00, due=None),
        said.bill("3", 70_00, currency="EUR"),
        said.invoice("2001", 50_00),
        said.invoice("2002", 60_00, due=date(2026, 12, 9)),
    )
    line = row_of(client)
    assert line.book_cash.amount.amount == "900.00"
    assert (line.open_payables.amount.amount, line.open_payables.rows) == ("300.00", 2)
    assert line.open_payables.excluded[0].what == "bills in EUR"
    assert line.overdue_payables.amount.amount == "300.00", "without a due date, its own date counts"
    assert (line.open_receivables.amount.amount, line.overdue_receivables.amount.amount) == ("110.00", "50.00")
    assert (line.decisions.amount.amount, line.decisions.rows) == ("100.00", 1)
    assert (line.to_chase.amount.amount, line.to_chase.rows) == ("50.00", 1)


def test_a_line_agrees_with_the_clients_own_tray_and_console(client: ClientBooks) -> None:
    client.say(
        said.bill("1", 100_00),
        said.bill("2", 200_00, due=None),
        said.bill("3", 300_00),
        said.invoice("2001", 50_00),
        said.invoice("2002", 60_00, status="NotSet"),
    )
    with client.firm.desk.writing(client.name) as desk:
        desk.bills.annotate("3", Annotation(hold_reason="disputed"), actor=ACTOR)
        desk.invoices.annotate("2001", Annotation(hold_reason="promised for Friday"), actor=ACTOR)
    with client.firm.desk.reading(client.name) as desk:
        tray, console = desk.tray.get_tray_experience(), desk.console.get_console_experience()
    line = row_of(client)
    assert line.decisions.amount == console.ready.amount
    assert line.to_chase.amount == console.to_chase.amount
    assert line.findings.count == tray.count
    assert line.findings.at_stake.amount == tray.at_stake.amount


@pytest.mark.parametrize(
    ("trouble", "words", "tone"),
    [
        ("duplicate", "Copperfield Freight 1 is a duplicate", "stop"),
        ("no due date", "1 finding to settle before deciding", "warn"),
        ("overdue", "1 bill overdue", "warn"),
        ("nothing", "Nothing stops money", "clear"),
        ("stale", "QuickBooks read 5 h ago", "warn"),
        ("lost grant", "QuickBooks needs reconnecting", "stop"),
    ],
)
def test_the_status_is_the_worst_there_is_in_words(client: ClientBooks, trouble: str, words: str, tone: str) -> None:
    tell_ordinary_books(client, bills=100_00)
    if trouble == "duplicate":
        client.say(
            said.bill("2", 900, number="1", open_cents=0, dated=date(2026, 1, 1)), said.bill("1", 100_00, number="1")
        )
    elif trouble == "no due date":
        client.say(said.bill("1", 100_00, due=None))
    elif trouble == "overdue":
        client.say(said.bill("1", 100_00, due=date(2026, 11, 20)))
    elif trouble == "stale":
        client.firm.wait(hours=5)
    elif trouble == "lost grant":
        with client.firm.database.writing(client.scope) as session:
            connections.mark_trouble(session, client.scope, "qbo", "The grant was revoked.", client.firm.clock.now())
    line = row_of(client)
    assert (line.status.words, line.status.tone) == (words, tone)


def test_a_client_ties_only_when_it_was_proved_and_nothing_is_off(client: ClientBooks) -> None:
    tell_ordinary_books(client, bills=100_00)
    assert row_of(client).tied.tied is None
    client.prove()
    assert row_of(client).tied.tied is True
    client.prove(payables=(100_00, 100_01))
    assert row_of(client).tied.tied is False
    assert row_of(client).tied.words == "Not tied: Payables are 100.00 in QuickBooks' aging, 100.01 in ours"


def test_the_totals_are_the_lines_sums_by_currency(firm: FirmBooks) -> None:
    for at, (name, home) in enumerate((("Alder & Wren", "USD"), ("Bramble Print", "USD"), ("Quay & Co", "GBP"))):
        tell_ordinary_books(firm.take_on(name, f"46208163650{at}", home_currency=home), bills=100_00 * (at + 1))
    shown = portfolio(firm)
    assert [(total.currency, total.clients) for total in shown.totals] == [("GBP", 1), ("USD", 2)]
    for total in shown.totals:
        lines = [line for line in shown.clients if line.business.home_currency == total.currency]
        for column in (
            "book_cash",
            "open_payables",
            "open_receivables",
            "overdue_receivables",
            "decisions",
            "to_chase",
        ):
            sums = [getattr(line, column) for line in lines]
            whole = getattr(total, column)
            assert whole.amount.money == sum((each.amount.money for each in sums), Money.zero(total.currency)), column
            assert whole.rows == sum(each.rows for each in sums), column
    dollars_in_pounds = shown.totals[0].open_payables.excluded
    assert [(each.amount.currency, each.amount.amount) for each in dollars_in_pounds] == [("USD", "300.00")]


def test_who_needs_a_person_comes_first(firm: FirmBooks) -> None:
    tidy, late, stopped = (firm.take_on(f"Client {at}", f"46208163650{at}") for at in range(3))
    for client in (tidy, late, stopped):
        tell_ordinary_books(client, bills=100_00)
    late.say(said.bill("1", 100_00, due=date(2026, 11, 20)))
    stopped.say(said.bill("2", 5_00, number="N1", open_cents=0), said.bill("1", 100_00, number="N1"))
    assert [line.business.slug for line in portfolio(firm).clients] == [stopped.name, late.name, tidy.name]
    assert portfolio(firm).say == "3 clients; money is stopped at 1."


def test_a_kept_scan_is_dropped_when_the_books_or_the_day_move(client: ClientBooks) -> None:
    tell_ordinary_books(client, bills=100_00)
    client.say(said.payment("71", 80_00, dated=date(2026, 11, 17), into=said.FUNDS))
    assert row_of(client).findings.count == 0
    client.firm.wait(days=1)
    assert row_of(client).findings.count == 1, "the receipt is now more than seven days in Undeposited Funds"
    client.say(said.bill("1", 100_00, due=None))
    assert row_of(client).findings.count == 2


def test_the_day_is_the_clients_own(client: ClientBooks) -> None:
    """At one in the morning UTC it is still the evening before in New York."""
    client.firm.clock.at = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
    with client.firm.desk.reading(client.name) as desk:
        assert desk.today == date(2026, 11, 24)


def test_a_firm_sees_nothing_of_another(client: ClientBooks) -> None:
    tell_ordinary_books(client, bills=100_00)
    with client.firm.database.writing(SystemScope("a second firm")) as session:
        session.add(Firm(firm_id="firm_other", name="Other & Co", created_at=client.firm.clock.now()))
    other = Desk(client.firm.database, client.firm.clock, client.firm.sync_of, "firm_other")
    with other.firm() as desk:
        assert desk.portfolio.get_portfolio_experience().clients == ()
    with pytest.raises(NotFound), other.reading(client.business.business_id):
        pass
