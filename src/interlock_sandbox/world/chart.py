"""A company's fixed furniture: chart of accounts, terms of payment, payment methods, items, preferences.

Names and types follow what a US QuickBooks Online company shows (qbo.md §10).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .desk import Desk
from .names import SERVICES
from .profiles import Profile
from .workdays import PaymentTerms

CURRENCY_NAMES = {"USD": "United States Dollar", "EUR": "Euro", "GBP": "British Pound Sterling"}

# key: (name, account type, account sub-type)
ACCOUNTS: dict[str, tuple[str, str, str]] = {
    "checking": ("Operating Checking", "Bank", "Checking"),
    "undeposited": ("Undeposited Funds", "Other Current Asset", "UndepositedFunds"),
    "receivable": ("Accounts Receivable (A/R)", "Accounts Receivable", "AccountsReceivable"),
    "payable": ("Accounts Payable (A/P)", "Accounts Payable", "AccountsPayable"),
    "card": ("Business Card", "Credit Card", "CreditCard"),
    "payroll_liabilities": ("Payroll Liabilities", "Other Current Liability", "PayrollTaxPayable"),
    "credit_line": ("Line of Credit", "Other Current Liability", "LineOfCredit"),
    "opening_equity": ("Opening Balance Equity", "Equity", "OpeningBalanceEquity"),
    "owner_equity": ("Owner's Equity", "Equity", "OwnersEquity"),
    "owner_draws": ("Owner's Draws", "Equity", "PartnerDistributions"),
    "retained": ("Retained Earnings", "Equity", "RetainedEarnings"),
    "sales": ("Sales", "Income", "ServiceFeeIncome"),
    "retail": ("Counter Sales", "Income", "SalesOfProductIncome"),
    "materials": ("Materials and Supplies", "Cost of Goods Sold", "SuppliesMaterialsCogs"),
    "freight": ("Freight and Delivery", "Cost of Goods Sold", "ShippingFreightDeliveryCos"),
    "rent": ("Rent or Lease", "Expense", "RentOrLeaseOfBuildings"),
    "utilities": ("Utilities", "Expense", "Utilities"),
    "telephone": ("Telephone and Internet", "Expense", "Utilities"),
    "wages": ("Payroll Wages", "Expense", "PayrollExpenses"),
    "payroll_tax": ("Payroll Taxes", "Expense", "PayrollExpenses"),
    "software": ("Software and Subscriptions", "Expense", "DuesSubscriptions"),
    "insurance": ("Insurance", "Expense", "Insurance"),
    "professional": ("Accounting and Legal", "Expense", "LegalProfessionalFees"),
    "repairs": ("Repairs and Maintenance", "Expense", "RepairMaintenance"),
    "office": ("Office Supplies", "Expense", "OfficeGeneralAdministrativeExpenses"),
    "travel": ("Travel and Meals", "Expense", "Travel"),
    "bank_fees": ("Bank and Card Fees", "Expense", "BankCharges"),
    "uncategorized": ("Uncategorized Expense", "Expense", "OtherMiscellaneousServiceCost"),
    "ask": ("Ask My Accountant", "Expense", "OtherMiscellaneousServiceCost"),
}

TERMS: dict[str, PaymentTerms] = {
    "receipt": PaymentTerms("Due on receipt"),
    "net15": PaymentTerms("Net 15", due_days=15),
    "net30": PaymentTerms("Net 30", due_days=30),
    "prompt2": PaymentTerms("2/10 Net 30", due_days=30, discount_days=10, discount_percent=2),
    "tenth": PaymentTerms("Due on the 10th", day_of_month=10, next_month_days=10),
}

METHODS = {"check": ("Check", "NON_CREDIT_CARD"), "cash": ("Cash", "NON_CREDIT_CARD"), "card": ("Visa", "CREDIT_CARD")}


@dataclass(slots=True)
class Chart:
    """Ids of the furniture, by the keys used here. `books_closed` is the text of the last closing date written."""

    accounts: dict[str, str] = field(default_factory=dict)
    terms: dict[str, str] = field(default_factory=dict)
    methods: dict[str, str] = field(default_factory=dict)
    items: dict[str, str] = field(default_factory=dict)
    books_closed: str = ""


def accounts_for(profile: Profile) -> dict[str, tuple[str, str, str, str]]:
    """The accounts of a company of this character: key to (name, type, sub-type, currency)."""
    chosen = {key: (*spec, "USD") for key, spec in ACCOUNTS.items()}
    if profile.savings:
        chosen["savings"] = ("Reserve Savings", "Bank", "Savings", "USD")
    if profile.sales_tax:
        chosen["sales_tax"] = ("Sales Tax Payable", "Other Current Liability", "SalesTaxPayable", "USD")
    if profile.currency:
        suffix = f" - {profile.currency}"
        chosen["receivable_foreign"] = (
            ACCOUNTS["receivable"][0] + suffix, "Accounts Receivable", "AccountsReceivable", profile.currency,
        )  # fmt: skip
        chosen["payable_foreign"] = (
            ACCOUNTS["payable"][0] + suffix, "Accounts Payable", "AccountsPayable", profile.currency,
        )  # fmt: skip
        chosen["exchange"] = ("Exchange Gain or Loss", "Other Expense", "ExchangeGainOrLoss", "USD")
    return chosen


def furnish(desk: Desk, profile: Profile) -> Chart:
    """Write the furniture into empty books and return the ids."""
    chart = Chart()
    for key, (name, kind, sub_kind, currency) in accounts_for(profile).items():
        body = {"Name": name, "AccountType": kind, "AccountSubType": sub_kind, "CurrencyRef": currency_ref(currency)}
        chart.accounts[key] = desk.create("Account", body)
    for key, terms in TERMS.items():
        chart.terms[key] = desk.create("Term", _term_body(terms))
    for key, (name, kind) in METHODS.items():
        chart.methods[key] = desk.create("PaymentMethod", {"Name": name, "Type": kind})
    service = {"Name": SERVICES[profile.trade], "Type": "Service"}
    chart.items["service"] = desk.create("Item", service | {"IncomeAccountRef": {"value": chart.accounts["sales"]}})
    counter = {"Name": "Counter sale", "Type": "Service"}
    chart.items["retail"] = desk.create("Item", counter | {"IncomeAccountRef": {"value": chart.accounts["retail"]}})
    goods = {"Name": "Goods for the workshop", "Type": "NonInventory"}
    chart.items["materials"] = desk.create(
        "Item", goods | {"ExpenseAccountRef": {"value": chart.accounts["materials"]}, "UnitPrice": 0}
    )
    return chart


def currency_ref(code: str) -> dict[str, str]:
    return {"value": code, "name": CURRENCY_NAMES[code]}


def _term_body(terms: PaymentTerms) -> dict[str, object]:
    if terms.day_of_month:
        return {
            "Name": terms.name,
            "Type": "DATE_DRIVEN",
            "DayOfMonthDue": terms.day_of_month,
            "DueNextMonthDays": terms.next_month_days,
        }
    return {
        "Name": terms.name,
        "Type": "STANDARD",
        "DueDays": terms.due_days,
        "DiscountDays": terms.discount_days,
        "DiscountPercent": terms.discount_percent,
    }
