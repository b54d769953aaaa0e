"""What is matched: posted bank lines, and movements that the ledger or a rail states. Amounts carry the bank's sign."""

from datetime import date

from msgspec import Struct

LEDGER = "ledger"
PAYING = "paying"
COLLECTING = "collecting"
OWN = "own"
OWED = "owed"
BOOKS = (LEDGER, PAYING, COLLECTING, OWN, OWED)
PROVISIONAL = (OWN, OWED)
"""Who states movements. Each may state the same money once, so a line serves one group in each book. ``own``: payments that we

released and a person makes outside, as long as nobody else states them. ``owed``: open invoices, whose payment nobody has entered
yet. These two (``PROVISIONAL``) come last, take only lines that no other book explains, and give way to whichever states the money.
"""

EXACT = "exact"
REFERENCE = "reference"
SUM = "sum"
PERSON = "person"

Key = tuple[str, str]
"""A movement by its kind and id: ``('bill_payment', '131')``."""

Pairing = tuple[str, frozenset[Key]]
"""A line's id and the movements it was, or must not be, matched with."""


class Line(Struct, frozen=True, gc=False):
    """A posted line of a bank account. ``account_id``: the ledger's account that the bank's account is linked to;

    ``minor``: positive is money into the account.
    """

    id: str
    bank_account_id: str
    account_id: str
    dated: date
    minor: int
    currency: str
    text: str
    counterparty: str | None = None
    check_number: str | None = None
    reference: str | None = None


class Movement(Struct, frozen=True, gc=False):
    """Money that a book says moved. ``account_id``: the ledger's account it moved on, ``None`` where the book doesn't say;

    ``first`` to ``last``: when a bank line of it can be dated; ``references``: traces that a bank repeats; ``paper``: paid by
    a check whose number is ``number``; ``batch``: one debit or credit for all that share it; ``quoted``: its number may stand
    anywhere in what the bank writes.
    """

    book: str
    kind: str
    id: str
    account_id: str | None
    dated: date
    first: date
    last: date
    minor: int
    currency: str
    number: str | None = None
    party: str | None = None
    references: tuple[str, ...] = ()
    batch: str | None = None
    paper: bool = False
    quoted: bool = False

    @property
    def key(self) -> Key:
        return (self.kind, self.id)


class Group(Struct, frozen=True):
    """One line and the movements of one book that equal it to the cent. ``why``: short, for people; ``score``: 0 to 100."""

    book: str
    line_id: str
    movements: tuple[Key, ...]
    rule: str
    score: int
    why: tuple[str, ...]

    @property
    def pairing(self) -> Pairing:
        return (self.line_id, frozenset(self.movements))


class Outcome(Struct, frozen=True):
    """``groups`` are certain and may be kept; ``suggestions`` wait for a person and may contradict each other."""

    groups: tuple[Group, ...]
    suggestions: tuple[Group, ...]
