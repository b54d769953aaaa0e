"""How old what we know is, as a person would say it."""

from datetime import datetime, timedelta

from interlock.rails.ports import Freshness


def freshness(last: datetime | None, now: datetime, stale_after: timedelta) -> Freshness:
    """Of what was last brought up to date at ``last``; stale beyond ``stale_after``, and when it never was."""
    if last is None:
        return Freshness(None, None, stale=True, words="never synced")
    age = now - last
    return Freshness(last, int(age.total_seconds()), stale=age > stale_after, words=_in_words(age))


def _in_words(age: timedelta) -> str:
    minutes = int(age.total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min ago"
    hours = minutes // 60
    return f"{hours} h ago" if hours < 48 else f"{hours // 24} days ago"
