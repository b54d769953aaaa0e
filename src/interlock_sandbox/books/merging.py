"""Two list elements become one: everything about the loser is the winner's, and the loser's id is gone (qbo.md §12).

Whether QuickBooks stamps the documents that change hands, and whether CDC shows a trace of the loser, is unconfirmed;
both are the caller's choice. Untouched documents are the harder case for a reader, and what renaming does.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from interlock_sandbox.books.clean import display_name
from interlock_sandbox.books.fault import business, invalid_choice, not_found
from interlock_sandbox.books.lists import unique_key
from interlock_sandbox.books.posting import Change
from interlock_sandbox.books.record import Body, Record, Tombstone
from interlock_sandbox.books.schema import REFERENCES

if TYPE_CHECKING:
    from interlock_sandbox.books.register import Register

MERGEABLE = frozenset({"Account", "Customer", "Vendor", "Item"})
PARTY_SIDES: dict[str, Literal["AR", "AP"]] = {"Customer": "AR", "Vendor": "AP"}


class Merge(NamedTuple):
    """What is merged into what, and what it leaves behind."""

    entity: str
    winner: Record
    loser: Record
    documents: str
    trace: str


def checked(books: Register, entity: str, wanted: Body) -> Merge:
    """The merge that was asked for, or why it cannot be."""
    winner, loser = (books.find(entity, str(wanted.get(role, ""))) for role in ("winner", "loser"))
    if entity not in MERGEABLE:
        raise business(f"{entity} cannot be merged.")
    if winner is None or loser is None:
        raise not_found()
    if winner is loser or winner.id in set(books.family(loser)) or loser.id in set(books.family(winner)):
        raise business("The two must not be the same, nor one below the other.")
    for field in ("CurrencyRef", "AccountType", "Type"):
        if winner.body.get(field) != loser.body.get(field):
            raise business(f"The two differ in {field}.")
    merge = Merge(entity, winner, loser, wanted.get("documents", "untouched"), wanted.get("trace", "deleted"))
    if merge.documents not in {"untouched", "touched"}:
        raise invalid_choice("documents", merge.documents)
    if merge.trace not in {"deleted", "none"}:
        raise invalid_choice("trace", merge.trace)
    shared = _on_one_document(books, merge)
    if shared is not None:
        raise business(f"Both are on transaction {shared}; change it first.")
    return merge


def merge_into(books: Register, merge: Merge, at: datetime) -> None:
    """Make it so."""
    winner, loser = merge.winner, merge.loser
    change = Change(books, at)
    for record in (*_ancestors(books, winner), *_ancestors(books, loser)):
        change.note(record)
    _adopt_children(books, merge)
    _hand_over(books, merge, at)
    if merge.entity == "Account":
        _post_to(books, loser.id, winner.id)
    elif merge.entity in PARTY_SIDES:
        _owe_to(books, merge)
    _forget(books, merge, at)
    books.touch(winner, at, token=False)
    winner.token += 1
    books.tell("Merge", winner, at, loser.id)
    change.commit()


def _ancestors(books: Register, record: Record) -> list[Record]:
    found: list[Record] = []
    parent = books.find(record.entity, record.body.get("ParentRef", {}).get("value", ""))
    while parent is not None:
        found.append(parent)
        parent = books.find(record.entity, parent.body.get("ParentRef", {}).get("value", ""))
    return found


def _adopt_children(books: Register, merge: Merge) -> None:
    """What stood below the loser stands below the winner."""
    for child_id in books.children(merge.loser):
        child = books.shelves[merge.entity][child_id]
        child.body = {**child.body, "ParentRef": {"value": merge.winner.id}}
        books.move_below(child, merge.loser.id, merge.winner.id)


def _hand_over(books: Register, merge: Merge, at: datetime) -> None:
    """Every reference to the loser is one to the winner."""
    name = display_name(merge.winner)
    for entity, shelf in books.shelves.items():
        for record in shelf.values():
            if record is merge.loser or not _repointed(
                record.body, merge.entity, merge.loser.id, merge.winner.id, name
            ):
                continue
            record.raw = None
            books.versions[entity] += 1
            if merge.documents == "touched" and entity in books.documents:
                books.touch(record, at, token=True)


def _repointed(value: Any, target: str, old: str, new: str, name: str) -> bool:
    hit = False
    if isinstance(value, list):
        for item in value:
            hit = _repointed(item, target, old, new, name) or hit
        return hit
    for key, item in value.items() if isinstance(value, dict) else ():
        if isinstance(item, dict) and item.get("value") == old and _points_at(key, target):
            item["value"] = new
            if "name" in item:
                item["name"] = name
            hit = True
        elif isinstance(item, (dict, list)):
            hit = _repointed(item, target, old, new, name) or hit
    return hit


def _points_at(key: str, target: str) -> bool:
    """Vendors and customers share one sequence of ids, so an untyped party reference is safe to follow."""
    return REFERENCES.get(key) == target or (key in {"EntityRef", "Entity"} and target in PARTY_SIDES)


def _post_to(books: Register, old: str, new: str) -> None:
    ledger = books.ledger
    for txn_id, entry in ledger.entries.items():
        if any(posting.account == old for posting in entry.postings):
            moved = tuple(
                posting._replace(account=new) if posting.account == old else posting for posting in entry.postings
            )
            ledger.entries[txn_id] = replace(entry, postings=moved)
    ledger.totals[new] = ledger.totals.get(new, 0) + ledger.totals.pop(old, 0)
    books.stand_in(old, new)


def _owe_to(books: Register, merge: Merge) -> None:
    """Open items and postings of the loser are the winner's."""
    side, old, new = PARTY_SIDES[merge.entity], merge.loser.id, merge.winner.id
    items = books.open_items
    for item in [each for each in items.items.values() if each.side == side and each.party == old]:
        del items.items[item.key]
        item.party = new
        items.items[item.key] = item
    items.balances[(side, new)] = items.balance(side, new) + items.balances.pop((side, old), 0)
    ledger = books.ledger
    for txn_id, entry in ledger.entries.items():
        if any(posting.party == old for posting in entry.postings):
            moved = tuple(
                posting._replace(party=new) if posting.party == old else posting for posting in entry.postings
            )
            ledger.entries[txn_id] = replace(entry, postings=moved)


def _forget(books: Register, merge: Merge, at: datetime) -> None:
    loser = merge.loser
    books.drop_listed(loser, unique_key(merge.entity, loser.body))
    if merge.trace == "deleted":
        books.tombstones.append(Tombstone(merge.entity, loser.id, at))


def _on_one_document(books: Register, merge: Merge) -> str | None:
    """A transaction with open items of both; they could not be told apart any more."""
    side = PARTY_SIDES.get(merge.entity)
    items = books.open_items.items
    for item in items.values():
        if item.side == side and item.party == merge.loser.id and (item.txn_id, side, merge.winner.id) in items:
            return item.txn_id
    return None
