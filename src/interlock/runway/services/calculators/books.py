"""The books as checks see them: an immutable snapshot of one company, open documents and what rules compare them with."""

from collections.abc import Mapping
from datetime import date

from msgspec import Struct, field

from interlock.domains.firm.policy.values import Policy
from interlock.kernel.money import Money
from interlock.rails.totals import Difference
from interlock.runway.services.calculators.cash_ahead import CashAhead
from interlock.runway.services.calculators.collected import Collected
from interlock.runway.services.calculators.paid_out import PaidOut
from interlock.runway.services.calculators.released import Released
from interlock.runway.services.calculators.witnessed import Witnessed


class BillEntry(Struct, frozen=True, gc=False):
    """A bill, open or not. ``account_ids`` are its lines' accounts, known for open bills only."""

    id: str
    number: str | None
    vendor_id: str | None
    vendor_name: str | None
    dated: date
    due: date | None
    currency: str
    total_minor: int
    balance_minor: int
    term_id: str | None = None
    account_ids: tuple[str, ...] = ()

    @property
    def balance(self) -> Money:
        return Money(self.balance_minor, self.currency)

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)


class InvoiceEntry(Struct, frozen=True, gc=False):
    """An open invoice. ``email`` is the address on the invoice itself."""

    id: str
    number: str | None
    customer_id: str | None
    customer_name: str | None
    dated: date
    due: date | None
    currency: str
    balance_minor: int
    email: str | None = None
    email_status: str | None = None
    term_id: str | None = None

    @property
    def balance(self) -> Money:
        return Money(self.balance_minor, self.currency)


class Payee(Struct, frozen=True, gc=False):
    """How a vendor is paid, as far as it can be seen. ``changed_on``: when it was first seen to differ from what was verified,

    ``changes``: in what, in words; ``called``: a call-back of this very state waits for a second person; ``cleared_on``: when one
    cleared it. ``checked``: a call-back of what is seen now was cleared, also where nothing had changed.
    """

    changes: tuple[str, ...] = ()
    changed_on: date | None = None
    called: bool = False
    cleared_on: date | None = None
    checked: bool = False


class VendorEntry(Struct, frozen=True, gc=False):
    """``made_on``: entered in the books; ``first_paid_on``: of every payment there; ``billed_before``: its last bill before those

    that ``Books`` holds; ``payee`` is ``None`` while nobody looked.
    """

    id: str
    name: str
    active: bool
    term_id: str | None = None
    email: str | None = None
    made_on: date | None = None
    first_paid_on: date | None = None
    billed_before: date | None = None
    payee: Payee | None = None


class CustomerEntry(Struct, frozen=True, gc=False):
    id: str
    name: str
    email: str | None
    currency: str
    balance_minor: int


class TermEntry(Struct, frozen=True, gc=False):
    """Payment terms: days from the document's date, or a day of the month."""

    id: str
    name: str
    due_days: int | None


class PurchaseEntry(Struct, frozen=True, gc=False):
    """Money out without a bill. ``linked_bills`` are bills it is linked to, from either side."""

    id: str
    number: str | None
    vendor_id: str
    method: str
    dated: date
    currency: str
    total_minor: int
    linked_bills: tuple[str, ...] = ()


class OpenCredit(Struct, frozen=True, gc=False):
    """A vendor credit, credit memo or unapplied payment with something left. ``kind`` is the mirror's."""

    kind: str
    id: str
    number: str | None
    party_id: str | None
    party_name: str | None
    dated: date
    currency: str
    open_minor: int

    @property
    def open(self) -> Money:
        return Money(self.open_minor, self.currency)


class Receipt(Struct, frozen=True, gc=False):
    """A payment or sales receipt that sits in Undeposited Funds and in no deposit."""

    kind: str
    id: str
    number: str | None
    customer_name: str | None
    dated: date
    currency: str
    total_minor: int


class ControlEntry(Struct, frozen=True, gc=False):
    """A journal entry on a control account: what it added there and is not applied since, in home currency."""

    id: str
    number: str | None
    dated: date
    minor: int


class ControlAccount(Struct, frozen=True):
    """One side of the books (``Accounts Payable`` or ``Accounts Receivable``), in minor units of home currency.

    ``subledger_minor``: open documents less credits and unapplied payments, journal entries left out;
    ``book_minor``: what the accounts of that kind say. ``account_id`` names the first of them.
    """

    kind: str
    account_id: str | None
    account_name: str
    book_minor: int
    subledger_minor: int
    entries: tuple[ControlEntry, ...] = ()


class Proof(Struct, frozen=True):
    """The ledger's own counts and totals beside ours of the same moment, as last taken."""

    report_date: date
    counts: Mapping[str, int]
    counts_here: Mapping[str, int]
    payables_minor: int
    payables_here_minor: int
    receivables_minor: int
    receivables_here_minor: int
    located: tuple[Difference, ...] = ()


class Outgoing(Struct, frozen=True, gc=False):
    """Money that left to a vendor since decisions are made here: a bill payment, an expense from a bank, or a bank's line that the

    books don't explain. ``decided``: somebody approved it here before; ``minor`` above zero.
    """

    kind: str
    id: str
    number: str | None
    vendor_id: str
    vendor_name: str
    dated: date
    currency: str
    minor: int
    decided: bool

    @property
    def amount(self) -> Money:
        return Money(self.minor, self.currency)


class Books(Struct, frozen=True):
    """One company's books on ``today``, its own date.

    ``bills`` are open; ``other_bills`` are those of the same vendors that are not, over the months a rule looks back,
    and bills without a positive total. Voided and deleted documents are in neither. ``twins``: vendors that are probably one,
    each by the first of them. ``policy`` is the one in force.
    """

    today: date
    home_currency: str
    closed_through: date | None = None
    bills: tuple[BillEntry, ...] = ()
    other_bills: tuple[BillEntry, ...] = ()
    vendors: Mapping[str, VendorEntry] = field(default_factory=dict)
    terms: Mapping[str, TermEntry] = field(default_factory=dict)
    account_names: Mapping[str, str] = field(default_factory=dict)
    purchases: tuple[PurchaseEntry, ...] = ()
    vendor_credits: tuple[OpenCredit, ...] = ()
    invoices: tuple[InvoiceEntry, ...] = ()
    customers: Mapping[str, CustomerEntry] = field(default_factory=dict)
    customer_credits: tuple[OpenCredit, ...] = ()
    undeposited: tuple[Receipt, ...] = ()
    control: tuple[ControlAccount, ...] = ()
    proof: Proof | None = None
    witnessed: Witnessed | None = None
    policy: Policy = Policy()
    twins: Mapping[str, str] = field(default_factory=dict)
    outgoing: tuple[Outgoing, ...] = ()
    cash_ahead: CashAhead | None = None
    released: Released | None = None
    collected: Collected | None = None
    paid_out: PaidOut | None = None
