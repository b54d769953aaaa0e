"""What payables need from above: the runway implements it, wiring joins them."""

from collections.abc import Mapping
from typing import Protocol


class BlocksBills(Protocol):
    """Findings that stop a bill: critical ones, and high ones the console can't itself resolve."""

    def blocked_bills(self) -> Mapping[str, str]:
        """Bill id to the reason in words."""
        ...
