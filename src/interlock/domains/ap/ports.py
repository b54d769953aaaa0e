"""What payables need from above: the runway implements it, wiring joins them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Literal, Protocol

from msgspec import Struct

from interlock.domains.ap.decision_models import PaymentIntent


class BlocksBills(Protocol):
    """Findings that stop a bill: critical ones, and high ones the console can't itself resolve."""

    def blocked_bills(self) -> Mapping[str, str]:
        """Bill id to the reason in words."""
        ...


class Wish(Struct, frozen=True):
    """That an amount of a bill be paid on a day; ``credits``: vendor credits (id, minor units) applied first."""

    bill_id: str
    amount_minor: int
    pay_on: date
    credits: tuple[tuple[str, int], ...] = ()
    intent_id: str | None = None


class Judged(Struct, frozen=True):
    """What the guardrail said of a batch, and everything it said it from: canonical JSON both."""

    outcome: Literal["allow", "warn", "block"]
    overridable: bool
    words: str
    question: bytes
    verdict: bytes
    engine: int
    policy_id: str | None
    firm_policy_id: str | None


class JudgesPayments(Protocol):
    """The guardrail over the rows of this very transaction: asked under the business's decision lock, so that no two batches

    that fit only singly are both allowed.
    """

    def judge(self, wishes: Sequence[Wish]) -> Judged:
        """Verdict on the batch jointly, on top of everything approved so far."""
        ...


class ReleaseGate(Protocol):
    """Asked once more when approved payments are let go: guardrail and fraud checks over the rows of this very transaction, under

    the business's decision lock, with the bank's balance no older than a release allows (check C03).
    """

    def verdict(self, intents: Sequence[PaymentIntent], now: datetime, refused: Sequence[PaymentIntent] = ()) -> Judged:
        """On these payments jointly, on top of everything else approved or under way. ``refused``: approved too, and just now

        not let go; as long as they are not, what they would take is there.
        """
        ...
