"""Nested values in a form, as Stripe reads them: ``metadata[k]=v``, ``payment[type]=…``, ``expand[]=…`` (stripe.md §1). Pure."""

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlencode

Value = str | int | bool | None | Mapping[str, "Value"] | Sequence["Value"]
Pairs = tuple[tuple[str, str], ...]


def pairs(values: Mapping[str, Value]) -> Pairs:
    """Names and texts in the order given. ``None`` is left out; an empty text stays: it tells Stripe to clear a field."""
    return tuple(pair for name, value in values.items() for pair in _pairs(name, value))


def encoded(values: Mapping[str, Value]) -> bytes:
    """The body of a POST."""
    return urlencode(pairs(values)).encode()


def _pairs(name: str, value: Value) -> Iterator[tuple[str, str]]:
    if value is None:
        return
    if isinstance(value, bool):  # before int, which it is too
        yield name, "true" if value else "false"
    elif isinstance(value, (str, int)):
        yield name, str(value)
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from _pairs(f"{name}[{key}]", part)
    elif isinstance(value, Sequence):
        for place, part in enumerate(value):
            plain = not isinstance(part, (Mapping, Sequence)) or isinstance(part, str)
            yield from _pairs(f"{name}[]" if plain else f"{name}[{place}]", part)
    else:
        raise TypeError(f"{name} can't be written into a form: {type(value).__name__}.")
