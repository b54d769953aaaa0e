"""What can be seen of how a vendor is paid, and whether it changed (check V04, product-map §3.3). Pure.

By book (``qbo``, or ``ramp`` with the vendor's id there) and field. A rail that hasn't told a field hasn't changed it: the first
time it tells, that is what is verified from then on.
"""

import hashlib
import json
from collections.abc import Mapping

LEDGER = "qbo"

Shown = dict[str, dict[str, str | None]]

_NAMED = {"qbo": "QuickBooks", "ramp": "Ramp"}
_LONGEST_SAID = 80


def canonical(shown: Mapping[str, Mapping[str, str | None]]) -> str:
    """The same text for the same content."""
    return json.dumps(shown, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def read(text: str) -> Shown:
    found: Shown = json.loads(text)
    return found


def content_hash(shown: Mapping[str, Mapping[str, str | None]]) -> str:
    return hashlib.sha256(canonical(shown).encode()).hexdigest()


def carried(before: Shown, now: Shown) -> Shown:
    """What is seen now, with what a rail told before and doesn't tell now (it was unlinked, or wasn't asked)."""
    merged = {book: dict(fields) for book, fields in now.items()}
    for book, fields in before.items():
        if book not in merged:
            merged[book] = dict(fields)
        elif book != LEDGER:
            merged[book] |= {name: said for name, said in fields.items() if merged[book].get(name) is None}
    return merged


def with_first_sights(verified: Shown, seen: Shown) -> Shown:
    """``verified`` with what a rail tells for the first time: a rail that told nothing before, a field it hadn't told.

    A second vendor at a rail that has one already is no first sight: it is a new way to be paid.
    """
    known = {_rail(book) for book in verified}
    extended = {book: dict(fields) for book, fields in verified.items()}
    for book, fields in seen.items():
        if book in extended:
            if book != LEDGER:
                extended[book] |= {name: said for name, said in fields.items() if extended[book].get(name) is None}
        elif _rail(book) not in known:
            extended[book] = dict(fields)
    return extended


def changes(verified: Shown, seen: Shown) -> tuple[str, ...]:
    """What differs, each in words: ``e-mail in QuickBooks is now b@x.example, was a@x.example``."""
    said: list[str] = []
    for book in sorted({*verified, *seen}):
        where = _NAMED.get(_rail(book), _rail(book))
        if book not in verified:
            said.append(f"another vendor at {where} is linked to it")
            continue
        for name in sorted({*verified[book], *seen.get(book, {})}):
            before, now = verified[book].get(name), seen.get(book, {}).get(name)
            if before == now:
                continue
            if name == "accounts":
                said.append(f"accounts at {where}: {_accounts(before or '', now or '')}")
            else:
                said.append(f"{name} in {where} is now {_cut(now)}, was {_cut(before)}")
    return tuple(said)


def _accounts(before: str, now: str) -> str:
    left, right = set(filter(None, before.split("; "))), set(filter(None, now.split("; ")))
    ids_before, ids_now = {each.split(" ")[0] for each in left}, {each.split(" ")[0] for each in right}
    told = []
    if ids_now - ids_before:
        told.append(f"{len(ids_now - ids_before)} added")
    if ids_before - ids_now:
        told.append(f"{len(ids_before - ids_now)} removed")
    return " and ".join(told) or "method or default changed"


def _rail(book: str) -> str:
    return book.split(" ")[0]


def _cut(said: str | None) -> str:
    if not said:
        return "empty"
    return said if len(said) <= _LONGEST_SAID else f"{said[:_LONGEST_SAID]}…"
