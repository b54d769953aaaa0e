"""The banks of this world, and which client banks where."""

from __future__ import annotations

from interlock_sandbox.bank.model import Institution

LARKFIELD = Institution("ins_910001", "Larkfield Bank", "991000012", "https://larkfield.example")
TAMARIND = Institution("ins_910002", "Tamarind Federal", "992000024", "https://tamarind.example", tokenised=True)
BRACKENRIDGE = Institution(
    "ins_910003", "Brackenridge Community Bank", "993000036", "https://brackenridge.example", tells_available=False
)
QUARTZSIDE = Institution("ins_910004", "Quartzside Card Services", "994000048", "https://quartzside.example")

INSTITUTIONS = {each.id: each for each in (LARKFIELD, TAMARIND, BRACKENRIDGE, QUARTZSIDE)}
_BANKS = (LARKFIELD, TAMARIND, BRACKENRIDGE)


def bank_of(index: int) -> Institution:
    """Where the client at this place of the firm's list keeps its money."""
    return _BANKS[index % len(_BANKS)]


def card_issuer_of(index: int) -> Institution:
    """Who issued its cards: its own bank, or every second time a company that does nothing else."""
    return bank_of(index) if index % 2 == 0 else QUARTZSIDE
