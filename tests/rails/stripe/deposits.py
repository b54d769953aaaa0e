"""Payouts as a sync leaves them in the mirror, without a sync: from Stripe's objects through the mapper."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from interlock.domains.ar.witness_mirror import MIRROR
from interlock.domains.stripe import mapper
from interlock.kernel.scope import Scope
from interlock.rails.facts import Fact, Page
from interlock.rails.witnesses import Charge, InvoiceReceipt, Payout, PayoutPart, RailInvoice
from tests.rails.stripe import shapes

_THEN = datetime.fromtimestamp(shapes.NOON, UTC)


def keep(session: Session, scope: Scope, kind: type[Fact], facts: Sequence[Fact]) -> None:
    if facts:
        MIRROR.store(session, scope, Page(kind, tuple(facts), _THEN), 1)


def keep_payout(session: Session, scope: Scope, id_: str, parts: Sequence[bytes], **fields: object) -> int:
    """A payout of these movements; its amount."""
    known = [mapper.part(each, id_) for each in parts]
    net = sum(each.net_minor for each in known)
    keep(session, scope, PayoutPart, known)
    keep(session, scope, Payout, [mapper.payout(shapes.payout(id_, net, **fields), net)])
    return net


def keep_paid_invoice(
    session: Session, scope: Scope, name: str, paid: Sequence[int], *, charged: int | None = None, ledger_id: str = ""
) -> bytes:
    """One charge that paid as many invoices as there are amounts; the movement it makes, with a fee of 2.9% and 30."""
    amount = sum(paid) if charged is None else charged
    charge = {"id": f"ch_{name}", "object": "charge"}
    metadata = {"qbo_invoice_id": ledger_id} if ledger_id else {}
    keep(session, scope, Charge, [mapper.charge(shapes.charge(f"ch_{name}", f"pi_{name}", amount))])
    ids = [f"in_{name}_{i}" for i in range(len(paid))]
    keep(session, scope, RailInvoice, [mapper.invoice(shapes.invoice(id_, metadata=metadata)) for id_ in ids])
    receipts = [
        mapper.receipt(shapes.receipt(f"inpay_{id_}", id_, f"pi_{name}", part))
        for id_, part in zip(ids, paid, strict=True)
    ]
    keep(session, scope, InvoiceReceipt, receipts)
    return shapes.movement(f"txn_{name}", amount, amount * 29 // 1000 + 30, charge)
