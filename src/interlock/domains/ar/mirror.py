"""Where receivables' facts are kept."""

from interlock.domains.ar import models
from interlock.rails import facts
from interlock.rails.mirror import Shelf, SliceMirror

MIRROR = SliceMirror(
    [
        Shelf(facts.Customer, models.Customer),
        Shelf(facts.Invoice, models.Invoice, party="customer"),
        Shelf(facts.Payment, models.CustomerPayment, party="customer"),
        Shelf(facts.CreditMemo, models.CreditMemo, party="customer"),
        Shelf(facts.SalesReceipt, models.SalesReceipt, party="customer"),
        Shelf(facts.RefundReceipt, models.RefundReceipt, party="customer"),
    ],
    models.ReceivableLine,
    models.ReceivableLink,
)
