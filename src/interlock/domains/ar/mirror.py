"""Where receivables' facts are kept."""

from interlock.domains.ar import models
from interlock.rails import facts
from interlock.rails.mirror import Shelf, SliceMirror

MIRROR = SliceMirror(
    [
        Shelf(facts.Customer, models.Customer),
        Shelf(facts.Invoice, models.Invoice),
        Shelf(facts.Payment, models.CustomerPayment),
        Shelf(facts.CreditMemo, models.CreditMemo),
        Shelf(facts.SalesReceipt, models.SalesReceipt),
        Shelf(facts.RefundReceipt, models.RefundReceipt),
    ],
    models.ReceivableLine,
    models.ReceivableLink,
)
