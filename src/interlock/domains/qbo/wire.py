"""What QuickBooks Online puts on the wire, as far as we read it (qbo.md §3–§5, §8, §10).

Unknown members are ignored; absent ones are ``None`` (QBO omits empty values). Numbers are decoded straight to ``Decimal``,
dates and times to their types. Only what we can't do without is required; missing it makes decoding fail.
"""

from datetime import date, datetime
from decimal import Decimal

from msgspec import Raw, Struct

_ODD = {
    "ap_account_ref": "APAccountRef",
    "card_account_ref": "CCAccountRef",
    "po_status": "POStatus",
    "reportable": "Vendor1099",
}


def _member(field: str) -> str:
    """QBO's name for a field of ours: PascalCase, but for its abbreviations."""
    return _ODD.get(field) or "".join(word.capitalize() for word in field.split("_"))


class Wire(Struct, frozen=True, rename=_member, gc=False):
    """Base: QBO's members are in PascalCase."""


class Ref(Struct, frozen=True, gc=False):
    """A reference. ``name`` is a convenience of QBO's, may be absent or out of date."""

    value: str
    name: str | None = None
    type: str | None = None


class MetaData(Wire, frozen=True, gc=False):
    create_time: datetime | None = None
    last_updated_time: datetime | None = None


class Email(Wire, frozen=True, gc=False):
    address: str | None = None


class Address(Wire, frozen=True, gc=False):
    """Lines of a letter's address; all are optional, and the last parts may stand in the lines instead."""

    line1: str | None = None
    line2: str | None = None
    line3: str | None = None
    city: str | None = None
    country_sub_division_code: str | None = None
    postal_code: str | None = None
    country: str | None = None


class LinkedTxn(Wire, frozen=True, gc=False):
    txn_id: str
    txn_type: str
    txn_line_id: str | None = None


class LineEntity(Struct, frozen=True, gc=False):
    """A deposit line's entity is a plain reference, a journal line's a typed one: both shapes read here."""

    value: str | None = None
    type: str | None = None
    Type: str | None = None
    EntityRef: Ref | None = None


class Detail(Wire, frozen=True, gc=False):
    account_ref: Ref | None = None
    item_ref: Ref | None = None
    customer_ref: Ref | None = None
    entity: LineEntity | None = None
    posting_type: str | None = None


class Line(Wire, frozen=True, gc=False):
    """A line; payment and linked-deposit lines have no detail type."""

    id: str | None = None
    amount: Decimal | None = None
    description: str | None = None
    detail_type: str | None = None
    linked_txn: list[LinkedTxn] = []
    account_based_expense_line_detail: Detail | None = None
    item_based_expense_line_detail: Detail | None = None
    sales_item_line_detail: Detail | None = None
    journal_entry_line_detail: Detail | None = None
    deposit_line_detail: Detail | None = None
    purchase_order_item_line_detail: Detail | None = None


class TaxDetail(Wire, frozen=True, gc=False):
    total_tax: Decimal | None = None


class Entity(Wire, frozen=True, gc=False):
    id: str
    sync_token: str = "0"
    meta_data: MetaData = MetaData()
    status: str | None = None


class Account(Entity, frozen=True, gc=False):
    name: str = ""
    fully_qualified_name: str | None = None
    active: bool = True
    account_type: str = ""
    account_sub_type: str | None = None
    classification: str | None = None
    parent_ref: Ref | None = None
    acct_num: str | None = None
    current_balance: Decimal = Decimal(0)
    currency_ref: Ref | None = None


class Vendor(Entity, frozen=True, gc=False):
    display_name: str = ""
    active: bool = True
    balance: Decimal = Decimal(0)
    reportable: bool = False
    acct_num: str | None = None
    term_ref: Ref | None = None
    primary_email_addr: Email | None = None
    bill_addr: Address | None = None
    currency_ref: Ref | None = None


class Customer(Entity, frozen=True, gc=False):
    display_name: str = ""
    fully_qualified_name: str | None = None
    active: bool = True
    job: bool = False
    parent_ref: Ref | None = None
    balance: Decimal = Decimal(0)
    balance_with_jobs: Decimal | None = None
    sales_term_ref: Ref | None = None
    primary_email_addr: Email | None = None
    currency_ref: Ref | None = None


class Term(Entity, frozen=True, gc=False):
    name: str = ""
    active: bool = True
    due_days: int | None = None
    day_of_month_due: int | None = None
    discount_percent: Decimal | None = None
    discount_days: int | None = None


class Transaction(Entity, frozen=True, kw_only=True, gc=False):
    """What every transaction has. A transaction without a date can't be placed, so the date is required."""

    txn_date: date
    doc_number: str | None = None
    currency_ref: Ref | None = None
    exchange_rate: Decimal | None = None
    private_note: str | None = None
    line: list[Line] = []
    linked_txn: list[LinkedTxn] = []


class Bill(Transaction, frozen=True, kw_only=True, gc=False):
    total_amt: Decimal
    balance: Decimal
    vendor_ref: Ref | None = None
    due_date: date | None = None
    sales_term_ref: Ref | None = None
    ap_account_ref: Ref | None = None
    txn_tax_detail: TaxDetail | None = None


class CheckPayment(Wire, frozen=True, gc=False):
    bank_account_ref: Ref | None = None


class CardPayment(Wire, frozen=True, gc=False):
    card_account_ref: Ref | None = None


class BillPayment(Transaction, frozen=True, kw_only=True, gc=False):
    total_amt: Decimal
    pay_type: str
    vendor_ref: Ref | None = None
    check_payment: CheckPayment | None = None
    credit_card_payment: CardPayment | None = None
    ap_account_ref: Ref | None = None


class VendorCredit(Transaction, frozen=True, kw_only=True, gc=False):
    total_amt: Decimal
    balance: Decimal
    vendor_ref: Ref | None = None
    ap_account_ref: Ref | None = None


class PurchaseOrder(Transaction, frozen=True, kw_only=True, gc=False):
    total_amt: Decimal
    vendor_ref: Ref | None = None
    due_date: date | None = None
    po_status: str | None = None


class Sale(Transaction, frozen=True, kw_only=True, gc=False):
    total_amt: Decimal
    customer_ref: Ref | None = None
    deposit_to_account_ref: Ref | None = None


class Invoice(Sale, frozen=True, kw_only=True, gc=False):
    balance: Decimal
    due_date: date | None = None
    sales_term_ref: Ref | None = None
    bill_email: Email | None = None
    email_status: str | None = None
    txn_tax_detail: TaxDetail | None = None


class Payment(Sale, frozen=True, kw_only=True, gc=False):
    unapplied_amt: Decimal = Decimal(0)


class CreditMemo(Sale, frozen=True, kw_only=True, gc=False):
    balance: Decimal | None = None
    remaining_credit: Decimal | None = None


class SalesReceipt(Sale, frozen=True, kw_only=True, gc=False):
    pass


class RefundReceipt(Sale, frozen=True, kw_only=True, gc=False):
    pass


class CashBack(Wire, frozen=True, gc=False):
    amount: Decimal = Decimal(0)


class Deposit(Transaction, frozen=True, kw_only=True, gc=False):
    total_amt: Decimal
    deposit_to_account_ref: Ref | None = None
    cash_back: CashBack | None = None


class Purchase(Transaction, frozen=True, kw_only=True, gc=False):
    total_amt: Decimal
    payment_type: str
    account_ref: Ref | None = None
    entity_ref: Ref | None = None
    credit: bool = False


class Transfer(Transaction, frozen=True, kw_only=True, gc=False):
    amount: Decimal
    from_account_ref: Ref | None = None
    to_account_ref: Ref | None = None


class JournalEntry(Transaction, frozen=True, kw_only=True, gc=False):
    total_amt: Decimal | None = None
    adjustment: bool = False


class AccountingPrefs(Wire, frozen=True):
    book_close_date: date | None = None


class CurrencyPrefs(Wire, frozen=True):
    multi_currency_enabled: bool = False
    home_currency: Ref | None = None


class Preferences(Entity, frozen=True):
    accounting_info_prefs: AccountingPrefs | None = None
    currency_prefs: CurrencyPrefs | None = None


class Company(Entity, frozen=True):
    company_name: str | None = None
    country: str | None = None
    default_time_zone: str | None = None


class Settings(Struct, frozen=True):
    """The answers of ``companyinfo`` and ``preferences``. The preferences' payload is kept as it came."""

    CompanyInfo: Company | None = None
    Preferences: Raw = Raw()
    time: datetime | None = None


Member = list[Raw] | dict[str, Raw] | str | int | float | bool | None
"""A member of a query response: an entity's rows, left as they came, or a number beside them."""


class Answer(Struct, frozen=True):
    """The envelope of a query, a change set or a batch; each has its own member."""

    QueryResponse: dict[str, Member] = {}
    CDCResponse: list["ChangeSet"] = []
    BatchItemResponse: list["BatchItem"] = []
    time: datetime | None = None


class ChangeSet(Struct, frozen=True):
    QueryResponse: list[dict[str, Member]] = []


class BatchItem(Struct, frozen=True):
    bId: str
    QueryResponse: dict[str, Member] | None = None
    Fault: "FaultBody | None" = None


class FaultError(Struct, frozen=True):
    """One error; the gateway writes its members in lower case, the service in upper."""

    Message: str | None = None
    message: str | None = None
    Detail: str | None = None
    detail: str | None = None
    code: str | None = None
    element: str | None = None


class FaultBody(Struct, frozen=True):
    Error: list[FaultError] = []
    error: list[FaultError] = []
    type: str | None = None


class FaultAnswer(Struct, frozen=True):
    Fault: FaultBody | None = None
    fault: FaultBody | None = None


class ColData(Struct, frozen=True):
    value: str = ""
    id: str | None = None


class RowHead(Struct, frozen=True):
    ColData: list["ColData"] = []


class ReportRow(Struct, frozen=True):
    ColData: list["ColData"] = []
    Header: RowHead | None = None
    Summary: RowHead | None = None
    Rows: "ReportRows | None" = None
    type: str | None = None
    group: str | None = None


class ReportRows(Struct, frozen=True):
    Row: list[ReportRow] = []


class ReportHeader(Struct, frozen=True):
    ReportName: str = ""
    EndPeriod: date | None = None
    Currency: str | None = None


class ReportColumn(Struct, frozen=True):
    ColTitle: str = ""
    ColType: str = ""


class ReportColumns(Struct, frozen=True):
    Column: list[ReportColumn] = []


class Report(Struct, frozen=True):
    """Rows at the root, no envelope; every value is a string and an empty one is not zero."""

    Header: ReportHeader
    Columns: ReportColumns
    Rows: ReportRows = ReportRows()
