"""What we need of Ramp's objects, as they come (ramp.md §2 to §5, §7). Anything else is ignored.

Money is read in whole minor units (``CurrencyAmount``) and written in major units as text: never take one for the other. A number
with a decimal point where minor units are promised is refused, since it would be another amount. Dates come with a time of day
that means nothing.
"""

from msgspec import Raw, Struct, field


class Following(Struct):
    """``next``: the address of the next page, to be followed as it is."""

    next: str | None = None


class Listing(Struct):
    """One page. ``data``: the objects as received."""

    data: list[Raw]
    page: Following = field(default_factory=Following)


class Named(Struct):
    id: str


class Tagged(Struct):
    """``remote_id``: its maker's own name for it, ours where we made it."""

    id: str
    remote_id: str | None = None


class Token(Struct):
    """``expires_in``: seconds."""

    access_token: str
    expires_in: int
    scope: str = ""


class Business(Struct):
    id: str
    name_legal: str | None = None
    business_name_legal: str | None = None
    business_name_on_card: str | None = None


class CurrencyAmount(Struct):
    """``minor_unit_conversion_rate``: minor units in one major unit, as Ramp counts them."""

    amount: int
    currency_code: str
    minor_unit_conversion_rate: int | None = None


class EntityAccount(Struct):
    """One use of a bank account by an entity; ``BILL_PAY_BANK_ACCOUNT`` means that bills may be paid from it."""

    bank_account_id: str | None = None
    usage_type: str | None = None


class Entity(Struct):
    id: str
    entity_name: str | None = None
    is_primary: bool = False
    currency: str | None = None
    accounts: list[EntityAccount] = field(default_factory=list)


class BankAccount(Struct):
    """No numbers and no balance: the last four digits are all there is."""

    id: str
    account_name: str | None = None
    nickname: str | None = None
    institution_name: str | None = None
    name: str | None = None
    last_four: str | None = None
    account_number_last_four: str | None = None
    currency: str | None = None


class Address(Struct):
    address_line_1: str | None = None
    address_line_2: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None


class Vendor(Struct):
    """``accounting_vendor_remote_id``: the vendor it is linked to in the books."""

    id: str
    name: str | None = None
    name_legal: str | None = None
    is_active: bool = True
    created_at: str | None = None
    updated_at: str | None = None
    accounting_vendor_remote_id: str | None = None
    contacts: list[Raw] | None = None
    address: Address | None = None


class Contact(Struct):
    email: str | None = None
    is_default: bool = False


class VendorAccount(Struct):
    """Where a vendor is paid: no number, not even its last digits."""

    id: str
    currency: str | None = None
    payment_method: str | None = None
    is_default: bool = False
    nickname: str | None = None
    account_nickname: str | None = None


class BillVendor(Struct):
    id: str | None = None
    name: str | None = None
    remote_id: str | None = None


class Trace(Struct):
    """Only on the answer for one bill by its id."""

    trace_id: str | None = None
    descriptor: str | None = None


class PaymentDetails(Struct):
    """Of a payment by bank. ``approval_status``: whether it was released, where that is asked for."""

    source_bank_account_id: str | None = None
    vendor_account_id: str | None = None
    approval_status: str | None = None
    payment_arrival_date: str | None = None


class Payment(Struct):
    """``payment_date``: when it is to leave; ``effective_date``: when it left. Bills of one batch share the two ids."""

    id: str | None = None
    customer_friendly_payment_id: str | None = None
    amount: CurrencyAmount | None = None
    payment_method: str | None = None
    payment_date: str | None = None
    effective_date: str | None = None
    payment_arrival_date: str | None = None
    details: PaymentDetails | None = None
    trace_id: Trace | None = None


class Bill(Struct):
    id: str
    amount: CurrencyAmount
    invoice_number: str | None = None
    remote_id: str | None = None
    vendor: BillVendor | None = None
    vendor_id: str | None = None
    issued_at: str | None = None
    due_at: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    archived_at: str | None = None
    paid_at: str | None = None
    status: str | None = None
    status_summary: str | None = None
    approval_status: str | None = None
    sync_status: str | None = None
    payment: Payment | None = None
    deep_link_url: str | None = None
    bill_url: str | None = None
    draft_bill_id: str | None = None


class LineItem(Struct):
    amount: CurrencyAmount | None = None


class Draft(Struct):
    """A bill that nobody submitted yet: any part may be missing."""

    id: str
    amount: CurrencyAmount | None = None
    line_items: list[LineItem] = field(default_factory=list)
    invoice_currency: str | None = None
    invoice_number: str | None = None
    remote_id: str | None = None
    vendor: BillVendor | None = None
    vendor_id: str | None = None
    issued_at: str | None = None
    due_at: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    archived_at: str | None = None


class Trouble(Struct):
    """``additional_info``: what is wrong, by field."""

    error_code: str | None = None
    message: str | None = None
    notes: str | None = None
    additional_info: Raw = Raw(b"null")


class TroubleAnswer(Struct):
    error_v2: Trouble = field(default_factory=Trouble)


class TokenTrouble(Struct):
    """RFC 6749's error of a token address."""

    error: str | None = None
    error_description: str | None = None


class Subscription(Struct):
    """``secret`` comes once, with the answer that makes it."""

    id: str
    endpoint_url: str = ""
    status: str = ""
    secret: str | None = None


class Subject(Struct):
    id: str = ""


class Event(Struct):
    """A notice: thin, so the object is read again. ``challenge`` comes with ``webhooks.verification`` only."""

    id: str
    type: str
    business_id: str | None = None
    created_at: str | None = None
    object: Subject = field(default_factory=Subject)
    challenge: str | None = None
