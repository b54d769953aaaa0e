"""Where what the collecting rail says is kept."""

from interlock.domains.ar import witness_models
from interlock.rails import witnesses
from interlock.rails.mirror import Shelf, SliceMirror

MIRROR = SliceMirror(
    [
        Shelf(witnesses.RailCustomer, witness_models.RailCustomer),
        Shelf(witnesses.RailInvoice, witness_models.RailInvoice),
        Shelf(witnesses.InvoiceReceipt, witness_models.InvoiceReceipt),
        Shelf(witnesses.Charge, witness_models.Charge),
        Shelf(witnesses.Refund, witness_models.Refund),
        Shelf(witnesses.Dispute, witness_models.Dispute),
        Shelf(witnesses.Payout, witness_models.Payout),
        Shelf(witnesses.PayoutPart, witness_models.PayoutPart),
    ]
)
