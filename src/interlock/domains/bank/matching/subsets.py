"""Which few of some amounts sum to another one, exactly, under a stated bound. Pure."""

from collections import defaultdict
from collections.abc import Sequence

Chosen = tuple[int, ...]
"""Places of the amounts that make a sum, in order."""

_Half = list[tuple[int, Chosen]]


class SubsetSums:
    """Sums of two to ``members_most`` of ``amounts`` (each above zero): built once, asked many times.

    Every subset of each half is summed once, so that a question costs one look for each subset of a half and not one for each of
    the whole: with twenty amounts a thousand, not a million. Whoever builds one bounds how many amounts it gets.
    """

    def __init__(self, amounts: Sequence[int], members_most: int) -> None:
        assert all(amount > 0 for amount in amounts), "amounts are told without their sign"
        self._members_most = members_most
        self._whole = sum(amounts)
        middle = len(amounts) // 2
        self._left = _subsets(amounts, range(middle), members_most)
        self._right: dict[int, list[Chosen]] = defaultdict(list)
        for total, chosen in _subsets(amounts, range(middle, len(amounts)), members_most):
            self._right[total].append(chosen)

    def making(self, target: int, most: int) -> list[Chosen]:
        """Those that sum to ``target``: all of them, or ``most`` where there are more. Always the same ones."""
        found: list[Chosen] = []
        if target > self._whole:
            return found
        for total, left in self._left:
            for right in self._right.get(target - total, ()):
                if 2 <= len(left) + len(right) <= self._members_most:
                    found.append(left + right)
                    if len(found) == most:
                        return found
        return found


def _subsets(amounts: Sequence[int], places: range, members_most: int) -> _Half:
    """Every subset of these places with at most so many members, the empty one first."""
    found: _Half = [(0, ())]
    for place in places:
        found += [(total + amounts[place], (*chosen, place)) for total, chosen in found if len(chosen) < members_most]
    return found
