"""Who is paid first when cash does not reach for all (product-map §2.1, §2.8): earmarks and essentials in order. Pure."""

from collections.abc import Iterable
from datetime import date

from msgspec import Struct


class Claim(Struct, frozen=True, gc=False):
    """Something that cash is held for: ``minor`` above zero; ``place`` in the waterfall, 0 first; ``due``: when, if known."""

    key: str
    label: str
    place: int
    minor: int
    due: date | None = None


class Covered(Struct, frozen=True, gc=False):
    """What of a claim the cash reaches for."""

    claim: Claim
    covered_minor: int

    @property
    def short_minor(self) -> int:
        return self.claim.minor - self.covered_minor


def cover(cash_minor: int, claims: Iterable[Claim]) -> tuple[Covered, ...]:
    """Every claim with what is left for it: by place, then the earlier due date, then key. Cash below zero covers nothing."""
    left, covered = max(cash_minor, 0), []
    for claim in sorted(claims, key=_rank):
        part = min(left, claim.minor)
        left -= part
        covered.append(Covered(claim, part))
    return tuple(covered)


def _rank(claim: Claim) -> tuple[int, date, str]:
    return claim.place, claim.due or date.max, claim.key
