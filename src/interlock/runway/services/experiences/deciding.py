"""Deciding on bills: what page, API and command ask for, handed to payables as one batch, and what came of it.

Every act answers with the decision that it left. Nothing here moves money; who may do what, the lock and the verdict under it are
payables' (``BillPaymentService``).
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from interlock.domains.ap.ports import JudgesPayments, Wish
from interlock.domains.ap.services.bill_payment_service import BillPaymentService
from interlock.domains.ap.services.deciding import PAY_DAYS_AHEAD, Decided
from interlock.domains.ap.services.decision_records import Overriding
from interlock.kernel.clock import zone
from interlock.kernel.errors import BadInput, NotFound
from interlock.runway.services.data_orchestrators.console_rows import ConsoleBill
from interlock.runway.services.experiences.console import ConsoleService
from interlock.runway.services.experiences.decisions import DecisionsService, DecisionView
from interlock.runway.services.experiences.impact import ImpactView, impact_of
from interlock.runway.services.experiences.wishes import Ask, bounded, wishes_of

BatchAct = Literal["approve", "propose", "schedule", "reject", "withdraw"]


class Approving(Struct, frozen=True):
    """What an approval says beside the bills: that its warning was read; why it overrides a block, and until which day."""

    acknowledge: bool = False
    override: str | None = None
    until: date | None = None
    comment: str | None = None
    instead_of: str | None = None


class DecidingService:
    """Acts of one person (or, for impacts, of nobody) on one client's bills, within one transaction."""

    def __init__(
        self,
        console: ConsoleService,
        decisions: DecisionsService,
        *,
        judge: JudgesPayments,
        payments: Callable[[], BillPaymentService],
        person_id: Callable[[str], str],
        today: date,
        time_zone: str,
    ) -> None:
        self._console = console
        self._decisions = decisions
        self._judge = judge
        self._payments = payments
        self._person_id = person_id
        self._today = today
        self._zone = time_zone

    def impact(self, asks: Sequence[Ask], pay_on: date | None = None) -> ImpactView:
        """What approving these would do; nothing is written."""
        return impact_of(self._judge.judge(self._wishes(asks, pay_on)))

    def decide(
        self, act: BatchAct, asks: Sequence[Ask], pay_on: date | None = None, *, approving: Approving = Approving()
    ) -> DecisionView:
        """One act on a batch. ``PaymentBlocked`` and other refusals say what stands in the way; nothing is kept then."""
        if not asks:
            raise BadInput("Select at least one bill. Nothing was changed.")
        asks = self._named(asks)
        acts = {
            "approve": self._approve,
            "propose": self._propose,
            "schedule": self._schedule,
            "reject": self._reject,
            "withdraw": self._withdraw,
        }
        return acts[act](asks, pay_on, approving)

    def _wishes(self, asks: Sequence[Ask], pay_on: date | None) -> tuple[Wish, ...]:
        if not asks:
            return ()
        asks = bounded(self._named(asks))
        bills = self._bills([each.bill_id for each in asks])
        return tuple(wish for each in asks for wish in wishes_of(bills[each.bill_id], each, pay_on, self._today))

    def _named(self, asks: Sequence[Ask]) -> list[Ask]:
        """Payments named by their own id mean their bills."""
        return [replace(each, bill_id=self._decisions.bill_of(each.bill_id) or each.bill_id) for each in asks]

    def _stands_for(self, wanted: str | None) -> str | None:
        return self._person_id(wanted) if wanted else None

    def _bills(self, ids: Sequence[str]) -> dict[str, ConsoleBill]:
        found = self._console.get_bills(ids)
        missing = next((each for each in ids if each not in found), None)
        if missing is not None:
            raise NotFound(f"There is no open bill {missing!r} in these books. Nothing was changed.")
        return found

    def hold(self, bill_id: str, reason: str | None, until: date | None = None) -> DecisionView:
        """Hold a bill back; without a reason release it."""
        payments = self._payments()
        return self._kept(payments.hold([bill_id], reason, until) if reason else payments.release([bill_id]))

    def snooze(self, bill_id: str, until: date | None) -> DecisionView:
        """Out of sight until a day; ``None`` wakes it."""
        payments = self._payments()
        return self._kept(payments.snooze([bill_id], until) if until is not None else payments.wake([bill_id]))

    def comment(self, bill_id: str, words: str) -> DecisionView:
        return self._kept(self._payments().comment(bill_id, words))

    def undo(self, decision_id: str) -> DecisionView:
        """Take one's own decision back while its window is open."""
        return self._kept(self._payments().undo(decision_id))

    def _approve(self, asks: Sequence[Ask], pay_on: date | None, said: Approving) -> DecisionView:
        return self._kept(
            self._payments().approve_bill_for_payment(
                self._wishes(asks, pay_on),
                comment=said.comment,
                acknowledge_warning=said.acknowledge,
                override=self._overriding(said),
                for_person=self._stands_for(said.instead_of),
            )
        )

    def _propose(self, asks: Sequence[Ask], pay_on: date | None, said: Approving) -> DecisionView:
        return self._kept(self._payments().propose(self._wishes(asks, pay_on), comment=said.comment))

    def _schedule(self, asks: Sequence[Ask], pay_on: date | None, said: Approving) -> DecisionView:
        """Payments that stand move to ``pay_on``; what has none yet is proposed for it. Answers with the last decision."""
        bills = self._bills([each.bill_id for each in asks])
        payments, kept = self._payments(), []
        fresh = [each for each in asks if not bills[each.bill_id].live]
        for bill in bills.values():
            for intent in bill.live:
                day = pay_on or bill.run or self._today
                if intent.pay_on != day:
                    moved = payments.schedule(
                        intent.intent_id, day, comment=said.comment, acknowledge_warning=said.acknowledge
                    )
                    kept.append(self._kept(moved))
        if fresh:
            kept.append(self._propose(fresh, pay_on, said))
        if not kept:
            raise BadInput("All of these are paid on that day already; nothing was changed.")
        return kept[-1]

    def _reject(self, asks: Sequence[Ask], pay_on: date | None, said: Approving) -> DecisionView:
        del pay_on
        return self._kept(self._payments().reject([each.bill_id for each in asks], said.comment))

    def _withdraw(self, asks: Sequence[Ask], pay_on: date | None, said: Approving) -> DecisionView:
        del pay_on
        return self._kept(self._payments().withdraw([each.bill_id for each in asks], said.comment))

    def _kept(self, decided: Decided) -> DecisionView:
        return self._decisions.get_decision(decided.decision_id)

    def _overriding(self, said: Approving) -> Overriding | None:
        if said.override is None:
            return None
        if said.until is None:
            raise BadInput("An override needs a day on which it ends. Nothing was changed.")
        if not self._today <= said.until <= self._today + timedelta(days=PAY_DAYS_AHEAD):
            raise BadInput("An override ends today or within a few days. Nothing was changed.")
        ends = datetime.combine(said.until + timedelta(days=1), time(), zone(self._zone))
        return Overriding(said.override, ends)
