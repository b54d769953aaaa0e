"""Where payables' facts are kept."""

from interlock.domains.ap import models
from interlock.rails import facts
from interlock.rails.mirror import Shelf, SliceMirror

MIRROR = SliceMirror(
    [
        Shelf(facts.Vendor, models.Vendor),
        Shelf(facts.Bill, models.Bill, party="vendor"),
        Shelf(facts.BillPayment, models.BillPayment, party="vendor"),
        Shelf(facts.VendorCredit, models.VendorCredit, party="vendor"),
        Shelf(facts.PurchaseOrder, models.PurchaseOrder, party="vendor"),
    ],
    models.PayableLine,
    models.PayableLink,
)
