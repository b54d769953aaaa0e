"""Filters ``from_…`` and ``to_…``: a day or a moment, both ends included."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time

from interlock_sandbox.ramp.faults import invalid


def within(query: Mapping[str, str], name: str, value: date | datetime | None) -> bool:
    """Whether a value lies between ``from_<name>`` and ``to_<name>``; what has no value doesn't once one is sent."""
    first, last = _end(query, f"from_{name}", time.min), _end(query, f"to_{name}", time.max)
    if first is None and last is None:
        return True
    if value is None:
        return False
    at = value if isinstance(value, datetime) else datetime.combine(value, time.min, UTC)
    return (first is None or at >= first) and (last is None or at <= last)


def _end(query: Mapping[str, str], name: str, hour: time) -> datetime | None:
    sent = query.get(name)
    if not sent:
        return None
    try:
        if len(sent) == 10:
            return datetime.combine(date.fromisoformat(sent), hour, UTC)
        moment = datetime.fromisoformat(sent.replace(" ", "+"))
    except ValueError:
        raise invalid(name, "Not a valid datetime.") from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
