"""Checks that are not run again where nothing that they read has changed. Pure."""

from collections.abc import Callable, Iterator
from typing import Any, cast

from msgspec import Struct

from interlock.runway.services.calculators.books import Books
from interlock.runway.services.calculators.finding import Finding


class Examined:
    """What each check of one company last found, and the books that it was found in. Links are the same each time."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}

    def findings(self, rule_id: str, books: Books, check: Callable[[Books], Iterator[Finding]]) -> tuple[Finding, ...]:
        """Of one check. A check is a function of the fields that it reads: equal ones give equal findings."""
        known = self._known.get(rule_id)
        if known is not None and all(_same(getattr(known.books, field), getattr(books, field)) for field in known.read):
            read, found = known.read, known.findings
        else:
            seen = _Seen(books)
            found = tuple(check(cast(Books, seen)))
            read = frozenset(seen.read)
        self._known[rule_id] = _Known(books, read, found)
        return found


class _Known(Struct, frozen=True):
    books: Books
    read: frozenset[str]
    findings: tuple[Finding, ...]


class _Seen:
    """Books that remember which of their fields were read."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self.read: set[str] = set()

    def __getattr__(self, field: str) -> Any:
        self.read.add(field)
        return getattr(self._books, field)


def _same(one: object, other: object) -> bool:
    return one is other or one == other
