"""Ids of our own: a kind, then 26 characters that sort by the time they were made."""

import secrets
from datetime import datetime

# Crockford's base 32: no I, L, O or U, so that an id read aloud is not misread.
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_RANDOM_BITS = 80


def new_id(kind: str, now: datetime) -> str:
    """``new_id('biz', now) -> 'biz_01k…'``: 48 bits of milliseconds, 80 random bits."""
    value = (int(now.timestamp() * 1000) << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS)
    return f"{kind}_" + "".join(_ALPHABET[(value >> shift) & 31] for shift in range(125, -1, -5))
