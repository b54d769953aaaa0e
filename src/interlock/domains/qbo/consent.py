"""A person's consent at Intuit: where to send them, the tokens their answer is good for, and taking it back (qbo.md §1).

Only the accounting scope is ever asked for: with it alone no call can move money, whatever else goes wrong here.
"""

import base64
from datetime import datetime

import msgspec
from oauthlib.oauth2 import WebApplicationClient
from yarl import URL

from interlock.domains.qbo.grant import App, TokenAnswer, granted
from interlock.domains.qbo.mapper import RAIL
from interlock.infra.transport import Reply, Request, Transport, TransportError, Usage
from interlock.rails.connections import Grant
from interlock.rails.errors import ContractBroken, Rejected, Unauthorised, Unavailable

SCOPE = "com.intuit.quickbooks.accounting"
CODE_CHARACTERS = 512
_PAUSE_SECONDS = 5.0


class _Refusal(msgspec.Struct, frozen=True):
    error: str = ""


def authorize_url(page: str, client_id: str, *, redirect_uri: str, state: str) -> str:
    """Where a person consents."""
    asked = {
        "client_id": client_id,
        "response_type": "code",
        "scope": SCOPE,
        "redirect_uri": redirect_uri,
        "state": state,
    }
    return str(URL(page).update_query(asked))


async def exchange(
    app: App, transport: Transport, *, code: str, redirect_uri: str, now: datetime, usage: Usage | None = None
) -> Grant:
    """The grant for an authorization code, asked for at ``now``. Never tried twice: a second try can undo the first (qbo.md §1).

    ``Unauthorised`` when the code is used, too old or not ours; ``Unavailable`` when no answer came, and then nobody holds
    tokens of this consent.
    """
    body = WebApplicationClient(app.client_id).prepare_request_body(
        code=code, redirect_uri=redirect_uri, include_client_id=False
    )
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "x-include-refresh-token-hard-expires-in": "true",
    }
    reply = await _send(app, transport, app.token_url, headers, body.encode(), usage)
    if reply.status >= 500 or reply.status == 429:
        raise Unavailable(RAIL, f"Intuit's sign-in answered {reply.status}; start again.", _PAUSE_SECONDS)
    if reply.status != 200:
        raise Unauthorised(RAIL, _refusal(_error_in(reply.body)))
    try:
        return granted(msgspec.json.decode(reply.body, type=TokenAnswer), now)
    except msgspec.DecodeError as trouble:
        raise ContractBroken(
            RAIL, f"Intuit's sign-in sent tokens we can't read: {trouble}.", "access_token"
        ) from trouble


async def revoke(app: App, transport: Transport, revoke_url: str, grant: Grant) -> bool:
    """End the grant at Intuit; ``False`` when Intuit no longer knew it. ``Unavailable`` or ``Rejected`` when it stands."""
    body = msgspec.json.encode({"token": grant.refresh_token})
    reply = await _send(app, transport, revoke_url, {"Content-Type": "application/json"}, body, None)
    if reply.status == 200:
        return True
    error = _error_in(reply.body)
    if reply.status == 400 and error in {"invalid_request", "invalid_grant", "invalid_token"}:
        return False
    if reply.status >= 500 or reply.status == 429:
        raise Unavailable(RAIL, f"Intuit answered {reply.status} when asked to end the connection.", _PAUSE_SECONDS)
    raise Rejected(RAIL, f"Intuit would not end the connection ({error or reply.status}).", error)


async def _send(
    app: App, transport: Transport, url: str, headers: dict[str, str], body: bytes, usage: Usage | None
) -> Reply:
    secret = base64.b64encode(f"{app.client_id}:{app.client_secret}".encode()).decode()
    said = {"Authorization": f"Basic {secret}", "Accept": "application/json", **headers}
    try:
        return await transport.send(Request("POST", url, headers=said, body=body), usage)
    except TransportError as trouble:
        raise Unavailable(RAIL, f"Intuit's sign-in can't be reached: {trouble.sentence}") from trouble


def _error_in(body: bytes) -> str:
    try:
        return msgspec.json.decode(body, type=_Refusal).error
    except msgspec.DecodeError:
        return ""


def _refusal(error: str) -> str:
    if error == "invalid_grant":
        return "Intuit no longer takes this consent: it was used already or is too old. Start again."
    if error in {"invalid_client", "unauthorized_client"}:
        return "Intuit doesn't know this app; check INTERLOCK_QBO_CLIENT_ID and INTERLOCK_QBO_CLIENT_SECRET."
    return f"Intuit's sign-in refused: {error or 'no reason given'}."
