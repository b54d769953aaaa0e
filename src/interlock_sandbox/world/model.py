"""What the world is made of, as those see it who use it: a firm, its clients, and what was planted in their books."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from interlock_sandbox.books import Books

if TYPE_CHECKING:
    from .state import Company


@dataclass(frozen=True, slots=True)
class Planted:
    """One hygiene problem put into a company's books on purpose.

    `rule` is the check's id (such as "B05"), `entity` and `id` name the document or list row it is true of, `dollars`
    is what is at stake in the document's own currency, `note` says in a sentence what was done.
    """

    rule: str
    entity: str
    id: str
    dollars: Decimal
    note: str


@dataclass(slots=True)
class Client:
    """A client company of the firm.

    `planted` holds what the checks must find as of the day the world was built for, `decoys` what looks like a
    finding of that rule and is none. `company` is the engine's memory, with which the world goes on.
    """

    name: str
    slug: str
    character: str
    realm_id: str
    time_zone: str
    books: Books
    company: Company = field(repr=False)
    planted: list[Planted] = field(default_factory=list)
    decoys: list[Planted] = field(default_factory=list)


@dataclass(slots=True)
class Firm:
    """The accounting firm and the companies it looks after."""

    name: str
    clients: list[Client]
