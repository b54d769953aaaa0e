"""A client's policy and its firm's: what is in force, a draft tried on the past, and putting one in force."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from interlock.domains.firm.acting import Acting
from interlock.domains.firm.policy.text import TEXT_BYTES, PolicyBroken
from interlock.kernel.errors import InterlockError
from interlock.runway.desk import BusinessDesk, Desk
from interlock.runway.routes.access import Nobody, TheDesk, Who, acting, follow_clock
from interlock.runway.routes.frame import client_frame
from interlock.runway.routes.idempotency import KeyRequiredRoute
from interlock.runway.routes.rendering import page
from interlock.runway.services.experiences.policy import (
    PolicyCheck,
    PolicyExperience,
    ProposalView,
    VersionView,
    broken_view,
)
from interlock.runway.services.experiences.policy_dry_run import MOST_DAYS, DryRunView

pages = APIRouter(include_in_schema=False)
api = APIRouter(tags=["policy"], route_class=KeyRequiredRoute)

_REASON_CHARACTERS = 500
_USUAL_DAYS = 90
_THROUGH = "this machine"
_OVERTAKEN: dict[int | str, dict[str, Any]] = {
    409: {"description": "Somebody has written a newer version meanwhile; nothing was changed."}
}
Text = Annotated[str, Field(max_length=TEXT_BYTES)]


class Draft(BaseModel):
    """A policy's text, TOML."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: Text


class Tried(Draft):
    """``days``: how far back the payments go."""

    days: int = Field(_USUAL_DAYS, ge=1, le=MOST_DAYS)


class Written(Draft):
    """``base_version``: the version that was before you, 0 when there was none; 409 when there is a newer one."""

    reason: str = Field(min_length=1, max_length=_REASON_CHARACTERS)
    base_version: int = Field(ge=0)


class Proposed(Draft):
    reason: str = Field(min_length=1, max_length=_REASON_CHARACTERS)


@pages.get("/b/{slug}/policy")
def policy_page(request: Request, slug: str, desk: TheDesk, who: Who) -> HTMLResponse:
    with desk.reading(slug) as at:
        return _page(request, desk, at, who)


@pages.post("/b/{slug}/policy", dependencies=[Depends(follow_clock)])
def try_or_write(
    request: Request,
    slug: str,
    desk: TheDesk,
    who: Who,
    act: Annotated[Literal["check", "dry-run", "propose", "set"], Form()],
    text: Annotated[str, Form(max_length=TEXT_BYTES)] = "",
    reason: Annotated[str, Form(max_length=_REASON_CHARACTERS)] = "",
    base_version: Annotated[int, Form(ge=0)] = 0,
    days: Annotated[int, Form(ge=1, le=MOST_DAYS)] = _USUAL_DAYS,
) -> Response:
    """Check a draft, try it on the past, propose it, or put it in force; what fails comes back with the draft as it was typed."""
    text = text.replace("\r\n", "\n")  # a form sends its own line ends
    if act in ("set", "propose"):
        try:
            with desk.writing(slug) as at:
                by = acting(at, who)
                if act == "set":
                    at.policy.write(text, reason=reason, by=by, base_version=base_version)
                else:
                    at.policy.propose(text, reason=reason, by=by)
                return RedirectResponse(f"/b/{at.business.slug}/policy", 303)
        except PolicyBroken as trouble:
            check, status = broken_view(trouble), trouble.status
        except InterlockError as trouble:
            check, status = PolicyCheck(fits=False, say=trouble.sentence), trouble.status
        with desk.reading(slug) as at:
            return _page(request, desk, at, who, draft=text, check=check, reason=reason, status=status)
    with desk.reading(slug) as at:
        check = at.policy.check(text)
        tried = at.dry_run(text, at.today - timedelta(days=days)) if act == "dry-run" and check.fits else None
        return _page(request, desk, at, who, draft=text, check=check, tried=tried, reason=reason)


def _page(
    request: Request,
    desk: Desk,
    at: BusinessDesk,
    who: str | None,
    *,
    draft: str | None = None,
    check: PolicyCheck | None = None,
    tried: DryRunView | None = None,
    reason: str = "",
    status: int = 200,
) -> HTMLResponse:
    person = _known(at, who)
    view = at.policy.get_policy_experience(person)
    return page(
        request,
        "policy.html",
        status,
        frame=client_frame(desk, at, "policy"),
        slug=at.business.slug,
        view=view,
        today=at.today,
        draft=view.text if draft is None else draft,
        check=check,
        tried=tried,
        reason=reason,
        may_draft=person is not None and bool(person.rights & {"propose_policy", "approve_policy"}),
        may_propose=person is not None and "propose_policy" in person.rights and view.why_not is not None,
    )


def _known(at: BusinessDesk, who: str | None) -> Acting | None:
    """Who was chosen; nobody when they have no role here, since looking needs none yet."""
    try:
        return acting(at, who)
    except InterlockError:
        return None


@api.get("/businesses/{business}/policy")
def policy(business: str, desk: TheDesk, who: Who) -> PolicyExperience:
    """What is in force, value by value with whose word it is; the client's text and its versions."""
    with desk.reading(business) as at:
        return at.policy.get_policy_experience(_known(at, who))


@api.put("/businesses/{business}/policy", dependencies=[Depends(follow_clock)], responses=_OVERTAKEN)
def write_policy(business: str, said: Written, desk: TheDesk, who: Who) -> VersionView:
    """Put a text in force. 422 with every fault's line, 403 for one who may not, 409 when somebody wrote meanwhile."""
    with desk.writing(business) as at:
        return at.policy.write(said.text, reason=said.reason, by=acting(at, who), base_version=said.base_version)


@api.post("/businesses/{business}/policy/proposals", dependencies=[Depends(follow_clock)], status_code=201)
def propose_policy(business: str, said: Proposed, desk: TheDesk, who: Who) -> ProposalView:
    """Hand a text to the client's owner. Nothing in force changes; it waits until a version is written."""
    with desk.writing(business) as at:
        return at.policy.propose(said.text, reason=said.reason, by=acting(at, who))


@api.post("/businesses/{business}/policy/check")
def check_policy(business: str, said: Draft, desk: TheDesk) -> PolicyCheck:
    """Whether a text could be put in force here, and what it would change. Changes nothing."""
    with desk.reading(business) as at:
        return at.policy.check(said.text)


@api.post("/businesses/{business}/policy/dry-run")
def dry_run(business: str, said: Tried, desk: TheDesk) -> DryRunView:
    """Which payments of the last days a text would have judged otherwise than the policy in force. Changes nothing."""
    with desk.reading(business) as at:
        return at.dry_run(said.text, at.today - timedelta(days=said.days))


@api.get("/policy")
def firm_policy(desk: TheDesk, who: Who) -> PolicyExperience:
    """The firm's own policy, which every client inherits where its own is silent."""
    with desk.firm() as firm:
        try:
            person = None if who is None else firm.acting(who, through=_THROUGH)
        except InterlockError:  # nobody by that name, or without a role: they look, and may not write
            person = None
        return firm.policy.get_policy_experience(person)


@api.put("/policy", dependencies=[Depends(follow_clock)], responses=_OVERTAKEN)
def write_firm_policy(said: Written, desk: TheDesk, who: Who) -> VersionView:
    """Put the firm's text in force at every client that inherits it. Fails as a client's does."""
    if who is None:
        raise Nobody
    with desk.firm_writing() as firm:
        by = firm.acting(who, through=_THROUGH)
        return firm.policy.write(said.text, reason=said.reason, by=by, base_version=said.base_version)


@api.post("/policy/check")
def check_firm_policy(said: Draft, desk: TheDesk) -> PolicyCheck:
    """Whether a text could be the firm's, at each of its clients. Changes nothing."""
    with desk.firm() as firm:
        return firm.policy.check(said.text)
