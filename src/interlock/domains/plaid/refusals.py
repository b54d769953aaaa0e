"""What Plaid's errors mean and who mends them: switched on type and code, never on the HTTP status (plaid.md §9)."""

import msgspec

from interlock.domains.plaid import wire
from interlock.domains.plaid.mapper import RAIL
from interlock.infra.transport import Reply
from interlock.rails.errors import ContractBroken, RailError, Rejected, Unauthorised, Unavailable

THROTTLE_PAUSE_SECONDS = 60.0
"""Plaid counts by the minute and names no pause."""

_SAID_CHARACTERS = 200
_WRONG_KEYS = {"INVALID_API_KEYS", "UNAUTHORIZED_ENVIRONMENT", "INVALID_CLIENT_ID", "MISSING_API_KEYS"}
_GONE_TOKENS = {"INVALID_ACCESS_TOKEN", "ITEM_NOT_FOUND"}
_LOGIN = {
    "ITEM_LOGIN_REQUIRED",
    "ITEM_LOCKED",
    "INVALID_CREDENTIALS",
    "INVALID_MFA",
    "INVALID_UPDATED_USERNAME",
    "INSUFFICIENT_CREDENTIALS",
    "MFA_NOT_SUPPORTED",
    "USER_SETUP_REQUIRED",
    "PENDING_EXPIRATION",
    "PENDING_DISCONNECT",
    "NO_ACCOUNTS",
}
_CONSENT = {"USER_PERMISSION_REVOKED", "USER_ACCOUNT_REVOKED", "ITEM_NO_LONGER_AVAILABLE"}
# The login is well; this bank, account or consent just doesn't give what was asked.
_NOT_GIVEN = {"ACCESS_NOT_GRANTED", "NO_AUTH_ACCOUNTS", "ITEM_NOT_SUPPORTED", "PRODUCTS_NOT_SUPPORTED"}
_LATER = {"PRODUCT_NOT_READY", "INTERNAL_SERVER_ERROR", "PLANNED_MAINTENANCE"}
_BANK_DOWN = {"INSTITUTION_DOWN", "INSTITUTION_NOT_RESPONDING", "INSTITUTION_NOT_AVAILABLE"}

MUTATED = "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION"
LOGIN_REQUIRED = "ITEM_LOGIN_REQUIRED"


class LoginLost(Unauthorised):
    """One login no longer reads: its owner has to log in again, or gave their consent back. Others are as they were.

    ``code`` there is Plaid's; ``consent`` says that it was taken back, ``token`` that Plaid doesn't know our token.
    """

    def __init__(self, sentence: str, reason: str, *, consent: bool = False, token: bool = False) -> None:
        super().__init__(RAIL, sentence)
        self.reason = reason
        self.consent = consent
        self.token = token


class KeysRefused(Rejected):
    """Plaid doesn't take the installation's own keys: no login is at fault, and none has to be given again."""


class Throttled(Unavailable):
    """Too many calls for a login or for all of ours; nothing is lost by waiting a minute."""


class Mutated(Unavailable):
    """Lines moved while their pages were read: the whole loop has to begin again from its first cursor."""


def trouble_of(reply: Reply) -> RailError | None:
    """What is wrong with an answer; ``None`` for a good one."""
    if reply.status == 200:
        return None
    fault = read_fault(reply.body)
    if fault is not None:
        return meaning(fault)
    if reply.status == 429:
        return Throttled(RAIL, "Plaid asks for a pause.", THROTTLE_PAUSE_SECONDS)
    if reply.status >= 500:
        return Unavailable(RAIL, f"Plaid answered {reply.status}; it may be down for a moment.")
    return ContractBroken(RAIL, f"Plaid answered {reply.status} without saying why.", "error_code")


def read_fault(body: bytes) -> wire.Fault | None:
    """The envelope, or ``None`` where the body is something else."""
    try:
        return msgspec.json.decode(body, type=wire.Fault)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def meaning(fault: wire.Fault) -> RailError:
    """An error in our words. What we don't know is refused, not guessed at."""
    code, family = fault.error_code, fault.error_type
    traced = f" (Plaid request {fault.request_id})" if fault.request_id else ""
    if code == MUTATED:
        return Mutated(RAIL, "The bank's lines moved while they were read.")
    if family == "RATE_LIMIT_EXCEEDED":
        return Throttled(RAIL, f"Plaid asks for a pause ({code}).", THROTTLE_PAUSE_SECONDS)
    if code in _WRONG_KEYS:
        return KeysRefused(
            RAIL,
            f"Plaid refused our keys ({code}): set INTERLOCK_PLAID_CLIENT_ID and INTERLOCK_PLAID_SECRET to the keys of "
            f"this environment{traced}.",
            code,
        )
    if lost := login_trouble(fault):
        return lost
    if code in _BANK_DOWN or family == "INSTITUTION_ERROR":
        return Unavailable(RAIL, f"The bank can't be reached through Plaid just now ({code}){traced}.")
    if family == "API_ERROR" or code in _LATER:
        return Unavailable(RAIL, f"Plaid can't answer just now ({code}){traced}.")
    said = (fault.display_message or fault.error_message or "no reason").strip()[:_SAID_CHARACTERS]
    return Rejected(RAIL, f"Plaid refused ({code}: {said.rstrip('.')}){traced}.", code)


def login_trouble(fault: wire.Fault) -> LoginLost | None:
    """Whether an error is one login's own, for a person to mend; as ``/item/get`` shows it or a call meets it."""
    code = fault.error_code
    if code in _CONSENT:
        sentence = f"Whoever gave this login took it back ({code}); link the bank again if it is still wanted."
        return LoginLost(sentence, code, consent=True)
    if code in _GONE_TOKENS:
        return LoginLost(f"Plaid no longer knows this login ({code}); link the bank again.", code, token=True)
    if code in _LOGIN:
        return LoginLost(f"The bank wants its owner to log in again ({code}); re-link it.", code)
    if fault.error_type == "ITEM_ERROR" and code not in _LATER | _NOT_GIVEN:
        return LoginLost(f"This login is at fault ({code}); re-link it.", code)
    return None
