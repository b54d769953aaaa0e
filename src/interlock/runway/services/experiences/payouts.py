"""Payouts of the collecting rail, and each taken apart into what it pays: one bank line, many invoices."""

from datetime import date

from interlock.domains.ar.services.payout_service import InvoiceShare, PayoutRow, PayoutService, UnbundledPayout
from interlock.domains.ar.witness_models import Payout
from interlock.domains.firm.models import Business
from interlock.kernel.money import Money
from interlock.runway.services.calculators.links import Links
from interlock.runway.services.views import Amount, BusinessView, View

PARTS_MOST = 1_000
_PAYOUTS_MOST = 200
_GONE = frozenset({"failed", "canceled"})


class PayoutView(View):
    """One payout. ``arrived`` is false once it failed or was cancelled: no bank line shows it. ``why_not`` in words."""

    id: str
    amount: Amount
    state: str
    arrived: bool
    arrives_on: date
    trace: str | None
    failure: str | None
    attributed: bool
    why_not: str | None


class PayoutsView(View):
    """The latest to arrive first."""

    business: BusinessView
    ask: str
    say: str
    payouts: tuple[PayoutView, ...]


class ShareView(View):
    """What of a part concerns an invoice; ``linked``: its ledger id is decided, not only the rail's claim."""

    invoice_id: str
    number: str | None
    customer: str | None
    ledger_id: str | None
    linked: bool
    link: str | None
    amount: Amount | None


class PartView(View):
    """A part: gross less fee is net. ``rest``: what of its gross no invoice explains; ``None`` where nobody can say."""

    id: str
    kind: str
    gross: Amount
    fee: Amount
    net: Amount
    charge_id: str | None
    source_id: str | None
    description: str | None
    shares: tuple[ShareView, ...]
    rest: Amount | None


class KindView(View):
    kind: str
    count: int
    gross: Amount
    fee: Amount
    net: Amount


class UnbundledView(View):
    """A payout taken apart; ``parts`` are those from ``offset`` on, of ``parts_count``."""

    business: BusinessView
    ask: str
    say: str
    payout: PayoutView
    totals: tuple[KindView, ...]
    parts: tuple[PartView, ...]
    parts_count: int
    offset: int


class PayoutsService:
    """Payouts of one business, as shown. Read from the mirror; no rail is asked."""

    def __init__(self, business: Business, payout_service: PayoutService, *, links: Links) -> None:
        self._business = business
        self._payouts = payout_service
        self._links = links

    def get_payouts_experience(self) -> PayoutsView:
        payouts = tuple(_payout(each) for each in self._payouts.list_payouts(_PAYOUTS_MOST))
        dark = sum(not each.attributed for each in payouts)
        say = "No payout is known: connect Stripe, or wait for its first sync."
        if payouts:
            known = len(payouts) - dark
            say = f"{known:,} of {len(payouts):,} are taken apart to the cent."
            say += (
                (" The other one says why not." if dark == 1 else f" The other {dark:,} say why not.") if dark else ""
            )
        return PayoutsView(
            business=BusinessView.of(self._business),
            ask=f"What did {self._business.name}’s payouts pay?",
            say=say,
            payouts=payouts,
        )

    def get_payout_experience(self, payout_id: str, *, offset: int = 0, most: int = PARTS_MOST) -> UnbundledView:
        """One payout taken apart; ``NotFound`` otherwise. At most ``most`` (1,000) parts from ``offset`` on."""
        found = self._payouts.unbundle(payout_id)
        shown = found.parts[offset : offset + min(most, PARTS_MOST)]
        return UnbundledView(
            business=BusinessView.of(self._business),
            ask=f"What is payout {found.payout_id} made of?",
            say=_said(found),
            payout=_unbundled(found),
            totals=tuple(
                KindView(
                    kind=each.kind,
                    count=each.count,
                    gross=Amount.of(each.gross),
                    fee=Amount.of(each.fee),
                    net=Amount.of(each.net),
                )
                for each in found.totals
            ),
            parts=tuple(self._part(each) for each in shown),
            parts_count=len(found.parts),
            offset=offset,
        )

    def _part(self, row: PayoutRow) -> PartView:
        return PartView(
            id=row.part_id,
            kind=row.kind,
            gross=Amount.of(row.gross),
            fee=Amount.of(row.fee),
            net=Amount.of(row.net),
            charge_id=row.charge_id,
            source_id=row.source_id,
            description=row.description,
            shares=tuple(self._share(each) for each in row.shares),
            rest=None if row.rest is None else Amount.of(row.rest),
        )

    def _share(self, share: InvoiceShare) -> ShareView:
        return ShareView(
            invoice_id=share.invoice_id,
            number=share.number,
            customer=share.customer_name,
            ledger_id=share.ledger_id,
            linked=share.linked,
            link=self._links.to("invoice", share.ledger_id) if share.ledger_id else None,
            amount=None if share.amount is None else Amount.of(share.amount),
        )


def _payout(row: Payout) -> PayoutView:
    return PayoutView(
        id=row.id,
        amount=Amount.minor(row.amount_minor, row.currency),
        state=row.state,
        arrived=row.state not in _GONE,
        arrives_on=row.arrives_on,
        trace=row.trace,
        failure=row.failure,
        attributed=row.attributed,
        why_not=row.unattributed,
    )


def _unbundled(found: UnbundledPayout) -> PayoutView:
    return PayoutView(
        id=found.payout_id,
        amount=Amount.of(found.amount),
        state=found.state,
        arrived=found.arrived,
        arrives_on=found.arrives_on,
        trace=found.trace,
        failure=found.failure,
        attributed=found.attributed,
        why_not=found.why_not,
    )


def _said(found: UnbundledPayout) -> str:
    """The answer in a sentence or two: what it is made of, or why nobody knows; and that it never arrived, if so."""
    came_back = "" if found.arrived else f" It never arrived: {(found.failure or found.state).rstrip('.')}."
    if not found.attributed:
        return f"Nobody can say. {found.why_not}{came_back}"
    fees = Money.total((each.fee for each in found.parts), found.amount.currency)
    gross = Money.total((each.gross for each in found.parts), found.amount.currency)
    said = f"{found.amount.currency} {found.amount} is {gross} of {len(found.parts):,} movements less {fees} in fees."
    loose = sum(bool(each.rest) for each in found.parts if each.charge_id)
    return said + (f" {loose:,} hold money that no invoice explains." if loose else "") + came_back
