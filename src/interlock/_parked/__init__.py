"""What no rail can honestly do yet, row by row, and what one could and we decline. Read by the composition root only."""

from interlock._parked.banks import BANKS
from interlock._parked.collecting import COLLECTING
from interlock._parked.declined import DECLINED
from interlock._parked.paying import PAYING

PARKED = (*PAYING, *BANKS, *COLLECTING)

__all__ = ["DECLINED", "PARKED"]
