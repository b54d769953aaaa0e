"""Who owes what: open amounts of receivables and payables, and what was applied to what.

An item is the receivable (or payable) part of one document for one party. Applying moves an amount between two
items, so the items of a party always sum to that party's part of the ledger.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from interlock_sandbox.books.amounts import at_rate

Side = Literal["AR", "AP"]
ItemKey = tuple[str, Side, str]


@dataclass(slots=True, eq=False)
class OpenItem:
    """Cents in the document's currency and at home; positive when owed (by the customer, or to the vendor)."""

    txn_id: str
    entity: str
    side: Side
    party: str
    date: str
    due: str
    amount: int
    home: int
    applied: int = 0
    home_applied: int = 0

    @property
    def key(self) -> ItemKey:
        return (self.txn_id, self.side, self.party)

    @property
    def open(self) -> int:
        return self.amount - self.applied

    @property
    def home_open(self) -> int:
        return self.home - self.home_applied


@dataclass(slots=True, eq=False)
class Application:
    """``cents`` of ``payer`` used against ``target``; signed like the target, in force from the later of both dates."""

    payer: OpenItem
    target: OpenItem
    cents: int
    home: int

    @property
    def date(self) -> str:
        return max(self.payer.date, self.target.date)


def home_share(target: OpenItem, signed: int) -> int:
    """Home cents that go with ``signed`` of the target's own cents; the last payment takes the rest."""
    if signed == target.open:
        return target.home_open
    if target.home == target.amount:
        return signed
    return at_rate(signed, Decimal(target.home) / Decimal(target.amount))


@dataclass(slots=True)
class OpenItems:
    """Items by key, applications by payer and by target, and the open home balance of every party."""

    items: dict[ItemKey, OpenItem] = field(default_factory=dict)
    by_txn: dict[str, list[OpenItem]] = field(default_factory=dict)
    paid_by: dict[str, list[Application]] = field(default_factory=dict)
    paid_on: dict[str, list[Application]] = field(default_factory=dict)
    balances: dict[tuple[Side, str], int] = field(default_factory=dict)

    def add(self, item: OpenItem) -> None:
        self.items[item.key] = item
        self.by_txn.setdefault(item.txn_id, []).append(item)
        owner = (item.side, item.party)
        self.balances[owner] = self.balances.get(owner, 0) + item.home

    def remove(self, item: OpenItem) -> None:
        """Take an item out; what it applied, and what was applied to it, is undone before."""
        del self.items[item.key]
        left = self.by_txn[item.txn_id]
        left.remove(item)
        if not left:
            del self.by_txn[item.txn_id]
        self.balances[(item.side, item.party)] -= item.home_open

    def revise(self, txn_id: str, wanted: list[OpenItem]) -> None:
        """Give a document other items, keeping what is applied to those that stay."""
        keep = {item.key: item for item in wanted}
        for old in list(self.by_txn.get(txn_id, ())):
            if old.key not in keep:
                self.remove(old)
        for item in wanted:
            current = self.items.get(item.key)
            if current is None:
                self.add(item)
                continue
            self.balances[(item.side, item.party)] += item.home - current.home
            current.amount, current.home = item.amount, item.home
            current.date, current.due = item.date, item.due

    def of(self, txn_id: str) -> OpenItem | None:
        """The document's only item (journal entries may have several: use ``items``)."""
        found = self.by_txn.get(txn_id)
        return found[0] if found else None

    def apply(self, payer: OpenItem, target: OpenItem, cents: int) -> Application:
        """Use ``cents`` (positive) of the payer against the target, both moving toward zero."""
        signed = cents if target.open >= 0 else -cents
        made = Application(payer, target, signed, home_share(target, signed))
        self._move(made, 1)
        self.paid_by.setdefault(payer.txn_id, []).append(made)
        self.paid_on.setdefault(target.txn_id, []).append(made)
        return made

    def unapply(self, txn_id: str) -> list[Application]:
        """Undo everything this document applied; answers what it was."""
        undone = self.paid_by.pop(txn_id, [])
        for application in undone:
            self._move(application, -1)
            self._forget_target(application)
        return undone

    def release(self, txn_id: str) -> list[Application]:
        """Undo everything applied *to* this document (an invoice is voided)."""
        undone = list(self.paid_on.get(txn_id, []))
        for application in undone:
            self._move(application, -1)
            self._forget_target(application)
            self.paid_by[application.payer.txn_id].remove(application)
        return undone

    def balance(self, side: Side, party: str) -> int:
        """Home cents open for a party: what a customer owes, or what is owed to a vendor."""
        return self.balances.get((side, party), 0)

    def applied_to(self, txn_id: str) -> Iterable[Application]:
        return self.paid_on.get(txn_id, ())

    def _move(self, application: Application, direction: int) -> None:
        target, payer = application.target, application.payer
        target.applied += direction * application.cents
        target.home_applied += direction * application.home
        payer.applied -= direction * application.cents
        payer.home_applied -= direction * application.home
        # A parent may pay its job's invoice: the two balances move apart, their sum does not.
        self.balances[(target.side, target.party)] -= direction * application.home
        self.balances[(payer.side, payer.party)] += direction * application.home

    def _forget_target(self, application: Application) -> None:
        left = self.paid_on[application.target.txn_id]
        left.remove(application)
        if not left:
            del self.paid_on[application.target.txn_id]
