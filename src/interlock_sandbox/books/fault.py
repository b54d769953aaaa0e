"""The one way books refuse a command (codes and texts: qbo.md §8)."""

from __future__ import annotations

NOT_FOUND = (
    "Object Not Found : Something you're trying to use has been made inactive. "
    "Check the fields with accounts, customers, items, vendors or employees."
)


class BooksFault(Exception):
    """A refused command: HTTP status, Intuit's code (a string), fault type, message, detail and the element at fault."""

    def __init__(
        self,
        code: str,
        message: str,
        detail: str,
        *,
        element: str | None = None,
        status: int = 400,
        kind: str = "ValidationFault",
    ) -> None:
        super().__init__(f"{code} {message}: {detail}")
        self.code = code
        self.message = message
        self.detail = detail
        self.element = element
        self.status = status
        self.kind = kind


def not_found() -> BooksFault:
    """610: no such object; also for reads and for deleting what is already gone."""
    return BooksFault("610", "Object Not Found", NOT_FOUND, element="")


def not_in_plan(entity: str) -> BooksFault:
    """5020: the company's plan, or the person's access, doesn't include this kind (403 by third parties' lists)."""
    detail = "Permission Denied Error : You do not have the access rights to use this feature."
    return BooksFault("5020", "Permission Denied Error", detail, element=entity, status=403)


def missing(element: str) -> BooksFault:
    """2020: a required parameter was not sent."""
    return BooksFault(
        "2020",
        "Required param missing, need to supply the required value for the API",
        f"Required parameter {element} is missing in the request",
        element=element,
    )


def bad_reference(family: str, ref_id: str, element: str, *, inactive: bool = False) -> BooksFault:
    """2500: a reference to an object that is not there or was made inactive. ``family`` is QBO's word: Names, Accounts."""
    what = "has been made inactive" if inactive else "not found"
    return BooksFault(
        "2500", "Invalid Reference Id", f"Invalid Reference Id : {family} element id {ref_id} {what}", element=element
    )


def stale(user: str) -> BooksFault:
    """5010: the SyncToken sent is not the current one."""
    detail = (
        f"Stale Object Error : You and {user} were working on this at the same time. "
        f"{user} finished before you did, so your work was not saved."
    )
    return BooksFault("5010", "Stale Object Error", detail, element="")


def business(
    detail: str, *, code: str = "6000", message: str = "A business validation error has occurred"
) -> BooksFault:
    """6000 and its neighbours: the request is well formed but the books cannot accept it."""
    return BooksFault(code, message, f"Business Validation Error: {detail}", element="")


def too_long(element: str, most: int) -> BooksFault:
    """2050: text longer than the property holds."""
    return BooksFault(
        "2050",
        "String length is either shorter or longer than supported by specification",
        f"String length specified is too long : max {most}",
        element=element,
    )


def invalid_number(element: str, value: object) -> BooksFault:
    """2080: something that is not a number where a number belongs."""
    return BooksFault("2080", "Invalid Number", f"Invalid Number : {value}", element=element)


def invalid_choice(element: str, value: object) -> BooksFault:
    """2170: a word outside the enumeration."""
    return BooksFault("2170", "Invalid Enumeration", f"Invalid Enumeration : {value}", element=element)
