"""JSON on stdout and nothing else there: instants ISO with Z, dates ISO, money as exact text beside its currency."""

import sys
from typing import Any

import msgspec

from interlock.kernel.money import Money, decimals


def write(value: Any) -> None:
    """One JSON document and a line end. Structs, dataclasses, dates and ``Money`` are understood."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value, enc_hook=_other), indent=2).decode() + "\n")


def _other(value: Any) -> Any:
    if isinstance(value, Money):
        return {"amount": f"{value.amount:.{decimals(value.currency)}f}", "currency": value.currency}
    raise TypeError(f"{type(value).__name__} has no form in JSON here.")
