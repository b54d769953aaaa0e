"""Where what banks say is kept."""

from interlock.domains.bank import witness_models
from interlock.rails import witnesses
from interlock.rails.mirror import Shelf, SliceMirror

MIRROR = SliceMirror(
    [
        Shelf(witnesses.BankAccount, witness_models.BankAccount),
        Shelf(witnesses.BankLine, witness_models.BankLine),
    ]
)
