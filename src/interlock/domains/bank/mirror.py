"""Where accounts and the ledger's other movements are kept."""

from interlock.domains.bank import models
from interlock.rails import facts
from interlock.rails.mirror import Shelf, SliceMirror

MIRROR = SliceMirror(
    [
        Shelf(facts.Account, models.Account),
        Shelf(facts.Deposit, models.Deposit),
        Shelf(facts.Purchase, models.Purchase, party="party"),
        Shelf(facts.Transfer, models.Transfer),
        Shelf(facts.JournalEntry, models.JournalEntry),
    ],
    models.LedgerLine,
    models.LedgerLink,
)
