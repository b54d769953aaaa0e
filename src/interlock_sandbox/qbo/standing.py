"""Why a company as a whole takes no writes through the API: a lapsed subscription, or books closed to that day."""

from __future__ import annotations

from interlock_sandbox.books import Books, BooksFault
from interlock_sandbox.books.document import PACIFIC
from interlock_sandbox.books.schema import SPECS
from interlock_sandbox.sandbox import Write

READ_ONLY = frozenset({"RESTRICTED", "SUSPENDED", "EXPIRED", "CANCELLED"})


def check_standing(books: Books, command: Write) -> None:
    """Raise 6190 or 6210 (qbo.md §8) where the command may not be carried out."""
    if _subscription(books) in READ_ONLY:
        raise BooksFault(
            "6190", "Invalid Company Status",
            "Subscription period has ended or canceled or there was a billing problem : You can't add data to "
            "QuickBooks Online Plus because your trial or subscription period ended, you canceled your subscription, "
            "or there was a billing problem.",
            element="",
        )  # fmt: skip
    closing = books.records("Preferences")["1"].body.get("AccountingInfoPrefs", {}).get("BookCloseDate")
    if closing is not None and any(dated <= str(closing) for dated in _dates(books, command)):
        raise BooksFault(
            "6210", "Account Period Closed, Cannot Update Through Services API",
            "The account period has closed and the account books cannot be updated through the QBO Services API.",
            element="",
        )  # fmt: skip


def _subscription(books: Books) -> str:
    pairs = books.records("CompanyInfo")["1"].body.get("NameValue", [])
    return next((str(pair["Value"]) for pair in pairs if pair["Name"] == "SubscriptionStatus"), "")


def _dates(books: Books, command: Write) -> list[str]:
    """The days a command writes on: where the transaction is, and where it would be put."""
    if command.entity not in SPECS or SPECS[command.entity].shelf != "transaction":
        return []
    record = books.find(command.entity, str(command.body.get("Id", "")))
    dates = [] if record is None else [str(record.body["TxnDate"])]
    if command.body.get("TxnDate"):  # clients send an empty one for none
        dates.append(str(command.body["TxnDate"]))
    elif command.operation == "create":
        dates.append(command.at.astimezone(PACIFIC).date().isoformat())
    return dates
