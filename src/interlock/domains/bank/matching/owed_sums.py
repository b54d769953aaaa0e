"""Several open invoices of one customer paid by one deposit: sums of a subset, under a stated bound. Pure.

Where the line names the customer, any two to ``OWED_MOST_MEMBERS`` of its ``OWED_CANDIDATES_MOST`` oldest open invoices may make it
up. Where it names nobody, only the oldest ones in a row, up to all of them: of the other sums there are so many that some equal
any amount.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property

from interlock.domains.bank.matching.subsets import SubsetSums
from interlock.domains.bank.matching.values import SUM, Group, Line, Movement
from interlock.domains.firm.naming import named_in, numbers_in, words, words_of_number

OWED_MOST_MEMBERS = 6
OWED_CANDIDATES_MOST = 20
OWED_FOUND_MOST = 8
_NAMED = 70
_ONLY_ONE = 10
_NUMBERED = 15
_IN_A_ROW = 50
_HEARD_LEAST = 4
"""Banks cut names short; what is shorter names nobody."""


class _Customer:
    """The open invoices of one customer in one currency, the oldest first."""

    def __init__(self, party: str, invoices: Sequence[Movement]) -> None:
        self.party = party
        self.invoices = sorted(invoices, key=lambda each: (each.dated, each.key))[:OWED_CANDIDATES_MOST]

    @cached_property
    def sums(self) -> SubsetSums:
        return SubsetSums([each.minor for each in self.invoices], OWED_MOST_MEMBERS)

    def in_a_row(self) -> Iterator[tuple[int, tuple[Movement, ...]]]:
        """The two oldest, the three oldest, …, with their sums."""
        total = self.invoices[0].minor if self.invoices else 0
        for end in range(2, len(self.invoices) + 1):
            total += self.invoices[end - 1].minor
            yield total, tuple(self.invoices[:end])


class OwedSums:
    """Built once from all open invoices; asked for each line that nothing else explains."""

    def __init__(self, invoices: Sequence[Movement]) -> None:
        by_customer: dict[tuple[str, str], list[Movement]] = defaultdict(list)
        for each in invoices:
            if each.party and each.minor > 0:
                by_customer[each.currency, each.party].append(each)
        self._by_word: dict[tuple[str, str], list[_Customer]] = defaultdict(list)
        self._in_a_row: dict[tuple[str, int], list[tuple[Movement, ...]]] = defaultdict(list)
        for (currency, party), mine in sorted(by_customer.items()):
            if len(mine) < 2:
                continue
            customer = _Customer(party, mine)
            first = words(party)[0] if words(party) else ""
            for length in range(_HEARD_LEAST, len(first) + 1):
                self._by_word[currency, first[:length]].append(customer)
            for total, several in customer.in_a_row():
                self._in_a_row[currency, total].append(several)

    def around(self, book: str, line: Line) -> Iterator[Group]:
        """Groups that make the line up: of customers that it names, else of any whose oldest invoices are it."""
        if line.minor <= 0:
            return
        named = self._named(line)
        for customer in named:
            yield from _of(book, line, customer)
        if not named:
            for several in self._in_a_row.get((line.currency, line.minor), ()):
                if _standing(line, several):
                    why = f"the {len(several)} oldest open invoices of {several[0].party}"
                    yield Group(book, line.id, _keys(several), SUM, _IN_A_ROW, (why,))

    def _named(self, line: Line) -> list[_Customer]:
        heard = {*words(line.text), *words(line.counterparty)}
        found = {
            customer.party: customer
            for word in sorted(heard)
            for customer in self._by_word.get((line.currency, word), ())
            if named_in(customer.party, line.text) or named_in(customer.party, line.counterparty)
        }
        return list(found.values())


def _of(book: str, line: Line, customer: _Customer) -> Iterator[Group]:
    chosen = [
        tuple(customer.invoices[place] for place in places)
        for places in customer.sums.making(line.minor, OWED_FOUND_MOST)
    ]
    chosen = [several for several in chosen if _standing(line, several)]
    said = numbers_in(line.text) | numbers_in(line.reference)
    for several in chosen:
        numbered = all("".join(words_of_number(each.number)) in said for each in several)
        score = _NAMED + (_NUMBERED if numbered else 0) + (_ONLY_ONE if len(chosen) == 1 else 0)
        why = f"the line names {customer.party}", f"{len(several)} of its open invoices make it up"
        yield Group(book, line.id, _keys(several), SUM, score, why)


def _standing(line: Line, several: Sequence[Movement]) -> bool:
    """Whether all of them were made by then."""
    return all(each.first <= line.dated <= each.last for each in several)


def _keys(several: Sequence[Movement]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(each.key for each in several))
