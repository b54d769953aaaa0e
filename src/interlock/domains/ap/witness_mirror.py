"""Where what the paying rail says is kept."""

from interlock.domains.ap import witness_models
from interlock.rails import witnesses
from interlock.rails.mirror import Shelf, SliceMirror

MIRROR = SliceMirror(
    [
        Shelf(witnesses.FundingAccount, witness_models.FundingAccount),
        Shelf(witnesses.RailVendor, witness_models.RailVendor),
        Shelf(witnesses.RailBill, witness_models.RailBill),
    ]
)
