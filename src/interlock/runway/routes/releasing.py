"""Releasing payments, what people say of released ones, and how a client pays."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field

from interlock.domains.ap.policy.course import Way
from interlock.domains.ap.policy.happenings import PersonSays
from interlock.domains.ap.services.paying_setup import Method
from interlock.runway.releasing_desk import ask_banks_first, releasing
from interlock.runway.routes.access import TheDesk, Who, acting, follow_clock
from interlock.runway.routes.bank_links import TheBanks
from interlock.runway.routes.idempotency import KeyRequiredRoute
from interlock.runway.services.experiences.releasing import PayingExperience, PaymentSaidView, ReleaseView

pages = APIRouter(include_in_schema=False)
api = APIRouter(tags=["payments"], route_class=KeyRequiredRoute)

_ID_CHARACTERS = 80
_TEXT_CHARACTERS = 2_000
_RELEASED_MOST = 500
_WRITES = [Depends(follow_clock)]

Id = Annotated[str, Field(max_length=_ID_CHARACTERS)]
Text = Annotated[str, Field(min_length=1, max_length=_TEXT_CHARACTERS)]
InPath = Annotated[str, Path(max_length=_ID_CHARACTERS)]


class Said(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Release(Said):
    """Payments to let go, by their ids. ``acknowledge_warning``: the guardrail's warning was read."""

    intents: list[Id] = Field(min_length=1, max_length=_RELEASED_MOST)
    comment: Text | None = None
    acknowledge_warning: bool = False


class SaidOfPayment(Said):
    says: PersonSays
    comment: Text | None = None


class PayingSaid(Said):
    """``no_accounting``: that no accounting connection or import carries bills from the paying rail into the ledger."""

    way: Way
    method: Method = "ach"
    funding_account_id: Id | None = None
    no_accounting: bool = False


@api.post("/businesses/{business}/payments/release", dependencies=_WRITES)
def release(business: str, said: Release, desk: TheDesk, banks: TheBanks, who: Who) -> ReleaseView:
    """Let approved payments go. The banks are asked first (30 s and more); a row that can't go says why and stops no other.

    409 `balance_not_refreshed` when a bank doesn't tell; 409 `guardrail_warning` until the warning is acknowledged.
    """
    with desk.reading(business) as at:
        acting(at, who)  # nobody's release asks the banks
    balance = ask_banks_first(desk, banks, business, said.intents)
    with desk.writing(business) as at:
        service = releasing(at, acting(at, who))
        return service.release(
            said.intents, balance=balance, comment=said.comment, acknowledge_warning=said.acknowledge_warning
        )


@api.post("/businesses/{business}/payments/{intent_id}/say", dependencies=_WRITES)
def say(business: str, intent_id: InPath, said: SaidOfPayment, desk: TheDesk, who: Who) -> PaymentSaidView:
    """What a person found out about a released payment: it isn't there, look again, it came back; or take it back."""
    with desk.writing(business) as at:
        return releasing(at, acting(at, who)).say(intent_id, said.says, said.comment)


@api.get("/businesses/{business}/paying")
def paying(business: str, desk: TheDesk) -> PayingExperience:
    """How a client pays its bills, and what stands against each other way."""
    with desk.reading(business) as at:
        return releasing(at, None).get_paying_experience()


@api.post("/businesses/{business}/paying", dependencies=_WRITES)
def choose_paying(business: str, said: PayingSaid, desk: TheDesk, who: Who) -> PayingExperience:
    """Choose how a client pays from now on. 409 `create_refused` where bills would be booked twice."""
    with desk.writing(business) as at:
        return releasing(at, acting(at, who)).choose(
            said.way, said.method, said.funding_account_id, declares_no_accounting=said.no_accounting
        )
