"""What Ramp's answers mean (ramp.md §2), in the five ways a rail fails. Pure.

An answer to an instruction is held to more than one to a question: only what certainly made nothing is a refusal. Ramp has no
idempotency, so a failure of its own (5xx, 504 after a minute) may have made a bill.
"""

import re

import msgspec

from interlock.domains.ramp import wire
from interlock.domains.ramp.mapper import RAIL
from interlock.infra.transport import Reply
from interlock.rails.errors import OutcomeUnknown, RailError, Rejected, Unauthorised, Unavailable

GONE = "not_found"
UNKNOWN_FIELD = "unknown_field:"
INCOMPLETE = "BILL_PAY_7145"
_SCOPES = "DEVELOPER_7100"
_SCOPE = re.compile(r"\b[a-z_]+:(?:read|write)\b")
_REFUSALS = frozenset({400, 402, 404, 405, 422})
_SAID_CHARACTERS = 300
_LONGEST_PAUSE_SECONDS = 900.0
_THROTTLE_PAUSE_SECONDS = 2.0
_APP_REFUSED = (
    "Ramp no longer accepts this client's app: its id or secret was changed, or the app was removed. Make a new secret in"
    " Ramp (Developer, your app) and connect it with `interlock connect ramp`."
)


class Throttled(Unavailable):
    """Too many requests: nobody starts another one for ``retry_after`` seconds."""


class TooLate(Unavailable):
    """It was held up for so long before it was sent that it may have been given up meanwhile; certainly nothing was sent."""


class TokenRefused(Unauthorised):
    """The access token is no good (any more); with a fresh one it may go."""


class ScopeMissing(Unauthorised):
    """The app wasn't given a scope that this needs; ``scopes`` names it."""

    def __init__(self, scopes: tuple[str, ...], said: str) -> None:
        named = " and ".join(scopes) if scopes else "one it needs"
        super().__init__(
            RAIL,
            f"This client's Ramp app may not do that: it lacks the scope {named}. Add it to the app in Ramp (Developer, your"
            f" app, scopes) and connect again with `interlock connect ramp`. Ramp says: {said}.",
        )
        self.scopes = scopes


def trouble_with_question(reply: Reply, scope: str) -> RailError | None:
    """What is wrong with the answer to a read; ``None`` for a good one. ``scope``: what the call needs."""
    if reply.status == 200:
        return None
    common = _common(reply, scope)
    if common is not None:
        return common
    if reply.status >= 500:
        return Unavailable(RAIL, f"Ramp answered {reply.status}; it may be down for a moment.", _named_pause(reply))
    return rejected(reply)


def trouble_with_instruction(reply: Reply, scope: str, key: str) -> RailError | None:
    """What is wrong with the answer to an act."""
    if reply.status in {200, 201, 202, 204}:
        return None
    common = _common(reply, scope)
    if common is not None:
        return common
    if reply.status in _REFUSALS:
        return rejected(reply)
    return OutcomeUnknown(RAIL, f"Ramp answered {reply.status} to it{_trace(reply)}. Look it up.", key)


def trouble_with_token(reply: Reply, scopes: str) -> RailError | None:
    """What is wrong with the answer to a request for a token."""
    if reply.status == 200:
        return None
    if reply.status == 429:
        return Throttled(RAIL, "Ramp is throttling sign-ins; we wait.", _named_pause(reply) or _THROTTLE_PAUSE_SECONDS)
    if reply.status >= 500:
        return Unavailable(RAIL, f"Ramp's sign-in answered {reply.status}; try again.", _named_pause(reply))
    said = _token_trouble(reply.body)
    if said.error == "invalid_scope":
        return ScopeMissing(
            tuple(scopes.split()), f"{said.error_description or 'invalid scope'} (one or more of these)"
        )
    if said.error in {"invalid_client", "unauthorized_client"} or reply.status == 401:
        return Unauthorised(RAIL, _APP_REFUSED)
    words = said.error or read(reply.body).message or f"status {reply.status}"
    return Rejected(RAIL, f"Ramp's sign-in refused: {words[:_SAID_CHARACTERS]}{_trace(reply)}.", said.error or "token")


def rejected(reply: Reply) -> Rejected:
    """Ramp's refusal in words: its code, its sentence, each field that is wrong, and the number its support asks for."""
    error = read(reply.body)
    fields = fields_of(error)
    code = GONE if reply.status == 404 else error.error_code or str(reply.status)
    unknown = sorted(name for name, said in fields.items() if "unknown field" in said.lower())
    if unknown:
        code = f"{UNKNOWN_FIELD}{','.join(unknown)}"
    words = (error.message or f"status {reply.status}").strip().rstrip(".")
    named = "; ".join(f"{name}: {said.rstrip('.')}" for name, said in sorted(fields.items()))
    sentence = f"{words} ({named})" if named and named not in words else words
    return Rejected(
        RAIL, f"Ramp refused ({error.error_code or reply.status}): {sentence[:_SAID_CHARACTERS]}{_trace(reply)}.", code
    )


def read(body: bytes) -> wire.Trouble:
    try:
        return msgspec.json.decode(body, type=wire.TroubleAnswer).error_v2
    except msgspec.DecodeError:
        return wire.Trouble()  # a proxy's page: the status has to do


def fields_of(error: wire.Trouble) -> dict[str, str]:
    """What is wrong, by field; ``additional_info`` comes in more than one shape."""
    try:
        said = msgspec.json.decode(bytes(error.additional_info) or b"null")
    except msgspec.DecodeError:
        return {}
    if not isinstance(said, dict):
        return {}
    return {
        str(name): " ".join(map(str, value)) if isinstance(value, list) else str(value)
        for name, value in said.items()
        if value
    }


def _common(reply: Reply, scope: str) -> RailError | None:
    if reply.status == 429:
        return Throttled(
            RAIL, "Ramp is throttling this client's app; we wait.", _named_pause(reply) or _THROTTLE_PAUSE_SECONDS
        )
    if reply.status == 401:
        return TokenRefused(RAIL, f"Ramp doesn't accept our access token{_trace(reply)}.")
    if reply.status == 403:
        error = read(reply.body)
        said = (error.message or "forbidden").strip().rstrip(".")[:_SAID_CHARACTERS] + _trace(reply)
        named = tuple(dict.fromkeys(_SCOPE.findall(error.message or "")))
        if error.error_code == _SCOPES or named:
            return ScopeMissing(named or (scope,), said)
        return Unauthorised(
            RAIL, f"Ramp won't let this client's app do that, and names no scope: {said}. It needs {scope}."
        )
    return None


def _trace(reply: Reply) -> str:
    trace = reply.headers.get("x-trace-id", "")
    return f", trace {trace[:60]}" if trace else ""


def _token_trouble(body: bytes) -> wire.TokenTrouble:
    try:
        return msgspec.json.decode(body, type=wire.TokenTrouble)
    except msgspec.DecodeError:
        return wire.TokenTrouble()


def _named_pause(reply: Reply) -> float | None:
    named = reply.headers.get("retry-after", "")
    return min(float(named), _LONGEST_PAUSE_SECONDS) if named.isascii() and named.isdigit() else None
