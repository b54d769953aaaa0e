"""Stripe's forms: bracketed names become nested values, and values what the call's own list of parameters says."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from interlock_sandbox.stripe.refusal import StripeRefusal, missing

BRACKETS = re.compile(r"\[([^\]]*)\]")
RANGE = frozenset({"gt", "gte", "lt", "lte"})
WHOLE = re.compile(r"-?\d{1,18}")
ALWAYS = {"expand": "list"}


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """``a[b]=1&c[]=2&d[0][e]=3`` as ``{"a": {"b": "1"}, "c": ["2"], "d": [{"e": "3"}]}``."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        head, bracket, rest = name.partition("[")
        steps = BRACKETS.findall(bracket + rest)
        place, key = found, head
        for step in steps:
            place = place.setdefault(key, {})
            if not isinstance(place, dict):
                raise StripeRefusal("Invalid request: a parameter was given as a value and as a hash.", param=head)
            key = step or str(len(place))
        place[key] = value
    return {key: value if key == "metadata" else _listed(value) for key, value in found.items()}


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {key: _listed(each) for key, each in value.items()}
    if inner and all(key.isdigit() for key in inner):
        return [inner[key] for key in sorted(inner, key=int)]
    return inner


@lru_cache(maxsize=256)
def parameters(spec: str) -> dict[str, tuple[str, bool]]:
    """``"customer! amount:int metadata:map"`` as name → (kind, required). Kinds: text, int, bool, map, list, range."""
    found: dict[str, tuple[str, bool]] = {}
    for word in spec.split():
        name, _, kind = word.partition(":")
        found[name.rstrip("!")] = (kind or "text", name.endswith("!"))
    for name, kind in ALWAYS.items():
        found[name] = (kind, False)
    return found


def understood(spec: str, sent: dict[str, Any]) -> dict[str, Any]:
    """What was sent, typed; StripeRefusal for what the call does not know, lacks, or cannot read."""
    known = parameters(spec)
    for name in sent:
        if name not in known:
            raise StripeRefusal(f"Received unknown parameter: {name}", code="parameter_unknown", param=name)
    for name, (_, required) in known.items():
        if required and sent.get(name) in (None, ""):
            raise missing(name)
    return {name: _typed(name, known[name][0], value) for name, value in sent.items()}


def _typed(name: str, kind: str, value: Any) -> Any:
    if kind == "int":
        return whole(value, name)
    if kind == "bool":
        if value not in ("true", "false"):
            raise StripeRefusal(f"Invalid boolean: {value}", code="parameter_invalid_boolean", param=name)
        return value == "true"
    if kind == "map":
        if value != "" and not isinstance(value, dict):
            raise StripeRefusal("Invalid object", param=name)
        return value or {}
    if kind == "list":
        if not isinstance(value, list):
            raise StripeRefusal("Invalid array", param=name)
        return value
    if kind == "range":
        if isinstance(value, dict):
            if not set(value) <= RANGE:
                raise StripeRefusal(f"Received unknown parameter: {name}[{min(set(value) - RANGE)}]", param=name)
            return {key: whole(each, f"{name}[{key}]") for key, each in value.items()}
        return whole(value, name)
    if not isinstance(value, str):
        raise StripeRefusal(f"Invalid string: {value}", param=name)
    return value


def whole(value: Any, name: str) -> int:
    """A whole number, or Stripe's refusal of anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if not isinstance(value, str) or not WHOLE.fullmatch(value):
        raise StripeRefusal(f"Invalid integer: {value}", code="parameter_invalid_integer", param=name)
    return int(value)


def within(value: int | None, wanted: int | dict[str, int]) -> bool:
    """Whether an instant lies in a ``created`` filter."""
    if value is None:
        return False
    if isinstance(wanted, int):
        return value == wanted
    return (
        value > wanted.get("gt", value - 1)
        and value >= wanted.get("gte", value)
        and value < wanted.get("lt", value + 1)
        and value <= wanted.get("lte", value)
    )


def merged(stored: dict[str, str], sent: dict[str, Any]) -> dict[str, str]:
    """Metadata after an update: an empty value takes a key away."""
    both = {**stored, **{key: str(value) for key, value in sent.items()}}
    return {key: value for key, value in both.items() if value != ""}
