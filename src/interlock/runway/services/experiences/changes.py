"""What happened since a day, in sentences, each with the log line that proves it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from interlock.rails.errors import spoken
from interlock.runway.services.calculators.words import counted, on_day
from interlock.runway.services.data_orchestrators.log_changes import Entry, rows_by_entity
from interlock.runway.services.views import Instant, View

_DELETIONS_SHOWN = 20
_MANY = {"journal_entry": "journal entries", "preferences": "settings"}
# Settings and names change without changing what is owed; they stand in the log, not in a letter.
_TOLD = (
    "bill",
    "invoice",
    "payment",
    "bill_payment",
    "vendor_credit",
    "credit_memo",
    "deposit",
    "purchase",
    "journal_entry",
)


class ChangeView(View):
    """A change in words, when, who, and its log line."""

    words: str
    at: Instant
    actor: str
    log_line: int


def changes_in_words(
    entries: Sequence[Entry], today: date, name_of: Callable[[str, str], str]
) -> tuple[ChangeView, ...]:
    """Readings together in one sentence, everything else a sentence of its own. ``name_of``: kind and id to a name."""
    return (*_readings(entries), *_deletions(entries, name_of), *_people(entries, today, name_of))


def _readings(entries: Sequence[Entry]) -> Iterator[ChangeView]:
    readings = [entry for entry in entries if entry.action == "sync.finished"]
    if not readings:
        return
    brought = {entity: changed for entity, changed, _ in rows_by_entity(entries)}
    told = [_rows(entity, brought[entity]) for entity in _TOLD if brought.get(entity)]
    first = any(entry.body["mode"] == "full" for entry in readings)
    often = "once" if len(readings) == 1 else counted(len(readings), "time")
    how = f"QuickBooks was read {often}{' in full' if often == 'once' and first else ''}"
    words = f"{how}: {_listed(told)} new or changed." if told else f"{how}; nothing changed."
    yield ChangeView(words=words, at=readings[-1].at, actor=readings[-1].actor, log_line=readings[-1].seq)


def _deletions(entries: Sequence[Entry], name_of: Callable[[str, str], str]) -> Iterator[ChangeView]:
    gone = [entry for entry in entries if entry.action == "mirror.deleted"]
    for entry in gone[-_DELETIONS_SHOWN:]:
        name = name_of(entry.body["entity"], entry.body["id"])
        yield _change(entry, f"{name} was deleted in QuickBooks.")
    if len(gone) > _DELETIONS_SHOWN:
        yield _change(gone[0], f"{len(gone) - _DELETIONS_SHOWN} more documents were deleted in QuickBooks.")


def _people(entries: Sequence[Entry], today: date, name_of: Callable[[str, str], str]) -> Iterator[ChangeView]:
    for entry in entries:
        body = entry.body
        if entry.action in {"bill.annotated", "invoice.annotated"}:
            kind = entry.action.partition(".")[0]
            yield _change(entry, f"{name_of(kind, body[f'{kind}_id'])}: {_written(body['changes'], today)}.")
        elif entry.action == "connection.connected":
            yield _change(entry, _connected(body))
        elif entry.action == "connection.lost":
            yield _change(entry, f"{spoken(body['rail'])} no longer accepts our grant: {body['trouble']}")
        elif entry.action == "bank.linked":
            yield _change(entry, f"{body['institution']} was linked{' again' if body['again'] else ''}.")
        elif entry.action == "bank.login_lost":
            yield _change(entry, f"{body['institution']} no longer lets us in: {body['trouble']}")
        elif entry.action == "bank.login_mended":
            yield _change(entry, f"{body['institution']} lets us in again.")
        elif entry.action == "bank.unlinked":
            yield _change(entry, f"{body['institution']} was unlinked.")
        elif entry.action == "business.taken_on":
            yield _change(entry, f"{body['name']} was taken on.")


def _connected(body: Mapping[str, Any]) -> str:
    """A rail's company by its name there; banks have none of their own, their logins have lines of theirs."""
    again = "re" if body["again"] else ""
    if body["rail"] == "qbo":
        return f"QuickBooks company {body['external_id']} was {again}connected."
    if body["rail"] == "plaid":
        return f"Plaid was {again}connected."
    return f"{spoken(body['rail'])} account {body['external_id']} was {again}connected."


def _written(changes: Mapping[str, Any], today: date) -> str:
    said = []
    if "hold_reason" in changes:
        reason, until = changes["hold_reason"], changes.get("held_until")
        by = f" until {on_day(date.fromisoformat(until), today)}" if until else ""
        said.append(f"held{by}, {reason}" if reason else "hold lifted")
    if "note" in changes:
        said.append("note written" if changes["note"] else "note cleared")
    if "category" in changes:
        said.append(f"category {changes['category']}" if changes["category"] else "category cleared")
    return "; ".join(said) or "hold moved"


def _change(entry: Entry, words: str) -> ChangeView:
    return ChangeView(words=words, at=entry.at, actor=entry.actor, log_line=entry.seq)


def _rows(entity: str, count: int) -> str:
    return counted(count, entity.replace("_", " "), _MANY.get(entity))


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
