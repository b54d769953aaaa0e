"""Deciding through the API: impact, proposals, approvals, what is done to one bill, and every decision with its replay."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from interlock.runway.replaying import ReplayView, replay
from interlock.runway.routes.access import TheDesk, Who, acting, follow_clock
from interlock.runway.routes.idempotency import KeyRequiredRoute
from interlock.runway.services.experiences.deciding import Approving
from interlock.runway.services.experiences.decisions import PAGE_MOST, DecisionsExperience, DecisionView
from interlock.runway.services.experiences.impact import ImpactView
from interlock.runway.services.experiences.wishes import BILLS_MOST, Ask

pages = APIRouter(include_in_schema=False)
api = APIRouter(tags=["decisions"], route_class=KeyRequiredRoute)

_ID_CHARACTERS = 80
_TEXT_CHARACTERS = 2_000
_AMOUNT_CHARACTERS = 24
_CREDITS_MOST = 50
_WRITES = [Depends(follow_clock)]

Id = Annotated[str, Field(max_length=_ID_CHARACTERS)]
Text = Annotated[str, Field(min_length=1, max_length=_TEXT_CHARACTERS)]


class Said(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AskedBill(Said):
    """A bill (or one of its intents, by id). Left out: all of what is left of it, on its own pay run, no credits."""

    bill_id: Id
    amount: Annotated[str, Field(max_length=_AMOUNT_CHARACTERS, description="Major units as text.")] | None = None
    pay_on: date | None = None
    credits: list[Id] = Field(default=[], max_length=_CREDITS_MOST, description="Vendor credits to apply first.")

    def ask(self) -> Ask:
        return Ask(self.bill_id, self.amount, self.pay_on, tuple(self.credits))


class BatchOfBills(Said):
    """Bills that are judged jointly. ``pay_on``: a pay run for all of them that name no day of their own."""

    bills: list[AskedBill] = Field(min_length=1, max_length=BILLS_MOST)
    pay_on: date | None = None

    @property
    def asks(self) -> tuple[Ask, ...]:
        return tuple(each.ask() for each in self.bills)


class Proposal(BatchOfBills):
    comment: Text | None = None


class OverrideSaid(Said):
    """Why a block is overridden, and until when the payment may be released on that word."""

    reason: Text
    until: date


class Approval(Proposal):
    """``acknowledge_warning``: the warning was read; ``instead_of``: in whose place, by a delegation."""

    acknowledge_warning: bool = False
    override: OverrideSaid | None = None
    instead_of: Id | None = None

    def approving(self) -> Approving:
        over = self.override
        return Approving(
            acknowledge=self.acknowledge_warning,
            override=over.reason if over else None,
            until=over.until if over else None,
            comment=self.comment,
            instead_of=self.instead_of,
        )


class HoldSaid(Said):
    """Without a reason the hold is released."""

    reason: Text | None = None
    until: date | None = None


class SnoozeSaid(Said):
    until: date


class CommentSaid(Said):
    comment: Text


class ReasonSaid(Said):
    reason: Text | None = None


@api.post("/businesses/{business}/impact")
def impact(business: str, said: BatchOfBills, desk: TheDesk) -> ImpactView:
    """What approving these bills would do: verdict, and the cash path before and after. Writes nothing."""
    with desk.reading(business) as at:
        return at.deciding(None).impact(said.asks, said.pay_on)


@api.post("/businesses/{business}/proposals", dependencies=_WRITES, status_code=201)
def propose(business: str, said: Proposal, desk: TheDesk, who: Who) -> DecisionView:
    """Propose payments for somebody else to approve; a proposal may be one that the guardrail would block."""
    with desk.writing(business) as at:
        deciding = at.deciding(acting(at, who))
        return deciding.decide("propose", said.asks, said.pay_on, approving=Approving(comment=said.comment))


@api.post("/businesses/{business}/approvals", dependencies=_WRITES, status_code=201)
def approve(business: str, said: Approval, desk: TheDesk, who: Who) -> DecisionView:
    """Approve bills or intents as one batch. 409 `guardrail_blocked` carries the verdict; a warning must be acknowledged."""
    with desk.writing(business) as at:
        return at.deciding(acting(at, who)).decide("approve", said.asks, said.pay_on, approving=said.approving())


@api.post("/businesses/{business}/schedules", dependencies=_WRITES, status_code=201)
def schedule(business: str, said: Proposal, desk: TheDesk, who: Who) -> DecisionView:
    """Move payments to another day (`pay_on`), or propose them for it."""
    with desk.writing(business) as at:
        deciding = at.deciding(acting(at, who))
        return deciding.decide("schedule", said.asks, said.pay_on, approving=Approving(comment=said.comment))


@api.post("/businesses/{business}/bills/{bill_id}/hold", dependencies=_WRITES)
def hold(business: str, bill_id: str, said: HoldSaid, desk: TheDesk, who: Who) -> DecisionView:
    """Take a bill out of what can be paid, and say why; without a reason, release it."""
    with desk.writing(business) as at:
        return at.deciding(acting(at, who)).hold(bill_id, said.reason, said.until)


@api.post("/businesses/{business}/bills/{bill_id}/snooze", dependencies=_WRITES)
def snooze(business: str, bill_id: str, said: SnoozeSaid, desk: TheDesk, who: Who) -> DecisionView:
    """Out of sight until a day."""
    with desk.writing(business) as at:
        return at.deciding(acting(at, who)).snooze(bill_id, said.until)


@api.post("/businesses/{business}/bills/{bill_id}/wake", dependencies=_WRITES)
def wake(business: str, bill_id: str, desk: TheDesk, who: Who) -> DecisionView:
    """Back in sight before its day."""
    with desk.writing(business) as at:
        return at.deciding(acting(at, who)).snooze(bill_id, None)


@api.post("/businesses/{business}/bills/{bill_id}/comment", dependencies=_WRITES)
def comment(business: str, bill_id: str, said: CommentSaid, desk: TheDesk, who: Who) -> DecisionView:
    """Say something about a bill; it stays with its decisions."""
    with desk.writing(business) as at:
        return at.deciding(acting(at, who)).comment(bill_id, said.comment)


@api.post("/businesses/{business}/bills/{bill_id}/reject", dependencies=_WRITES)
def reject(business: str, bill_id: str, said: ReasonSaid, desk: TheDesk, who: Who) -> DecisionView:
    """Turn down what is proposed for a bill."""
    with desk.writing(business) as at:
        approving = Approving(comment=said.reason)
        return at.deciding(acting(at, who)).decide("reject", (Ask(bill_id),), approving=approving)


@api.post("/businesses/{business}/decisions/{decision_id}/undo", dependencies=_WRITES)
def undo(business: str, decision_id: str, desk: TheDesk, who: Who) -> DecisionView:
    """Take back one's own approval while its undo window is open."""
    with desk.writing(business) as at:
        return at.deciding(acting(at, who)).undo(decision_id)


@api.get("/businesses/{business}/decisions")
def decisions(
    business: str,
    desk: TheDesk,
    bill_id: Annotated[str | None, Query(max_length=_ID_CHARACTERS, description="Only those about one bill.")] = None,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    most: Annotated[int, Query(ge=1, le=PAGE_MOST)] = PAGE_MOST,
) -> DecisionsExperience:
    """Every decision, the newest first."""
    with desk.reading(business) as at:
        return at.decided.get_decisions(bill_id=bill_id, offset=offset, most=most)


@api.get("/businesses/{business}/decisions/{decision_id}")
def decision(business: str, decision_id: str, desk: TheDesk) -> DecisionView:
    """One decision, with its verdict and what it was given on."""
    with desk.reading(business) as at:
        return at.decided.get_decision(decision_id)


@api.get("/businesses/{business}/decisions/{decision_id}/replay")
def replay_decision(business: str, decision_id: str, desk: TheDesk) -> ReplayView:
    """Its verdict computed again from what was kept: byte for byte the same on this engine, else every difference."""
    with desk.reading(business) as at:
        return replay(at.session, at.business, decision_id)
