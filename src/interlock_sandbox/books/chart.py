"""The chart of accounts: what each account type is, and the accounts QuickBooks opens by itself."""

from __future__ import annotations

from typing import NamedTuple


class AccountKind(NamedTuple):
    """Classification, the sub-type given when none is sent, and the sign its balance is shown with."""

    classification: str
    default_subtype: str
    shown_as: int


# Recorded wire: A/P −1602.67 and loans negative while owed, cards and equity positive (qbo.md §10).
KINDS: dict[str, AccountKind] = {
    "Bank": AccountKind("Asset", "Checking", 1),
    "Accounts Receivable": AccountKind("Asset", "AccountsReceivable", 1),
    "Other Current Asset": AccountKind("Asset", "OtherCurrentAssets", 1),
    "Fixed Asset": AccountKind("Asset", "FurnitureAndFixtures", 1),
    "Other Asset": AccountKind("Asset", "OtherLongTermAssets", 1),
    "Accounts Payable": AccountKind("Liability", "AccountsPayable", 1),
    "Credit Card": AccountKind("Liability", "CreditCard", -1),
    "Other Current Liability": AccountKind("Liability", "OtherCurrentLiabilities", 1),
    "Long Term Liability": AccountKind("Liability", "NotesPayable", 1),
    "Equity": AccountKind("Equity", "OwnersEquity", -1),
    "Income": AccountKind("Revenue", "SalesOfProductIncome", 0),
    "Other Income": AccountKind("Revenue", "OtherMiscellaneousIncome", 0),
    "Expense": AccountKind("Expense", "OfficeGeneralAdministrativeExpenses", 0),
    "Other Expense": AccountKind("Expense", "OtherMiscellaneousExpense", 0),
    "Cost of Goods Sold": AccountKind("Expense", "SuppliesMaterialsCogs", 0),
}

# Opened when first needed: name, type, sub-type.
STANDARD: dict[str, tuple[str, str, str]] = {
    "receivable": ("Accounts Receivable (A/R)", "Accounts Receivable", "AccountsReceivable"),
    "payable": ("Accounts Payable (A/P)", "Accounts Payable", "AccountsPayable"),
    "undeposited": ("Undeposited Funds", "Other Current Asset", "UndepositedFunds"),
    "sales_tax": ("Sales Tax Payable", "Other Current Liability", "SalesTaxPayable"),
    "discounts": ("Discounts given", "Income", "DiscountsRefundsGiven"),
    "sales": ("Sales of Product Income", "Income", "SalesOfProductIncome"),
    "purchases": ("Purchases", "Expense", "SuppliesMaterials"),
    "exchange": ("Exchange Gain or Loss", "Other Expense", "ExchangeGainOrLoss"),
}
