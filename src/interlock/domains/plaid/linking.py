"""Hosted Link: what is asked of Plaid's page, and how a session there stands. Pure.

No script of Plaid's runs in our pages: a person goes to an address of theirs and comes back, and what they gave is fetched
(plaid.md §2). Our page to come back to is no proof of anything; only what Plaid says of the session is.
"""

from collections.abc import Sequence
from typing import Any, Literal

from msgspec import Struct

from interlock.domains.plaid import wire
from interlock.domains.plaid.mapper import RAIL
from interlock.rails.errors import ContractBroken
from interlock.rails.links import HostedLink

# Lines are read from the start; numbers and owners are consented to, and cost nothing until somebody asks for them.
PRODUCTS = ("transactions",)
CONSENTED = ("auth", "identity")
DAYS_OF_HISTORY = 730
_SHOWN_CHARACTERS = 30


class Session(Struct, frozen=True):
    """All openings of one hosted page together. ``public_tokens`` each stand for a login just given."""

    state: Literal["waiting", "left", "finished"]
    public_tokens: tuple[str, ...] = ()
    said: str | None = None


def wanted(
    owner: str, shown_as: str, *, hook_url: str | None, return_to: str | None, token: str | None
) -> dict[str, Any]:
    """The body of ``/link/token/create``. ``token`` of a login re-links it, and then no products may be named."""
    hosted: dict[str, Any] = {} if return_to is None else {"completion_redirect_uri": return_to}
    body: dict[str, Any] = {
        "client_name": shown_as[:_SHOWN_CHARACTERS].strip() or "Interlock",
        "language": "en",
        "country_codes": ["US"],
        "user": {"client_user_id": owner},
        "hosted_link": hosted,
    }
    if hook_url is not None:
        body["webhook"] = hook_url
    if token is not None:
        return {**body, "access_token": token}
    return {
        **body,
        "products": list(PRODUCTS),
        "additional_consented_products": list(CONSENTED),
        "transactions": {"days_requested": DAYS_OF_HISTORY},
    }


def hosted(given: wire.LinkToken) -> HostedLink:
    """The page to send a person to."""
    if given.hosted_link_url is None:
        raise ContractBroken(
            RAIL, "Plaid gave no page of its own: Hosted Link has to be enabled for this account.", "hosted_link_url"
        )
    if not given.hosted_link_url.startswith(("https://", "http://")):  # it becomes a link in a page of ours
        raise ContractBroken(RAIL, "Plaid gave a page that no browser should be sent to.", "hosted_link_url")
    return HostedLink(given.link_token, given.hosted_link_url, given.expiration)


def standing(state: wire.LinkTokenState, brought: Sequence[str] = ()) -> Session:
    """How the sessions of one link stand. What one of them gave counts, whatever came of the others."""
    tokens: dict[str, None] = dict.fromkeys(brought)
    succeeded = False
    for each in state.link_sessions:
        added = each.results.item_add_results if each.results else ()
        older = each.on_success.public_token if each.on_success else None
        tokens.update(dict.fromkeys(one.public_token for one in added))
        succeeded = succeeded or bool(added) or each.on_success is not None
        if older and not added:
            tokens[older] = None
    ended = [each for each in state.link_sessions if each.finished_at or each.exit or each.on_exit]
    if tokens or succeeded:
        return Session("finished", tuple(tokens))
    if not ended or len(ended) < len(state.link_sessions):
        return Session("waiting")
    last = ended[-1].exit or ended[-1].on_exit
    fault = last.error if last else None
    return Session("left", said=None if fault is None else (fault.display_message or fault.error_message))
