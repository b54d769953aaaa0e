"""The reports served, all from the double entry of the books: agings and their details, balance sheet, profit and loss,
trial balance."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from interlock_sandbox.books import Books, BooksFault
from interlock_sandbox.books.record import Record
from interlock_sandbox.books.wire import ENCODER
from interlock_sandbox.qbo.aging import aged
from interlock_sandbox.qbo.aging_detail import aged_detail
from interlock_sandbox.qbo.report_forms import cut_short, in_french
from interlock_sandbox.qbo.table import Row, amount, column, data_row, report_day, section, summary_row, table
from interlock_sandbox.quirks import Quirks

Params = Mapping[str, str]
Totals = dict[str, int]

_CURRENT_ASSETS = (
    ("Bank Accounts", "BankAccounts", "Bank"),
    ("Accounts Receivable", "AR", "Accounts Receivable"),
    ("Other Current Assets", "OtherCurrentAssets", "Other Current Asset"),
)
_CURRENT_LIABILITIES = (
    ("Accounts Payable", "AP", "Accounts Payable"),
    ("Credit Cards", "CreditCards", "Credit Card"),
    ("Other Current Liabilities", "OtherCurrentLiabilities", "Other Current Liability"),
)
_INCOME_TYPES = frozenset({"Income", "Other Income", "Expense", "Other Expense", "Cost of Goods Sold"})


def report(books: Books, name: str, params: Params, now: datetime, quirks: Quirks) -> bytes:
    """A report by QuickBooks' name, as JSON bytes without envelope."""
    if params.get("accounting_method", "Accrual").lower() != "accrual":
        raise BooksFault("500", "Unsupported Operation", "Operation cash basis report is not supported.")
    made = _REPORTS.get(name.lower())
    if made is None:
        raise BooksFault("500", "Unsupported Operation", f"Operation report {name} is not supported.")
    finished = made(books, params, now)
    if quirks.cuts_report():
        finished = cut_short(finished)
    return ENCODER.encode(in_french(finished) if quirks.language == "fr" else finished)


def _aged_payables(books: Books, params: Params, now: datetime) -> Row:
    return aged(books, "AP", params, now)


def _aged_receivables(books: Books, params: Params, now: datetime) -> Row:
    return aged(books, "AR", params, now)


def _payables_in_detail(books: Books, params: Params, now: datetime) -> Row:
    return aged_detail(books, "AP", params, now)


def _receivables_in_detail(books: Books, params: Params, now: datetime) -> Row:
    return aged_detail(books, "AR", params, now)


def _balance_sheet(books: Books, params: Params, now: datetime) -> Row:
    """Assets, and liabilities with equity; income before this year sits in retained earnings."""
    day = report_day(params.get("end_date") or params.get("report_date"), now)
    year = date(day.year, 1, 1).isoformat()
    ends = day.isoformat()
    totals = books.ledger.totals_between(lambda dated: dated <= ends)
    this_year = books.ledger.totals_between(lambda dated: year <= dated <= ends)
    income = -_sum(books, this_year, _INCOME_TYPES)
    earlier = -_sum(books, totals, _INCOME_TYPES) - income
    sheet = _Sheet(books, totals)
    current = sheet.group("Current Assets", "CurrentAssets", _CURRENT_ASSETS, 1)
    fixed = sheet.accounts("Fixed Assets", "FixedAssets", "Fixed Asset", 1)
    other = sheet.accounts("Other Assets", "OtherAssets", "Other Asset", 1)
    assets = sheet.over("TOTAL ASSETS", "TotalAssets", [current, fixed, other], summary="TOTAL ASSETS", title="ASSETS")
    owed_soon = sheet.group("Current Liabilities", "CurrentLiabilities", _CURRENT_LIABILITIES, -1)
    owed_later = sheet.accounts("Long-Term Liabilities", "LongTermLiabilities", "Long Term Liability", -1)
    liabilities = sheet.over("Liabilities", "Liabilities", [owed_soon, owed_later])
    equity = sheet.equity(earlier, income)
    both = sheet.over(
        "LIABILITIES AND EQUITY", "TotalLiabilitiesAndEquity", [liabilities, equity],
        summary="TOTAL LIABILITIES AND EQUITY",
    )  # fmt: skip
    rows = [part[0] for part in (assets, both) if part is not None]
    columns = [column("", "Account", "account"), column("Total", "Money", "total")]
    options = {"AccountingStandard": "GAAP"}
    return table("BalanceSheet", now, (year, ends), books.home_currency, columns, rows, options, basis="Accrual")


def _profit_and_loss(books: Books, params: Params, now: datetime) -> Row:
    """Income, cost of goods sold, expenses, and what is left, over a period (this year to date without dates)."""
    end = report_day(params.get("end_date"), now)
    start = report_day(params.get("start_date") or date(end.year, 1, 1).isoformat(), now)
    totals = books.ledger.totals_between(lambda dated: start.isoformat() <= dated <= end.isoformat())
    sheet = _Sheet(books, totals)
    income = sheet.accounts("Income", "Income", "Income", -1)
    goods = sheet.accounts("Cost of Goods Sold", "COGS", "Cost of Goods Sold", 1)
    expenses = sheet.accounts("Expenses", "Expenses", "Expense", 1)
    more_income = sheet.accounts("Other Income", "OtherIncome", "Other Income", -1)
    more_expenses = sheet.accounts("Other Expenses", "OtherExpenses", "Other Expense", 1)
    gross = _worth(income) - _worth(goods)
    operating = gross - _worth(expenses)
    other = _worth(more_income) - _worth(more_expenses)
    rows: list[Row] = []
    for part, title, value, group in (
        (goods, "Gross Profit", gross, "GrossProfit"),
        (expenses, "Net Operating Income", operating, "NetOperatingIncome"),
        (more_expenses, "Net Income", operating + other, "NetIncome"),
    ):
        before = {"GrossProfit": income, "NetIncome": more_income}.get(group)
        rows.extend(each[0] for each in (before, part) if each is not None)
        rows.append(summary_row(title, [amount(value, blank_zero=False)], group))
    columns = [column("", "Account", "account"), column("Total", "Money", "total")]
    period = (start.isoformat(), end.isoformat())
    options = {"AccountingStandard": "GAAP"}
    return table("ProfitAndLoss", now, period, books.home_currency, columns, rows, options, basis="Accrual")


def _trial_balance(books: Books, params: Params, now: datetime) -> Row:
    """Every account's total as a debit or a credit; the two columns are equal."""
    day = report_day(params.get("end_date"), now).isoformat()
    totals = books.ledger.totals_between(lambda dated: dated <= day)
    rows: list[Row] = []
    debits = credits_ = 0
    for record in books.records("Account").values():
        cents = totals.get(record.id, 0)
        if cents:
            debits, credits_ = debits + max(cents, 0), credits_ - min(cents, 0)
            cells = [amount(max(cents, 0)), amount(-min(cents, 0))]
            rows.append(data_row(str(record.body["FullyQualifiedName"]), record.id, cells))
    if rows:
        rows.append(
            summary_row("TOTAL", [amount(debits, blank_zero=False), amount(credits_, blank_zero=False)], "GrandTotal")
        )
    columns = [column("", "Account", "account"), column("Debit", "Money", "debit"), column("Credit", "Money", "credit")]
    return table("TrialBalance", now, (day, day), books.home_currency, columns, rows, {}, basis="Accrual")


_REPORTS: dict[str, Callable[[Books, Params, datetime], Row]] = {
    "agedpayables": _aged_payables,
    "agedreceivables": _aged_receivables,
    "agedpayabledetail": _payables_in_detail,
    "agedreceivabledetail": _receivables_in_detail,
    "balancesheet": _balance_sheet,
    "profitandloss": _profit_and_loss,
    "trialbalance": _trial_balance,
}

Part = tuple[Row, int]


class _Sheet:
    """Sections over account totals; ``sign`` turns debit-positive cents into what the section shows."""

    def __init__(self, books: Books, totals: Totals) -> None:
        self.books = books
        self.totals = totals

    def accounts(self, title: str, group: str, account_type: str, sign: int) -> Part | None:
        """One section of the accounts of a type, sub-accounts below their parents; ``None`` when nothing is there."""
        rows: list[Row] = []
        worth = 0
        for record in sorted(self.books.records("Account").values(), key=lambda each: str(each.body["Name"])):
            if record.body["AccountType"] == account_type and "ParentRef" not in record.body:
                made = self._account(record, sign)
                if made is not None:
                    rows.append(made[0])
                    worth += made[1]
        return (section(title, rows, [amount(worth, blank_zero=False)], group=group), worth) if rows else None

    def group(self, title: str, group: str, parts: tuple[tuple[str, str, str], ...], sign: int) -> Part | None:
        return self.over(title, group, [self.accounts(*part, sign) for part in parts])

    def over(
        self, name: str, group: str, parts: list[Part | None], *, summary: str | None = None, title: str | None = None
    ) -> Part | None:
        """A section over sections."""
        there = [part for part in parts if part is not None]
        if not there:
            return None
        worth = sum(part[1] for part in there)
        rows = [part[0] for part in there]
        return section(title or name, rows, [amount(worth, blank_zero=False)], group=group, summary=summary), worth

    def equity(self, earlier: int, income: int) -> Part:
        """Equity accounts, retained earnings of earlier years (with the account of that name), and this year's income."""
        kept = self.accounts("Equity", "Equity", "Equity", -1)
        rows: list[Row] = kept[0]["Rows"]["Row"] if kept is not None else []
        worth = (kept[1] if kept is not None else 0) + earlier + income
        if earlier:
            rows.append(data_row("Retained Earnings", None, [amount(earlier)]))
        rows.append(data_row("Net Income", None, [amount(income, blank_zero=False)]))
        rows[-1]["group"] = "NetIncome"
        return section("Equity", rows, [amount(worth, blank_zero=False)], group="Equity"), worth

    def _account(self, record: Record, sign: int) -> Part | None:
        own = self.totals.get(record.id, 0) * sign
        below = [
            made
            for child in self.books.children(record)
            if (made := self._account(self.books.records("Account")[child], sign)) is not None
        ]
        name = str(record.body["Name"])
        if not below:
            return (data_row(name, record.id, [amount(own)]), own) if own else None
        worth = own + sum(part[1] for part in below)
        rows = [part[0] for part in below]
        return section(name, rows, [amount(worth, blank_zero=False)], own=[amount(own)], ref_id=record.id), worth


def _worth(part: Part | None) -> int:
    return part[1] if part is not None else 0


def _sum(books: Books, totals: Totals, types: frozenset[str]) -> int:
    accounts = books.records("Account")
    return sum(cents for account, cents in totals.items() if accounts[account].body["AccountType"] in types)
