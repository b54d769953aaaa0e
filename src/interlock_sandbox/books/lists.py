"""Name lists: accounts, vendors, customers, employees, items, terms, payment methods. Never deleted, only inactive."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from interlock_sandbox.books.chart import KINDS
from interlock_sandbox.books.document import currency
from interlock_sandbox.books.fault import bad_reference, business, invalid_choice, missing, too_long
from interlock_sandbox.books.record import Body
from interlock_sandbox.books.schema import FAMILY_WORD

if TYPE_CHECKING:
    from interlock_sandbox.books.register import Register

DELETED = " (deleted)"
LONGEST_NAME = 500
PEOPLE = frozenset({"Vendor", "Customer", "Employee"})


def prepare_list(books: Register, entity: str, body: Body) -> None:
    """Defaults and checks of a list entity; inactive ones carry the suffix QuickBooks appends."""
    body.setdefault("Active", True)
    _PREPARE[entity](books, body)
    if entity in {"Customer", "Account", "Item"}:
        _place_under_parent(books, entity, body)


def unique_key(entity: str, body: Body) -> tuple[str, str]:
    """What must be unique: DisplayName across vendors, customers and employees, else the full name in its list."""
    if entity in PEOPLE:
        return ("name", str(body["DisplayName"]).casefold())
    return (entity, str(body.get("FullyQualifiedName") or body["Name"]).casefold())


def _person(body: Body) -> None:
    parts = [str(body[part]) for part in ("Title", "GivenName", "MiddleName", "FamilyName", "Suffix") if part in body]
    name = body.get("DisplayName") or " ".join(parts) or body.get("CompanyName")
    if not name:
        raise missing("DisplayName")
    body["DisplayName"] = _suffixed(str(name), body)
    body.setdefault("PrintOnCheckName", str(body.get("CompanyName") or _bare(str(name))))


def _vendor(books: Register, body: Body) -> None:
    _person(body)
    body.setdefault("Vendor1099", False)
    body["CurrencyRef"] = currency(str(body.get("CurrencyRef", {}).get("value", books.home_currency)))


def _customer(books: Register, body: Body) -> None:
    _person(body)
    body.setdefault("Taxable", True)
    body.setdefault("BillWithParent", False)
    body.setdefault("PreferredDeliveryMethod", "Print")
    body["Job"] = "ParentRef" in body and body.get("Job") is not False
    body["CurrencyRef"] = currency(str(body.get("CurrencyRef", {}).get("value", books.home_currency)))


def _employee(books: Register, body: Body) -> None:
    del books
    _person(body)
    body.setdefault("BillableTime", False)


def _account(books: Register, body: Body) -> None:
    name = _required(body, "Name")
    body["Name"] = _suffixed(name, body)
    if "AccountType" not in body:
        raise missing("AccountType")
    if body.pop("OpeningBalance", 0):
        raise business("An opening balance is entered as a journal entry here.")
    kind = KINDS.get(body["AccountType"])
    if kind is None:
        raise invalid_choice("AccountType", body["AccountType"])
    body.setdefault("AccountSubType", kind.default_subtype)
    body["CurrencyRef"] = currency(str(body.get("CurrencyRef", {}).get("value", books.home_currency)))


def _item(books: Register, body: Body) -> None:
    del books
    body["Name"] = _suffixed(_required(body, "Name"), body)
    body.setdefault("Type", "Service")
    if body["Type"] not in {"Service", "NonInventory", "Inventory", "Category", "Group"}:
        raise invalid_choice("Type", body["Type"])
    body.setdefault("Taxable", False)
    body.setdefault("UnitPrice", 0)
    body.setdefault("PurchaseCost", 0)
    body.setdefault("TrackQtyOnHand", body["Type"] == "Inventory")


def _term(books: Register, body: Body) -> None:
    del books
    _required(body, "Name")
    body["Type"] = "DATE_DRIVEN" if "DayOfMonthDue" in body else "STANDARD"
    if body["Type"] == "STANDARD":
        body.setdefault("DueDays", 0)


def _payment_method(books: Register, body: Body) -> None:
    del books
    _required(body, "Name")
    body.setdefault("Type", "NON_CREDIT_CARD")
    if body["Type"] not in {"CREDIT_CARD", "NON_CREDIT_CARD"}:
        raise invalid_choice("Type", body["Type"])


_PREPARE: dict[str, Callable[[Register, Body], None]] = {
    "Vendor": _vendor, "Customer": _customer, "Employee": _employee, "Account": _account, "Item": _item,
    "Term": _term, "PaymentMethod": _payment_method,
}  # fmt: skip


def _place_under_parent(books: Register, entity: str, body: Body) -> None:
    """FullyQualifiedName ``Parent:Child``, Level and the sub flag."""
    own = str(body["DisplayName"] if entity == "Customer" else body["Name"])
    parent_ref = body.get("ParentRef", {}).get("value")
    flag = {"Account": "SubAccount", "Item": "SubItem"}.get(entity)
    if flag is not None and (entity == "Account" or parent_ref is not None):
        body[flag] = parent_ref is not None
    if parent_ref is None:
        body.pop("Level", None)
        body["FullyQualifiedName"] = own
        return
    parent = books.find(entity, str(parent_ref))
    if parent is None:
        raise bad_reference(FAMILY_WORD[entity], str(parent_ref), "ParentRef")
    body["ParentRef"] = {"value": parent.id}
    if entity != "Account":
        body["Level"] = int(parent.body.get("Level", 0)) + 1
    body["FullyQualifiedName"] = f"{parent.body['FullyQualifiedName']}:{own}"


def _required(body: Body, field: str) -> str:
    if field not in body:
        raise missing(field)
    return str(body[field])


def _bare(name: str) -> str:
    return name.removesuffix(DELETED)


def _suffixed(name: str, body: Body) -> str:
    """Inactive names end in ' (deleted)'; a name made active again loses it."""
    if len(name) > LONGEST_NAME:
        raise too_long("Name", LONGEST_NAME)
    return _bare(name) + ("" if body["Active"] else DELETED)
