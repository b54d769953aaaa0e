"""What receivables need from above: the runway implements it, wiring joins them."""

from collections.abc import Mapping
from typing import Protocol


class BlocksInvoices(Protocol):
    """Findings that stop a chase: critical ones, and high ones the console can't itself resolve."""

    def blocked_invoices(self) -> Mapping[str, str]:
        """Invoice id to the reason in words."""
        ...
