"""What stands beside open invoices, as checks see it: invoices like them, the collecting rail's word, customers' words."""

from collections.abc import Mapping
from datetime import date

from msgspec import Struct, field

from interlock.kernel.money import Money


class IssuedEntry(Struct, frozen=True, gc=False):
    """An invoice that is much like another one. ``lines``: what each line is for, as one text that equals another's alone."""

    id: str
    number: str | None
    customer_id: str | None
    customer_name: str | None
    dated: date
    currency: str
    total_minor: int
    open_minor: int
    lines: str = ""

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)


class IncomeDeposit(Struct, frozen=True, gc=False):
    """A deposit's line that was put straight to an income account, without a payment of an invoice."""

    deposit_id: str
    number: str | None
    dated: date
    currency: str
    minor: int
    customer_id: str | None
    account_name: str

    @property
    def amount(self) -> Money:
        return Money(self.minor, self.currency)


class AtRail(Struct, frozen=True, gc=False):
    """An invoice of the collecting rail that is one of the ledger's. ``paid_on``: when the rail saw it paid in full;

    ``ledger_open_minor``: open in the books; ``collecting``: its customer can still pay it there.
    """

    id: str
    number: str | None
    customer_name: str | None
    currency: str
    total_minor: int
    open_minor: int
    collecting: bool
    paid_on: date | None
    ledger_id: str
    ledger_number: str | None
    ledger_open_minor: int
    ledger_voided: bool = False
    url: str | None = None


class Promised(Struct, frozen=True, gc=False):
    """A customer's word that still stands."""

    id: str
    invoice_id: str
    minor: int
    promised_for: date


class Disputed(Struct, frozen=True, gc=False):
    """An invoice that its customer disputes: at the rail (a chargeback; ``answer_by``), or as somebody noted here."""

    invoice_id: str
    minor: int
    currency: str
    why: str | None
    at_rail: bool
    answer_by: date | None = None


class Collected(Struct, frozen=True):
    """All of one business. ``bounced``: by the ledger's invoice, the address that did not take the last message about it;

    ``sent``: the ledger's invoices that the collecting rail has sent to their customers.
    """

    issued: tuple[IssuedEntry, ...] = ()
    to_income: tuple[IncomeDeposit, ...] = ()
    at_rail: tuple[AtRail, ...] = ()
    promised: tuple[Promised, ...] = ()
    disputed: tuple[Disputed, ...] = ()
    bounced: Mapping[str, str] = field(default_factory=dict)
    sent: frozenset[str] = frozenset()
