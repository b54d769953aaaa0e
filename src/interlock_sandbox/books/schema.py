"""What each entity is called, numbered and made of (field lists: Intuit's XSD; filterable flags: qbo.md §3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["id", "string", "number", "boolean", "date", "datetime", "ref"]
Shelf = Literal["list", "transaction", "single"]

_ENTITY = "Id SyncToken MetaData CustomField AttachableRef domain status sparse "
_NAMED = _ENTITY + (
    "IntuitId Organization Title GivenName MiddleName FamilyName Suffix FullyQualifiedName CompanyName DisplayName "
    "PrintOnCheckName UserId Active V4IDPseudonym PrimaryPhone AlternatePhone Mobile Fax PrimaryEmailAddr WebAddr "
    "OtherContactInfo DefaultTaxCodeRef "
)
_TXN = _ENTITY + (
    "DocNumber TxnDate TxnSubType DepartmentRef CurrencyRef ExchangeRate PrivateNote TxnStatus LinkedTxn Line "
    "TxnTaxDetail TxnSource TaxFormType TaxFormNum TransactionLocationType Tag TxnApprovalInfo RecurDataRef "
    "RecurringInfo ProjectRef TotalCostAmount HomeTotalCostAmount "
)
_SALES = _TXN + (
    "AutoDocNumber CustomerRef CustomerMemo BillAddr ShipAddr FreeFormAddress ShipFromAddr RemitToRef ClassRef "
    "SalesTermRef DueDate SalesRepRef PONumber FOB ShipMethodRef ShipDate TrackingNum GlobalTaxCalculation TotalAmt "
    "HomeTotalAmt ApplyTaxAfterDiscount ShippingTaxIncludedInTotalTax TemplateRef PrintStatus EmailStatus BillEmail "
    "BillEmailCc BillEmailBcc ARAccountRef Balance HomeBalance FinanceCharge PaymentMethodRef PaymentRefNum "
    "PaymentType CheckPayment CreditCardPayment DepositToAccountRef DeliveryInfo DiscountRate DiscountAmt "
)
_BUYING = _TXN + "VendorRef APAccountRef TotalAmt BillEmail ReplyEmail Memo GlobalTaxCalculation "

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


def _spec(name: str, sequence: str, shelf: Shelf, known: str, filters: str, order: str = "") -> EntitySpec:
    kinds: dict[str, Kind] = {"Id": "id", "MetaData.CreateTime": "datetime", "MetaData.LastUpdatedTime": "datetime"}
    for pair in filters.split():
        field, _, kind = pair.partition(":")
        kinds[field] = kind  # type: ignore[assignment]
    return EntitySpec(name, sequence, shelf, frozenset(known.split()), kinds, order)


_SPECS = [
    _spec(
        "CompanyInfo", "company", "single",
        _ENTITY + "CompanyName LegalName CompanyAddr CustomerCommunicationAddr LegalAddr CompanyEmailAddr "
        "CustomerCommunicationEmailAddr CompanyURL PrimaryPhone CompanyStartDate EmployerId FiscalYearStartMonth "
        "TaxYearStartMonth Country Email WebAddr SupportedLanguages DefaultTimeZone NameValue",
        "CompanyName:string",
    ),
    _spec(
        "Preferences", "preferences", "single",
        _ENTITY + "AccountingInfoPrefs ProductAndServicesPrefs SalesFormsPrefs EmailMessagesPrefs "
        "PrintDocumentPrefs VendorAndPurchasesPrefs TimeTrackingPrefs TaxPrefs FinanceChargesPrefs CurrencyPrefs "
        "ReportPrefs OtherPrefs",
        "",
    ),
    _spec(
        "Account", "account", "list",
        _ENTITY + "Name SubAccount ParentRef Description FullyQualifiedName AccountAlias Active Classification "
        "AccountType AccountSubType AcctNum CurrentBalance CurrentBalanceWithSubAccounts CurrencyRef TaxCodeRef "
        "OnlineBankingEnabled FIName BankNum",
        "Name:string Active:boolean Classification:string AccountType:string AccountSubType:string "
        "FullyQualifiedName:string SubAccount:boolean CurrentBalance:number AcctNum:string Description:string",
        "FullyQualifiedName",
    ),
    _spec(
        "Vendor", "name", "list",
        _NAMED + "ContactName Notes BillAddr ShipAddr OtherAddr TaxIdentifier BusinessNumber ParentRef "
        "VendorTypeRef TermRef Balance BillRate OpenBalanceDate CreditLimit AcctNum Vendor1099 CurrencyRef "
        "APAccountRef VendorPaymentBankDetail Source CostRate",
        "DisplayName:string Active:boolean Balance:number GivenName:string FamilyName:string MiddleName:string "
        "CompanyName:string PrintOnCheckName:string Suffix:string Title:string Vendor1099:boolean",
        "DisplayName",
    ),
    _spec(
        "Customer", "name", "list",
        _NAMED + "Taxable BillAddr ShipAddr OtherAddr ContactName Notes Job BillWithParent RootCustomerRef ParentRef "
        "Level CustomerTypeRef SalesTermRef PaymentMethodRef Balance OpenBalanceDate BalanceWithJobs CreditLimit "
        "AcctNum CurrencyRef OverDueBalance PreferredDeliveryMethod ResaleNum ARAccountRef IsProject ClientEntityId "
        "BusinessNumber Source TaxExemptionReasonId",
        "DisplayName:string FullyQualifiedName:string Active:boolean Balance:number BalanceWithJobs:number "
        "GivenName:string FamilyName:string MiddleName:string CompanyName:string PrintOnCheckName:string "
        "Job:boolean Taxable:boolean ParentRef:ref",
        "FullyQualifiedName",
    ),
    _spec(
        "Employee", "name", "list",
        _NAMED + "EmployeeType EmployeeNumber SSN PrimaryAddr BillableTime BillRate BirthDate Gender HiredDate "
        "ReleasedDate CostRate",
        "DisplayName:string Active:boolean GivenName:string FamilyName:string MiddleName:string "
        "PrintOnCheckName:string HiredDate:date",
        "DisplayName",
    ),
    _spec(
        "Term", "term", "list",
        _ENTITY + "Name Active Type DiscountPercent DueDays DiscountDays DayOfMonthDue DueNextMonthDays "
        "DiscountDayOfMonth",
        "Name:string Active:boolean Type:string", "Name",
    ),
    _spec("PaymentMethod", "paymentmethod", "list", _ENTITY + "Name Active Type",
          "Name:string Active:boolean Type:string", "Name"),
    _spec(
        "Item", "item", "list",
        _ENTITY + "Name Sku Description Active SubItem ParentRef Level FullyQualifiedName Taxable SalesTaxIncluded "
        "UnitPrice RatePercent Type IncomeAccountRef PurchaseDesc PurchaseTaxIncluded PurchaseCost ExpenseAccountRef "
        "AssetAccountRef PrefVendorRef AvgCost TrackQtyOnHand QtyOnHand ReorderPoint SalesTaxCodeRef "
        "PurchaseTaxCodeRef InvStartDate ClassRef Source",
        "Name:string Active:boolean Type:string Sku:string FullyQualifiedName:string UnitPrice:number", "FullyQualifiedName",
    ),
    _spec(
        "Bill", "txn", "transaction",
        _BUYING + "PayerRef SalesTermRef DueDate RemitToAddr ShipAddr VendorAddr Balance HomeBalance LessCIS "
        "IncludeInAnnualTPAR",
        _TXN_FILTERS + "VendorRef:ref DueDate:date APAccountRef:ref SalesTermRef:ref Balance:number",
    ),
    _spec(
        "BillPayment", "txn", "transaction",
        _TXN + "VendorRef VendorAddr APAccountRef PayType CheckPayment CreditCardPayment TotalAmt ProcessBillPayment",
        _TXN_FILTERS + "VendorRef:ref",
    ),
    _spec("VendorCredit", "txn", "transaction", _BUYING + "VendorAddr Balance HomeBalance IncludeInAnnualTPAR",
          _TXN_FILTERS + "VendorRef:ref"),
    _spec(
        "PurchaseOrder", "txn", "transaction",
        _BUYING + "TaxCodeRef ClassRef SalesTermRef DueDate ExpectedDate VendorAddr ShipTo ShipAddr ShipMethodRef FOB "
        "POEmail TemplateRef PrintStatus EmailStatus ManuallyClosed POStatus",
        _TXN_FILTERS + "VendorRef:ref",
    ),
    _spec(
        "Invoice", "txn", "transaction",
        _SALES + "Deposit AllowIPNPayment AllowOnlinePayment AllowOnlineCreditCardPayment AllowOnlineACHPayment "
        "AllowOnlinePayPalPayment AllowOnlineAffirmPayment InvoiceLink InvoiceEx LessCIS PaymentDetailsMessage",
        _TXN_FILTERS + "CustomerRef:ref DueDate:date SalesTermRef:ref Balance:number",
    ),
    _spec(
        "Payment", "txn", "transaction",
        _TXN + "CustomerRef RemitToRef ARAccountRef DepositToAccountRef PaymentMethodRef PaymentRefNum PaymentType "
        "CheckPayment CreditCardPayment TotalAmt UnappliedAmt ProcessPayment",
        "TxnDate:date TotalAmt:number CustomerRef:ref PaymentMethodRef:ref PaymentRefNum:string",
    ),
    _spec("CreditMemo", "txn", "transaction", _SALES + "RemainingCredit InvoiceRef",
          _TXN_FILTERS + "CustomerRef:ref Balance:number"),
    _spec("SalesReceipt", "txn", "transaction", _SALES + "LessCIS",
          _TXN_FILTERS + "CustomerRef:ref DepositToAccountRef:ref PaymentMethodRef:ref Balance:number"),
    _spec("RefundReceipt", "txn", "transaction", _SALES + "RemainingCredit",
          _TXN_FILTERS + "CustomerRef:ref DepositToAccountRef:ref Balance:number"),
    _spec("Estimate", "txn", "transaction", _SALES + "ExpirationDate AcceptedBy AcceptedDate",
          _TXN_FILTERS + "CustomerRef:ref TxnStatus:string ExpirationDate:date DueDate:date"),
    _spec("Deposit", "txn", "transaction", _TXN + "DepositToAccountRef CashBack GlobalTaxCalculation TotalAmt "
          "HomeTotalAmt", _TXN_FILTERS + "DepositToAccountRef:ref"),
    _spec(
        "Purchase", "txn", "transaction",
        _TXN + "AccountRef PaymentMethodRef PaymentRefNum PaymentType CheckPayment CreditCardPayment EntityRef Credit "
        "RemitToAddr TotalAmt Memo PrintStatus GlobalTaxCalculation PurchaseEx",
        _TXN_FILTERS + "PaymentType:string Credit:boolean",
    ),
    _spec("Transfer", "txn", "transaction", _TXN + "FromAccountRef ToAccountRef Amount ClassRef",
          "TxnDate:date Amount:number"),
    _spec("JournalEntry", "txn", "transaction", _TXN + "Adjustment HomeCurrencyAdjustment EnteredInHomeCurrency "
          "GlobalTaxCalculation TotalAmt HomeTotalAmt", "DocNumber:string TxnDate:date"),
]  # fmt: skip

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
NUMBER_FIELDS = frozenset(
    {"UnitPrice", "Qty", "ExchangeRate", "DiscountPercent", "TaxPercent", "BillRate", "CostRate", "QtyOnHand"}
)
# Sent back by clients that post what they read; the books work these out themselves.
DERIVED_FIELDS = frozenset(
    {
        "Id", "SyncToken", "MetaData", "domain", "sparse", "status", "Balance", "HomeBalance", "HomeTotalAmt",
        "UnappliedAmt", "RemainingCredit", "CurrentBalance", "CurrentBalanceWithSubAccounts", "BalanceWithJobs",
        "Classification", "FullyQualifiedName", "LineEx", "PurchaseEx", "InvoiceEx", "V4IDPseudonym", "OverDueBalance",
    }
)  # fmt: skip
