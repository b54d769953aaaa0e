"""Cash between accounts: card pay-off, savings, the line of credit, owner's draws, taxes collected, closing the books."""

from __future__ import annotations

from . import documents as doc
from .state import Company
from .workdays import add_months, on_or_after

CARD_DAY, CLOSE_DAY, TAX_DAY, SURPLUS_DAY, FEE_DAY, ADJUST_DAY = 22, 12, 20, 26, 3, 9
SURPLUS_ABOVE_PERMILLE = 1500
SURPLUS_DOWN_TO_PERMILLE = 1100
DRAW_STEP_CENTS = 500_000
STARVED_DRAW_STEP_CENTS = 50_000
FEE_CENTS = 2_500


def spend(company: Company, cents: int, account: str, note: str) -> None:
    """An expense straight from checking, without a payee."""
    accounts = company.chart.accounts
    top_up(company, cents)
    body = doc.purchase(
        company.day, accounts["checking"], "Cash", "", [doc.expense_line(accounts[account], cents, note)]
    )
    company.desk.create("Purchase", body | {"PrivateNote": note})
    company.move("checking", -cents)


def top_up(company: Company, needed: int) -> None:
    """Bring checking up to what is needed now: from savings first, then from the line of credit."""
    short = needed - company.cash["checking"]
    if short <= 0:
        return
    accounts, day = company.chart.accounts, company.day
    step = STARVED_DRAW_STEP_CENTS if company.profile.habit == "starved" else DRAW_STEP_CENTS
    short += step - short % step
    saved = min(company.cash.get("savings", 0), short)
    if saved > 0:
        body = doc.transfer(day, accounts["savings"], accounts["checking"], saved, "From reserve")
        company.desk.create("Transfer", body)
        company.move("savings", -saved)
        company.move("checking", saved)
    if short > saved:
        direct = [(short - saved, accounts["credit_line"], "Draw on line of credit")]
        company.desk.create("Deposit", doc.deposit(day, accounts["checking"], [], direct))
        company.move("credit_line", short - saved)
        company.move("checking", short - saved)


def keep_house(company: Company) -> None:
    """The fixed days of the month."""
    duties = {
        FEE_DAY: _bank_fee,
        ADJUST_DAY: _adjust,
        CLOSE_DAY: close_books,
        TAX_DAY: _remit_sales_tax,
        CARD_DAY: _pay_card,
        SURPLUS_DAY: _place_surplus,
    }
    for day_of_month, duty in duties.items():
        if company.day == on_or_after(company.day.replace(day=day_of_month)):
            duty(company)


def _bank_fee(company: Company) -> None:
    spend(company, FEE_CENTS, "bank_fees", "Account maintenance")


def _adjust(company: Company) -> None:
    """The accountant's monthly reclassification of a share of office costs to travel."""
    accounts = company.chart.accounts
    cents = company.chance.between(4_000, 30_000)
    company.next_journal += 1
    lines = [
        doc.journal_line(accounts["travel"], cents, "Reclassify travel"),
        doc.journal_line(accounts["office"], -cents, "Reclassify travel"),
    ]
    number = f"AJ-{company.next_journal:04d}"
    company.desk.create(
        "JournalEntry", doc.journal(company.day, number, lines, "Monthly review") | {"Adjustment": True}
    )


def close_books(company: Company) -> None:
    """Move the closing date to the end of the month that lies as far back as this company closes."""
    closed = add_months(company.day.replace(day=1), -company.profile.closing_lag_months)
    text = closed.fromordinal(closed.toordinal() - 1).isoformat()
    if text != company.chart.books_closed and closed > company.start:
        company.chart.books_closed = text
        current = company.desk.books.get("Preferences", "1")["AccountingInfoPrefs"]
        company.desk.change("Preferences", "1", {"AccountingInfoPrefs": {**current, "BookCloseDate": text}})


def _remit_sales_tax(company: Company) -> None:
    owed = company.cash.get("sales_tax", 0)
    if owed > 0:
        spend(company, owed, "sales_tax", "Sales tax return")
        company.cash["sales_tax"] = 0


def _pay_card(company: Company) -> None:
    """Pay the card off: as QuickBooks keeps it, a transfer from the bank account to the card."""
    owed = company.cash.get("card", 0)
    if owed <= 0:
        return
    accounts = company.chart.accounts
    top_up(company, owed)
    company.desk.create(
        "Transfer", doc.transfer(company.day, accounts["checking"], accounts["card"], owed, "Card payoff")
    )
    company.move("checking", -owed)
    company.move("card", -owed)


def _place_surplus(company: Company) -> None:
    """Cash beyond what the business needs repays the line of credit, then goes to savings or to the owner."""
    revenue_cents = company.profile.revenue * company.level() // 10
    if company.profile.habit == "starved" or company.cash["checking"] <= revenue_cents * SURPLUS_ABOVE_PERMILLE // 1000:
        return
    accounts, day = company.chart.accounts, company.day
    surplus = company.cash["checking"] - revenue_cents * SURPLUS_DOWN_TO_PERMILLE // 1000
    repaid = min(surplus, company.cash.get("credit_line", 0))
    if repaid:
        spend(company, repaid, "credit_line", "Line of credit repaid")
        company.move("credit_line", -repaid)
    rest = (surplus - repaid) // 100_000 * 100_000
    if rest and company.profile.savings:
        company.desk.create(
            "Transfer", doc.transfer(day, accounts["checking"], accounts["savings"], rest, "To reserve")
        )
        company.move("checking", -rest)
        company.move("savings", rest)
    elif rest:
        spend(company, rest, "owner_draws", "Owner's draw")
