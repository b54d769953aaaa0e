"""What Stripe's answers mean (stripe.md §1), in the five ways a rail fails. Pure.

An answer to an instruction is held to more than one to a question: only what certainly made nothing is a refusal.
"""

import msgspec

from interlock.domains.stripe import wire
from interlock.domains.stripe.mapper import RAIL
from interlock.infra.transport import Reply
from interlock.rails.errors import OutcomeUnknown, RailError, Rejected, Unauthorised, Unavailable

GONE = "resource_missing"
_IN_USE = "idempotency_key_in_use"
_SAID_CHARACTERS = 300
_LONGEST_PAUSE_SECONDS = 900.0
_THROTTLE_PAUSE_SECONDS = 2.0
_KEY_REFUSED = (
    "Stripe no longer accepts this client's key; make one in Stripe's dashboard and connect it with"
    " `interlock connect stripe`."
)
_NOT_COVERED = (
    "Stripe says that this key may not do that ({said}); give it the permission in Stripe's dashboard, or connect another"
    " with `interlock connect stripe`."
)
_MENDED_BY = {
    "invoice_no_customer_line_items": "it has no line; create it again with the same order",
    "invoice_not_editable": "it was finalised already; void it and make another",
    "charge_already_refunded": "the whole charge was given back already",
    "charge_disputed": "the customer's bank has taken it back already; answer the dispute instead",
    "balance_insufficient": "Stripe's balance doesn't cover it; wait for more to come in, or add funds there",
    "customer_max_payment_methods": "the customer has too many payment methods at Stripe; remove one there",
    "missing": "the customer has no e-mail address at Stripe; add one there",
    GONE: "Stripe has no such object; sync and look again",
}


class Throttled(Unavailable):
    """Too many requests: nobody starts another one for ``retry_after`` seconds."""


def trouble_with_question(reply: Reply) -> RailError | None:
    """What is wrong with the answer to a read; ``None`` for a good one."""
    if reply.status == 200:
        return None
    common = _common(reply)
    if common is not None:
        return common
    if reply.status >= 500 or reply.status == 409:
        return Unavailable(RAIL, f"Stripe answered {reply.status}; it may be down for a moment.", _named_pause(reply))
    return _rejected(reply)


def trouble_with_instruction(reply: Reply, key: str) -> RailError | None:
    """What is wrong with the answer to an act. Stripe keeps an answer under its key once it began to act, a failure of its own

    included, and repeats it for a day: such a failure tells nothing of what was done.
    """
    if reply.status == 200:
        return None
    common = _common(reply)
    if common is not None:
        return common
    error = _read(reply.body)
    if error.type == "idempotency_error" or error.code == _IN_USE:
        said = "under this key another sending is under way, or something else was sent before"
        return OutcomeUnknown(RAIL, f"Stripe did not take it: {said}. Look it up.", key)
    if not 400 <= reply.status < 500:
        again = " (what it said the first time)" if reply.headers.get("idempotent-replayed") == "true" else ""
        return OutcomeUnknown(RAIL, f"Stripe answered {reply.status} to it{again}. Look it up.", key)
    return _rejected(reply)


def _common(reply: Reply) -> RailError | None:
    if reply.status == 429:  # too many requests, or the object is locked by another: refused before anything began
        return Throttled(
            RAIL, "Stripe is throttling this account; we wait.", _named_pause(reply) or _THROTTLE_PAUSE_SECONDS
        )
    if reply.status == 401:
        return Unauthorised(RAIL, _KEY_REFUSED)
    if reply.status == 403:
        return Unauthorised(RAIL, _NOT_COVERED.format(said=_said(_read(reply.body), reply)))
    return None


def _rejected(reply: Reply) -> Rejected:
    error = _read(reply.body)
    code = error.code or error.type or str(reply.status)
    if error.decline_code:
        code = f"{code}:{error.decline_code}"
    mend = _MENDED_BY.get(error.code or "")
    sentence = f"Stripe refused (code {code}): {_said(error, reply)}."
    return Rejected(RAIL, sentence if mend is None else f"{sentence} That means: {mend}.", error.code or code)


def _said(error: wire.Trouble, reply: Reply) -> str:
    """Stripe's words, with the number by which its support finds the request."""
    words = (error.message or f"status {reply.status}").strip().rstrip(".")[:_SAID_CHARACTERS]
    request = reply.headers.get("request-id", "")
    return f"{words}, request {request[:60]}" if request else words


def _read(body: bytes) -> wire.Trouble:
    try:
        return msgspec.json.decode(body, type=wire.TroubleAnswer).error
    except msgspec.DecodeError:
        return wire.Trouble()  # a proxy's page: the status has to do


def _named_pause(reply: Reply) -> float | None:
    named = reply.headers.get("retry-after", "")
    return min(float(named), _LONGEST_PAUSE_SECONDS) if named.isascii() and named.isdigit() else None
