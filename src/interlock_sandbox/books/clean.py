"""From what a client sent to what the books keep: a copy without empties, exact numbers, checked references."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Any

from interlock_sandbox.books.amounts import cents, money, number
from interlock_sandbox.books.fault import BooksFault, bad_reference
from interlock_sandbox.books.record import Body, Record
from interlock_sandbox.books.schema import (
    DERIVED_FIELDS,
    FAMILY_WORD,
    MONEY_FIELDS,
    NUMBER_FIELDS,
    REFERENCES,
    SPECS,
    TEXT_FIELDS,
    UNNAMED_REFERENCES,
    EntitySpec,
)

Finder = Callable[[str, str], Record | None]
NAME_FIELD = {
    "Account": "FullyQualifiedName",
    "Customer": "FullyQualifiedName",
    "Item": "Name",
    "Term": "Name",
    "PaymentMethod": "Name",
}
PARTIES = {"vendor": "Vendor", "customer": "Customer", "employee": "Employee"}


def cleaned(spec: EntitySpec, sent: Body, find: Finder) -> Body:
    """The writable part of what was sent; unknown properties are fault 2010, bad references 2500."""
    for key in sent:
        if key not in spec.known:
            raise _unknown(spec, key)
    return {
        key: kept
        for key, value in sent.items()
        if key not in DERIVED_FIELDS and (kept := _kept(key, value, find)) is not None
    }


def display_name(record: Record) -> str:
    """The name a reference to this record carries."""
    name = record.body.get(NAME_FIELD.get(record.entity, "DisplayName")) or record.body.get("Name", "")
    return str(name)


def _kept(key: str, value: Any, find: Finder) -> Any:
    if value is None or value == "":
        return None
    _shaped(key, value)
    if key in MONEY_FIELDS:
        return money(cents(value, key))
    if key in NUMBER_FIELDS:
        return number(value, key)
    if isinstance(value, dict):
        target = REFERENCES.get(key)
        if target is not None:
            return _reference(key, target, value, find)
        if key in {"EntityRef", "Entity"} and "value" in value:
            return _party(key, value, find)
        kept = {inner: found for inner, item in value.items() if (found := _kept(inner, item, find)) is not None}
        if key == "Entity" and "EntityRef" in kept:
            party = PARTIES.get(str(kept.get("Type", "")).lower())
            if party is not None:
                kept["EntityRef"] = _reference("EntityRef", party, kept["EntityRef"], find)
        return kept
    if isinstance(value, list):
        return [found for item in value if (found := _kept("", item, find)) is not None]
    if isinstance(value, float):
        raise TypeError(f"{key} is a float; amounts are Decimal, int or numeric text")
    if isinstance(value, (str, bool, int, Decimal)):
        return value
    raise BooksFault("2010", "Request has invalid or unsupported property", f"{key} has an unsupported value")


@cache
def _shape(key: str) -> tuple[type, ...]:
    """What a property must be: an object, a list, text, or anything."""
    if key.endswith(("Ref", "Detail", "Addr")) or key in {"CheckPayment", "CreditCardPayment", "Entity", "CashBack"}:
        return (dict,)
    if key in {"Line", "LinkedTxn", "CustomField"}:
        return (list,)
    if key in TEXT_FIELDS:
        return (str,)
    return (object,)


def _shaped(key: str, value: Any) -> None:
    """Refuse what has another shape than its property, before anything reads it."""
    if not isinstance(value, _shape(key)) or (
        isinstance(value, list) and key in {"Line", "LinkedTxn"} and not all(isinstance(item, dict) for item in value)
    ):
        raise BooksFault(
            "2010", "Request has invalid or unsupported property", f"Property Name:Can not deserialize value of {key}"
        )


def _reference(key: str, target: str, value: Body, find: Finder) -> Body:
    ref_id = str(value.get("value", ""))
    record = find(target, ref_id)
    if record is None:
        raise bad_reference(FAMILY_WORD[target], ref_id, key)
    if record.body.get("Active") is False:
        raise bad_reference(FAMILY_WORD[target], ref_id, key, inactive=True)
    if key in UNNAMED_REFERENCES:
        return {"value": ref_id}
    return {"value": ref_id, "name": display_name(record)}


def _party(key: str, value: Body, find: Finder) -> Body:
    """A reference that names its own type: Purchase.EntityRef, DepositLineDetail.Entity."""
    wanted = str(value.get("type", "")).lower()
    ref_id = str(value["value"])
    for word, entity in PARTIES.items():
        if wanted in (word, "") and find(entity, ref_id) is not None:
            kind = value.get("type") or entity
            return {**_reference(key, entity, value, find), "type": kind}
    raise bad_reference("Names", ref_id, key)


def _unknown(spec: EntitySpec, key: str) -> BooksFault:
    listed = ", ".join(f'"{name}"' for name in sorted(spec.known))
    detail = (
        f'Property Name:Unrecognized field "{key}" (class com.intuit.schema.finance.v3.{spec.name}), '
        f"not marked as ignorable ({len(spec.known)} known properties: {listed}])\n specified is unsupported or invalid"
    )
    return BooksFault("2010", "Request has invalid or unsupported property", detail)


def renamed(value: Any, targets: frozenset[str], ref_id: str, name: str) -> bool:
    """Put a record's new name into every reference to it inside ``value``; answers whether one was found."""
    hit = False
    if isinstance(value, dict):
        for key, item in value.items():
            if (
                isinstance(item, dict)
                and item.get("value") == ref_id
                and "name" in item
                and _points_at(key, item, targets)
            ):
                item["name"] = name
                hit = True
            elif isinstance(item, (dict, list)):
                hit = renamed(item, targets, ref_id, name) or hit
    elif isinstance(value, list):
        for item in value:
            hit = renamed(item, targets, ref_id, name) or hit
    return hit


def _points_at(key: str, reference: Body, targets: frozenset[str]) -> bool:
    if key in {"EntityRef", "Entity"}:
        return bool(targets & {"Vendor", "Customer", "Employee"})
    return REFERENCES.get(key) in targets or (key == "ParentRef" and "Account" not in targets and "name" in reference)


assert set(REFERENCES.values()) <= set(SPECS)
