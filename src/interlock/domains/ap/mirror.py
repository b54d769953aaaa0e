"""Where payables' facts are kept."""

from interlock.domains.ap import models
from interlock.rails import facts
from interlock.rails.mirror import Shelf, SliceMirror

MIRROR = SliceMirror(
    [
        Shelf(facts.Vendor, models.Vendor),
        Shelf(facts.Bill, models.Bill),
        Shelf(facts.BillPayment, models.BillPayment),
        Shelf(facts.VendorCredit, models.VendorCredit),
        Shelf(facts.PurchaseOrder, models.PurchaseOrder),
    ],
    models.PayableLine,
    models.PayableLink,
)
