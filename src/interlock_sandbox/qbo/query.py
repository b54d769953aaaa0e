"""Running a query: which records, in which order, which page; pages are joined cached bytes."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from interlock_sandbox.books import Books
from interlock_sandbox.books.amounts import money
from interlock_sandbox.books.document import PACIFIC
from interlock_sandbox.books.record import Record
from interlock_sandbox.books.schema import EntitySpec, Kind
from interlock_sandbox.books.wire import wire
from interlock_sandbox.qbo.faults import system_error
from interlock_sandbox.qbo.statement import Condition, Order, Statement, invalid, parse

CACHED_LISTS = 64
_LATER = {"=": (0,), "<": (-1,), ">": (1,), "<=": (-1, 0), ">=": (0, 1)}
_STORED_ELSEWHERE = frozenset(
    {"Balance", "CurrentBalance", "BalanceWithJobs", "Classification", "TxnStatus", "POStatus", "UnappliedAmt"}
)
_OPEN_DOCUMENTS = frozenset({"Bill", "Invoice", "VendorCredit", "CreditMemo"})

Getter = Callable[[Record], Any]
Test = Callable[[Record], bool]


class QueryEngine:
    """Queries over one company; keeps the sorted lists of recent statements until the entity changes."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self._lists: dict[tuple[Any, ...], tuple[int, list[Record]]] = {}

    def answer(self, text: str, now: datetime) -> bytes:
        """The ``QueryResponse`` object as JSON bytes (``{}`` when a page is empty)."""
        return self.page(parse(text), now)

    def page(self, statement: Statement, now: datetime, bad: frozenset[str] = frozenset()) -> bytes:
        """The same for a parsed statement; a page with one of the ``bad`` ids on it is fault 10000."""
        matching = self.matching(statement, now)
        if statement.counting:
            return b'{"totalCount":%d}' % len(matching)
        page = matching[statement.start - 1 : statement.start - 1 + statement.size]
        if not page:
            return b"{}"
        if bad and any(record.id in bad for record in page):
            raise system_error()
        rows = b",".join([record.raw or self.books.raw(record) for record in page])
        name = statement.entity.name.encode()
        return b'{"%b":[%b],"startPosition":%d,"maxResults":%d}' % (name, rows, statement.start, len(page))

    def matching(self, statement: Statement, now: datetime) -> list[Record]:
        """All records a statement selects, sorted; cached until the entity's version moves."""
        spec = statement.entity
        today = now.astimezone(PACIFIC).date()
        key = (spec.name, statement.conditions, statement.orders, today)
        version = self.books.versions[spec.name]
        known = self._lists.get(key)
        if known is not None and known[0] == version:
            return known[1]
        tests = [self._test(spec, condition, today) for condition in statement.conditions]
        if "Active" in spec.filters and all(condition.field != "Active" for condition in statement.conditions):
            tests.append(lambda record: record.body.get("Active") is not False)
        found = [record for record in self.books.records(spec.name).values() if all(test(record) for test in tests)]
        self._sort(spec, found, statement.orders)
        if len(self._lists) >= CACHED_LISTS:
            self._lists.clear()
        self._lists[key] = (version, found)
        return found

    def _sort(self, spec: EntitySpec, found: list[Record], orders: tuple[Order, ...]) -> None:
        if not orders:
            if spec.order:
                found.sort(key=lambda record: (str(record.body.get(spec.order, "")).casefold(), record.number))
            else:
                found.sort(key=lambda record: (record.updated, record.number), reverse=True)
            return
        found.sort(key=lambda record: record.number)
        for order in reversed(orders):
            get = self._getter(spec, order.field)
            found.sort(key=lambda record, get=get: _sortable(get(record)), reverse=order.descending)  # type: ignore[misc]

    def _getter(self, spec: EntitySpec, field: str) -> Getter:
        kind = spec.filters[field]
        if kind == "id":
            return lambda record: record.number
        if field == "MetaData.LastUpdatedTime":
            return lambda record: record.updated
        if field == "MetaData.CreateTime":
            return lambda record: record.created
        if field == "Balance" and spec.name in _OPEN_DOCUMENTS:
            return self._open_balance
        if field in _STORED_ELSEWHERE:
            return lambda record: wire(self.books, record).get(field)
        if kind == "ref":
            return lambda record: record.body.get(field, {}).get("value")
        return lambda record: record.body.get(field)

    def _open_balance(self, record: Record) -> Decimal:
        item = self.books.open_items.of(record.id)
        return money(abs(item.open)) if item else Decimal(0)

    def _test(self, spec: EntitySpec, condition: Condition, today: date) -> Test:
        get = self._getter(spec, condition.field)
        kind = spec.filters[condition.field]
        if condition.operator == "LIKE":
            pattern = _like(condition)
            return lambda record: pattern.match(str(get(record) or "")) is not None
        if condition.operator == "IN":
            wanted = {_value(kind, condition.field, text, today) for text in condition.values}
            return lambda record: _comparable(kind, get(record)) in wanted
        text = condition.values[0]
        if not text.strip():
            absent = condition.operator in {"=", "<="}
            return lambda record: (get(record) in (None, "")) is absent
        value = _value(kind, condition.field, text, today)
        accepted = _LATER[condition.operator]
        return lambda record: _order_of(_comparable(kind, get(record)), value) in accepted


def _order_of(left: Any, right: Any) -> int | None:
    """-1, 0 or 1; ``None`` when the record has no value, which matches nothing."""
    if left is None:
        return None
    if left == right:
        return 0
    return -1 if left < right else 1


def _comparable(kind: Kind, stored: Any) -> Any:
    if stored is None:
        return None
    if kind == "string":
        return str(stored).casefold()
    if kind == "number":
        return Decimal(stored)
    return stored


def _value(kind: Kind, field: str, text: str, today: date) -> Any:
    """A literal as the kind of its property; one that cannot be is fault 4001."""
    if text == "CURRENT_DATE":
        text = today.isoformat()
    try:
        if kind == "id":
            return int(text)
        if kind == "number":
            return Decimal(text)
        if kind == "date":
            return date.fromisoformat(text[:10]).isoformat()
        if kind == "datetime":
            return moment(text)
        if kind == "boolean":
            return {"true": True, "false": False}[text.lower()]
    except (ValueError, InvalidOperation, KeyError):
        raise invalid(f"value '{text}' is not valid for property {field}") from None
    return text.casefold() if kind == "string" else text


def moment(text: str) -> datetime:
    """A timestamp literal; without a zone it is Pacific, a bare date is its midnight."""
    parsed = datetime.fromisoformat(text)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=PACIFIC)


def _like(condition: Condition) -> re.Pattern[str]:
    parts = [re.escape(part) for part in condition.values[0].split("%")]
    return re.compile(".*".join(parts) + r"\Z", re.IGNORECASE | re.DOTALL)


def _sortable(value: Any) -> tuple[bool, Any]:
    return (value is not None, value.casefold() if isinstance(value, str) else value if value is not None else 0)
