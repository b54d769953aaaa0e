"""How Plaid says no: one envelope, a type and a code (plaid.md §9)."""

from __future__ import annotations

from typing import Any

DOCUMENTATION = "https://plaid.com/docs/?ref=error#"
LOGIN_REQUIRED = "ITEM_LOGIN_REQUIRED"


class PlaidFault(Exception):
    """A refused call. ``display`` is meant for the person at the bank, ``None`` when that person can't help."""

    def __init__(self, kind: str, code: str, message: str, *, status: int = 400, display: str | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.code = code
        self.message = message
        self.status = status
        self.display = display

    def body(self, request_id: str | None = None) -> dict[str, Any]:
        """The envelope; inside an Item or a webhook there is no request."""
        said = {
            "display_message": self.display,
            "documentation_url": DOCUMENTATION + self.kind.lower().replace("_", "-"),
            "error_code": self.code,
            "error_message": self.message,
            "error_type": self.kind,
            "suggested_action": None,
        }
        return said if request_id is None else {**said, "request_id": request_id}


def missing(*fields: str) -> PlaidFault:
    return PlaidFault(
        "INVALID_REQUEST", "MISSING_FIELDS", f"the following required fields are missing: {', '.join(fields)}"
    )


def invalid_field(sentence: str) -> PlaidFault:
    return PlaidFault("INVALID_REQUEST", "INVALID_FIELD", sentence)


def invalid_body(sentence: str = "body could not be parsed as JSON") -> PlaidFault:
    return PlaidFault("INVALID_REQUEST", "INVALID_BODY", sentence)


def not_found() -> PlaidFault:
    return PlaidFault("INVALID_REQUEST", "NOT_FOUND", "the requested resource was not found", status=404)


def invalid_input(code: str, sentence: str) -> PlaidFault:
    return PlaidFault("INVALID_INPUT", code, sentence)


def invalid_api_keys() -> PlaidFault:
    return invalid_input("INVALID_API_KEYS", "invalid client_id or secret provided")


def item_error(code: str) -> PlaidFault:
    """What stands in the way of one Item."""
    message, display = _ITEM[code]
    return PlaidFault("ITEM_ERROR", code, message, display=display)


def institution_error(code: str) -> PlaidFault:
    return PlaidFault(
        "INSTITUTION_ERROR", code, _INSTITUTION[code],
        display="This financial institution is not currently responding to requests. We apologize for the inconvenience.",
    )  # fmt: skip


def too_many(code: str) -> PlaidFault:
    """Over a limit; no header tells when to come back."""
    message = f"rate limit exceeded for attempts to access this item or client ({code}). Try again later."
    return PlaidFault("RATE_LIMIT_EXCEEDED", code, message, status=429)


def internal(status: int = 500) -> PlaidFault:
    return PlaidFault("API_ERROR", "INTERNAL_SERVER_ERROR", "an unexpected error occurred", status=status)


def mutated() -> PlaidFault:
    return PlaidFault(
        "TRANSACTIONS_ERROR", "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION",
        "Underlying transaction data changed since last page was fetched. Please restart pagination from last update.",
    )  # fmt: skip


_ITEM = {
    LOGIN_REQUIRED: (
        "the login details of this item have changed (credentials, MFA, or required user action) and a user login is "
        "required to update this information. use Link's update mode to restore the item to a good state",
        "The login details of this account have changed. Please sign in again.",
    ),
    "ITEM_NOT_FOUND": (
        "The Item you requested cannot be found. This Item does not exist, has been previously removed via /item/remove, "
        "or has had access removed by the user",
        None,
    ),
    "USER_PERMISSION_REVOKED": ("the holder of this account has revoked their permission for your application", None),
    "ACCESS_NOT_GRANTED": ("access to this product was not granted for the account", None),
    "NO_AUTH_ACCOUNTS": ("There are no valid checking or savings account(s) associated with this Item.", None),
}
ITEM_CODES = tuple(_ITEM)
_INSTITUTION = {
    "INSTITUTION_DOWN": "this institution is not currently responding to this request. please try again soon",
    "INSTITUTION_NOT_RESPONDING": "this institution is not currently responding to this request. please try again soon",
}
INSTITUTION_CODES = tuple(_INSTITUTION)
