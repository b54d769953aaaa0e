"""What a check says: a claim about one document, and the finding it becomes with its rule, severity and fix link."""

import hashlib
import json
from typing import Any, Literal

from msgspec import Struct

from interlock.kernel.money import Money

Severity = Literal["critical", "high", "medium", "low"]
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low")
STOPPING: frozenset[Severity] = frozenset({"critical", "high"})

_OF_BILLS = frozenset({"vendor", "payment_intent"})
_HASH_CHARACTERS = 16


class Subject(Struct, frozen=True, gc=False):
    """What a finding is about: a kind of the mirror (``bill``, ``invoice``, ``payment``, ``account``, …) and its id."""

    kind: str
    id: str
    party_name: str | None = None
    number: str | None = None


class Rule(Struct, frozen=True, gc=False):
    """A check of the catalogue (product-map §1.12). ``version`` moves when the wording of the rule does.

    ``console_resolves``: a high finding that the console itself settles at the decision (apply the credit first), so it
    stops nothing before it. ``fraud``: it asks whether somebody is being deceived, so what it stops nobody overrides.
    """

    id: str
    version: int
    severity: Severity
    name: str
    console_resolves: bool = False
    fraud: bool = False


class Claim(Struct, frozen=True):
    """What a check function yields. ``inputs`` are the values it looked at, hashed so that a change can be seen.

    ``touches``: ids of open documents that it makes wrong, or stops, without standing on them: a vendor's or one of our own
    payments' bills, else invoices. ``mend_at``: where the fix is done, if elsewhere; ``url``: its page, where a rail gave one.
    """

    subject: Subject
    title: str
    reason: str
    stake: Money
    fix: str
    inputs: tuple[Any, ...]
    touches: tuple[str, ...] = ()
    mend_at: Subject | None = None
    url: str | None = None


class Finding(Struct, frozen=True):
    """One problem in the books: which rule, about what, why we think so, what is at stake, how it is mended.

    ``stake`` keeps the document's own currency. ``link`` opens the place of the fix with the company pinned; ``None``
    where the fix is an act of ours.
    """

    rule: Rule
    subject: Subject
    title: str
    reason: str
    stake: Money
    fix: str
    link: str | None
    inputs_hash: str
    touches: tuple[str, ...]

    @property
    def severity(self) -> Severity:
        return self.rule.severity

    @property
    def stops(self) -> bool:
        """Whether it keeps what it is about from being decided on."""
        return self.rule.severity in STOPPING and not self.rule.console_resolves

    @property
    def overridable(self) -> bool:
        """Whether a person who may can decide in spite of it: never when it is critical or looks for fraud."""
        return self.rule.severity != "critical" and not self.rule.fraud

    def documents(self, kind: str) -> tuple[str, ...]:
        """Ids of ``kind`` (``bill`` or ``invoice``) that it is about: the one it stands on, or those it touches."""
        own = (self.subject.id,) if self.subject.kind == kind else ()
        touched = "bill" if self.subject.kind in _OF_BILLS else "invoice"
        return (*own, *self.touches) if touched == kind else own

    @property
    def blocks_cleanness(self) -> bool:
        """Whether dollars under it count as not clean: critical or high, also where the console can settle it."""
        return self.rule.severity in STOPPING

    @property
    def words(self) -> str:
        """``B05 exact duplicate: same vendor and number as 88-120, paid 9 Nov``, for the row it blocks."""
        return f"{self.rule.id} {_lower(self.rule.name)}: {_lower(self.reason).rstrip('.')}"


def inputs_hash(rule: Rule, inputs: tuple[Any, ...]) -> str:
    """Sixteen hex digits over rule, version and inputs; dates and money are taken as text."""
    said = json.dumps([rule.id, rule.version, inputs], default=str, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()[:_HASH_CHARACTERS]


def in_order(findings: list[Finding], home_currency: str) -> list[Finding]:
    """By severity, then dollars at stake (home currency before others, which can't be compared), then rule and subject."""
    return sorted(
        findings,
        key=lambda each: (
            SEVERITIES.index(each.severity),
            each.stake.currency != home_currency,
            -each.stake.minor,
            each.rule.id,
            each.subject.kind,
            each.subject.id,
        ),
    )


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
