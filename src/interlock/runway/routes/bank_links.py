"""A client's banks: ``/b/{slug}/banks``, on to a bank's page and back, re-linking, unlinking, checking an account.

As with the ledger, the rail's page is reached by a page of our own that goes on by itself: no form is redirected out of the house.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from interlock.domains.bank.services.account_verification_service import Verification
from interlock.kernel.errors import NotFound
from interlock.rails.bank_links import LinksBusinessBanks
from interlock.rails.links import OwnerClaim
from interlock.runway.business_desk import BusinessDesk
from interlock.runway.routes.access import ACTOR, TheDesk, follow_clock
from interlock.runway.routes.frame import client_frame
from interlock.runway.routes.idempotency import KeyedRoute
from interlock.runway.routes.rendering import page
from interlock.runway.services.data_orchestrators.bank_logins import bank_logins
from interlock.runway.services.experiences.bank_links import (
    BankLinkView,
    BanksExperience,
    ChecksView,
    CheckView,
    get_banks_experience,
)
from interlock.runway.services.views import View

pages = APIRouter(include_in_schema=False)
api = APIRouter(tags=["banks"], route_class=KeyedRoute)

_STATE_CHARACTERS = 200
_OWNER_CHARACTERS = 200
_ID_CHARACTERS = 80
FROM_PLAID: dict[int | str, dict[str, Any]] = {
    409: {"description": "No bank is linked, or another sync of this business is running."},
    502: {"description": "Plaid or the bank refused; the message says what mends it."},
    503: {"description": "Plaid or the bank can't be reached just now."},
}
_Id = Annotated[str, Form(max_length=_ID_CHARACTERS)]


class ChecksAccounts(Protocol):
    """Asks banks whether an account exists and whose it is; without a claim, the client is said to own it."""

    def verify(self, business: str, account: str, claim: OwnerClaim | None, *, actor: str) -> Verification: ...
    def checks(self, business: str, account: str | None = None) -> Sequence[Verification]: ...


def the_banks(request: Request) -> LinksBusinessBanks:
    """What links banks."""
    banks: LinksBusinessBanks = request.app.state.bank_links
    return banks


def the_checks(request: Request) -> ChecksAccounts:
    """What checks accounts."""
    checks: ChecksAccounts = request.app.state.account_checks
    return checks


TheBanks = Annotated[LinksBusinessBanks, Depends(the_banks)]
TheChecks = Annotated[ChecksAccounts, Depends(the_checks)]


class LinkWanted(BaseModel):
    """``item_id``: of a login to mend; without it a bank is linked anew."""

    model_config = ConfigDict(extra="forbid")

    item_id: str | None = Field(None, max_length=_ID_CHARACTERS)


class OwnerSaid(BaseModel):
    """Who is said to own the account; the client itself without a name. ``phone`` with its country: ``+14155550123``."""

    model_config = ConfigDict(extra="forbid")

    owner: str = Field("", max_length=_OWNER_CHARACTERS, examples=["Alder & Ash Joinery LLC"])
    email: str = Field("", max_length=_OWNER_CHARACTERS)
    phone: str = Field("", max_length=40)

    def claim(self) -> OwnerClaim | None:
        if not self.owner.strip():
            return None
        return OwnerClaim(self.owner.strip(), self.email.strip() or None, self.phone.strip() or None)


class BankUnlinkedView(View):
    """``told``: whether the rail knows of it too; ``words`` says what is left to do where it doesn't."""

    item_id: str
    told: bool
    words: str


class AskedView(View):
    """``unanswered``: what could not be had, and why."""

    unanswered: tuple[str, ...]


@pages.get("/b/{slug}/banks")
def banks_page(request: Request, slug: str, desk: TheDesk, banks: TheBanks) -> HTMLResponse:
    with desk.reading(slug) as at:
        return page(
            request, "banks.html", frame=client_frame(desk, at, "connection"), view=_experience(at, banks), tied=at.tied
        )


@pages.post("/b/{slug}/banks/link", dependencies=[Depends(follow_clock)])
def link_now(request: Request, slug: str, banks: TheBanks, item_id: _Id = "") -> HTMLResponse:
    """On to Plaid's page; ``item_id`` mends a login."""
    link = banks.begin(slug, actor=ACTOR, origin=f"http://{request.headers['host']}", item_id=item_id or None)
    return page(request, "onward.html", onward=link.url, ask="On to the bank", words="Continue to Plaid’s page")


@pages.post("/b/{slug}/banks/finish", dependencies=[Depends(follow_clock)])
def finish_now(slug: str, banks: TheBanks, link_id: _Id) -> RedirectResponse:
    """Ask what came of a page that was opened elsewhere."""
    _belongs(banks, slug, link_id)
    banks.finish(link_id)
    return _back(slug)


@pages.post("/b/{slug}/banks/unlink", dependencies=[Depends(follow_clock)])
def unlink_now(slug: str, banks: TheBanks, item_id: _Id) -> RedirectResponse:
    banks.unlink(slug, item_id, actor=ACTOR)
    return _back(slug)


@pages.post("/b/{slug}/banks/ask", dependencies=[Depends(follow_clock)])
def ask_now(slug: str, banks: TheBanks) -> RedirectResponse:
    """Balances of this moment, from the banks themselves."""
    banks.ask_banks(slug)
    return _back(slug)


@pages.post("/b/{slug}/banks/verify", dependencies=[Depends(follow_clock)])
def verify_now(
    slug: str,
    checks: TheChecks,
    account_id: _Id,
    owner: Annotated[str, Form(max_length=_OWNER_CHARACTERS)] = "",
) -> RedirectResponse:
    checks.verify(slug, account_id, OwnerSaid(owner=owner, email="", phone="").claim(), actor=ACTOR)
    return RedirectResponse(f"/b/{slug}/banks#a{account_id}", 303)


@pages.get("/oauth/plaid/callback", dependencies=[Depends(follow_clock)])
def callback(request: Request, banks: TheBanks) -> Response:
    """Where a bank's page sends the browser back to. It proves nothing: what came of it is asked of Plaid."""
    link, onward = banks.receive(request.query_params.get("state", "")[:_STATE_CHARACTERS])
    ask = "Back from the bank" if link.standing == "connected" else "Nothing was linked yet"
    return page(request, "onward.html", onward=onward, ask=ask, words="Back to the client’s banks")


@api.get("/businesses/{business}/banks")
def bank_list(business: str, desk: TheDesk, banks: TheBanks) -> BanksExperience:
    """A client's bank logins with accounts, balances and the last check of each; and links that are open."""
    with desk.reading(business) as at:
        return _experience(at, banks)


@api.post(
    "/businesses/{business}/banks/links", dependencies=[Depends(follow_clock)], responses=FROM_PLAID, status_code=201
)
def begin(business: str, wanted: LinkWanted, banks: TheBanks) -> BankLinkView:
    """A page of Plaid's to send a person to: open its ``url`` in any browser, then ask what came of it."""
    return BankLinkView.of(banks.begin(business, actor=ACTOR, item_id=wanted.item_id))


@api.post(
    "/businesses/{business}/banks/links/{link_id}/finish", dependencies=[Depends(follow_clock)], responses=FROM_PLAID
)
def finish(business: str, link_id: str, banks: TheBanks) -> BankLinkView:
    """What came of it by now; what it brought is kept. May be asked again and again."""
    _belongs(banks, business, link_id)
    return BankLinkView.of(banks.finish(link_id))


@api.post("/businesses/{business}/banks/{item_id}/unlink", dependencies=[Depends(follow_clock)], responses=FROM_PLAID)
def unlink(business: str, item_id: str, banks: TheBanks) -> BankUnlinkedView:
    """Tell Plaid, forget the token, keep what was read."""
    done = banks.unlink(business, item_id, actor=ACTOR)
    return BankUnlinkedView(item_id=done.item_id, told=done.told, words=done.words)


@api.post("/businesses/{business}/banks/ask", dependencies=[Depends(follow_clock)], responses=FROM_PLAID)
def ask(business: str, banks: TheBanks) -> AskedView:
    """Ask the banks themselves for balances of this moment: slow (30 seconds and more), and rationed."""
    return AskedView(unanswered=tuple(banks.ask_banks(business)))


@api.post(
    "/businesses/{business}/accounts/{account}/verify",
    dependencies=[Depends(follow_clock)],
    responses=FROM_PLAID,
    status_code=201,
)
def verify(business: str, account: str, said: OwnerSaid, checks: TheChecks) -> CheckView:
    """Whether a linked account exists and its owner matches; ``account`` by id, last digits or name. Evidence is kept."""
    return CheckView.of(checks.verify(business, account, said.claim(), actor=ACTOR))


@api.get("/businesses/{business}/verifications")
def verifications(business: str, checks: TheChecks) -> ChecksView:
    """What banks said of accounts before, newest first."""
    return ChecksView(checks=tuple(CheckView.of(each) for each in checks.checks(business)))


def _experience(at: BusinessDesk, banks: LinksBusinessBanks) -> BanksExperience:
    held = bank_logins(at.session, at.business.business_id)
    links = banks.begun(at.business.business_id)
    return get_banks_experience(at.business, held, links, trouble=banks.trouble(), now=at.now)


def _belongs(banks: LinksBusinessBanks, business: str, link_id: str) -> None:
    if all(each.link_id != link_id for each in banks.begun(business)):
        raise NotFound("This client has no such bank link; begin anew.")


def _back(slug: str) -> RedirectResponse:
    return RedirectResponse(f"/b/{slug}/banks", 303)
