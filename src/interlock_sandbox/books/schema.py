"""What each entity is called, numbered and made of (field lists: Intuit's XSD; filterable flags: qbo.md §3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from interlock_sandbox.books.fields import known

Kind = Literal["id", "string", "number", "boolean", "date", "datetime", "ref"]
Shelf = Literal["list", "transaction", "single"]

_TXN_FILTERS = "DocNumber:string TxnDate:date TotalAmt:number "


@dataclass(frozen=True, slots=True)
class EntitySpec:
    """One entity: its id sequence, its shelf, the properties it knows and those a query may name."""

    name: str
    sequence: str
    shelf: Shelf
    known: frozenset[str]
    filters: dict[str, Kind]
    order: str = ""

    @property
    def voidable(self) -> bool:
        """Whether QuickBooks documents a void for it (qbo.md §9)."""
        return self.name in {"Invoice", "Payment", "SalesReceipt", "BillPayment"}


def _spec(name: str, sequence: str, shelf: Shelf, filters: str, order: str = "") -> EntitySpec:
    kinds: dict[str, Kind] = {"Id": "id", "MetaData.CreateTime": "datetime", "MetaData.LastUpdatedTime": "datetime"}
    for pair in filters.split():
        field, _, kind = pair.partition(":")
        kinds[field] = kind  # type: ignore[assignment]
    return EntitySpec(name, sequence, shelf, known(name), kinds, order)


_SPECS = [
    _spec(
        "CompanyInfo",
        "company",
        "single",
        "CompanyName:string",
    ),
    _spec(
        "Preferences",
        "preferences",
        "single",
        "",
    ),
    _spec(
        "Account",
        "account",
        "list",
        "Name:string Active:boolean Classification:string AccountType:string AccountSubType:string "
        "FullyQualifiedName:string SubAccount:boolean CurrentBalance:number AcctNum:string Description:string",
        "FullyQualifiedName",
    ),
    _spec(
        "Vendor",
        "name",
        "list",
        "DisplayName:string Active:boolean Balance:number GivenName:string FamilyName:string MiddleName:string "
        "CompanyName:string PrintOnCheckName:string Suffix:string Title:string Vendor1099:boolean",
        "DisplayName",
    ),
    _spec(
        "Customer",
        "name",
        "list",
        "DisplayName:string FullyQualifiedName:string Active:boolean Balance:number BalanceWithJobs:number "
        "GivenName:string FamilyName:string MiddleName:string CompanyName:string PrintOnCheckName:string "
        "Job:boolean Taxable:boolean ParentRef:ref",
        "FullyQualifiedName",
    ),
    _spec(
        "Employee",
        "name",
        "list",
        "DisplayName:string Active:boolean GivenName:string FamilyName:string MiddleName:string "
        "PrintOnCheckName:string HiredDate:date",
        "DisplayName",
    ),
    _spec(
        "Term",
        "term",
        "list",
        "Name:string Active:boolean Type:string",
        "Name",
    ),
    _spec("PaymentMethod", "paymentmethod", "list", "Name:string Active:boolean Type:string", "Name"),
    _spec(
        "Item",
        "item",
        "list",
        "Name:string Active:boolean Type:string Sku:string FullyQualifiedName:string UnitPrice:number",
        "FullyQualifiedName",
    ),
    _spec(
        "Bill",
        "txn",
        "transaction",
        _TXN_FILTERS + "VendorRef:ref DueDate:date APAccountRef:ref SalesTermRef:ref Balance:number",
    ),
    _spec(
        "BillPayment",
        "txn",
        "transaction",
        _TXN_FILTERS + "VendorRef:ref",
    ),
    _spec("VendorCredit", "txn", "transaction", _TXN_FILTERS + "VendorRef:ref"),
    _spec(
        "PurchaseOrder",
        "txn",
        "transaction",
        _TXN_FILTERS + "VendorRef:ref",
    ),
    _spec(
        "Invoice",
        "txn",
        "transaction",
        _TXN_FILTERS + "CustomerRef:ref DueDate:date SalesTermRef:ref Balance:number",
    ),
    _spec(
        "Payment",
        "txn",
        "transaction",
        "TxnDate:date TotalAmt:number CustomerRef:ref PaymentMethodRef:ref PaymentRefNum:string",
    ),
    _spec("CreditMemo", "txn", "transaction", _TXN_FILTERS + "CustomerRef:ref Balance:number"),
    _spec(
        "SalesReceipt",
        "txn",
        "transaction",
        _TXN_FILTERS + "CustomerRef:ref DepositToAccountRef:ref PaymentMethodRef:ref Balance:number",
    ),
    _spec(
        "RefundReceipt", "txn", "transaction", _TXN_FILTERS + "CustomerRef:ref DepositToAccountRef:ref Balance:number"
    ),
    _spec(
        "Estimate",
        "txn",
        "transaction",
        _TXN_FILTERS + "CustomerRef:ref TxnStatus:string ExpirationDate:date DueDate:date",
    ),
    _spec("Deposit", "txn", "transaction", _TXN_FILTERS + "DepositToAccountRef:ref"),
    _spec(
        "Purchase",
        "txn",
        "transaction",
        _TXN_FILTERS + "PaymentType:string Credit:boolean",
    ),
    _spec("Transfer", "txn", "transaction", "TxnDate:date Amount:number"),
    _spec("JournalEntry", "txn", "transaction", "DocNumber:string TxnDate:date"),
]

SPECS: dict[str, EntitySpec] = {spec.name: spec for spec in _SPECS}
BY_LOWER: dict[str, str] = {spec.name.lower(): spec.name for spec in _SPECS}

# What a reference property points at; a name follows the reference only where QuickBooks writes one.
REFERENCES: dict[str, str] = {
    "VendorRef": "Vendor", "PrefVendorRef": "Vendor", "CustomerRef": "Customer", "ItemRef": "Item",
    "AccountRef": "Account", "APAccountRef": "Account", "ARAccountRef": "Account", "BankAccountRef": "Account",
    "CCAccountRef": "Account", "DepositToAccountRef": "Account", "FromAccountRef": "Account",
    "ToAccountRef": "Account", "IncomeAccountRef": "Account", "ExpenseAccountRef": "Account",
    "AssetAccountRef": "Account", "DiscountAccountRef": "Account", "PaymentMethodRef": "PaymentMethod",
    "SalesTermRef": "Term", "TermRef": "Term",
}  # fmt: skip
UNNAMED_REFERENCES = frozenset({"SalesTermRef", "TermRef"})
FAMILY_WORD = {
    "Vendor": "Names", "Customer": "Names", "Employee": "Names", "Account": "Accounts", "Item": "Items",
    "Term": "Terms", "PaymentMethod": "PaymentMethods",
}  # fmt: skip
MONEY_FIELDS = frozenset(
    {"Amount", "TotalAmt", "TotalTax", "Deposit", "TaxAmount", "NetAmountTaxable", "CreditLimit", "PurchaseCost"}
)
TEXT_FIELDS = frozenset(
    {
        "TxnDate", "DueDate", "DocNumber", "Name", "DisplayName", "CompanyName", "GivenName", "FamilyName", "AccountType",
        "AccountSubType", "DetailType", "TxnType", "PostingType", "PayType", "PaymentType", "PrivateNote", "Description",
        "PrintOnCheckName", "POStatus", "TxnStatus", "PaymentRefNum", "Type", "type",
    }
)  # fmt: skip
NUMBER_FIELDS = frozenset(
    {
        "UnitPrice", "Qty", "ExchangeRate", "DiscountPercent", "TaxPercent", "BillRate", "CostRate", "QtyOnHand",
        "DueDays", "DayOfMonthDue", "DueNextMonthDays", "DiscountDays",
    }
)  # fmt: skip
# Sent back by clients that post what they read; the books work these out themselves.
DERIVED_FIELDS = frozenset(
    {
        "Id", "SyncToken", "MetaData", "domain", "sparse", "status", "Balance", "HomeBalance", "HomeTotalAmt",
        "UnappliedAmt", "RemainingCredit", "CurrentBalance", "CurrentBalanceWithSubAccounts", "BalanceWithJobs",
        "Classification", "FullyQualifiedName", "LineEx", "PurchaseEx", "InvoiceEx", "V4IDPseudonym", "OverDueBalance",
    }
)  # fmt: skip
