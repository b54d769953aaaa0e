"""Payees: what can be seen of how each vendor is paid, when it changed, and the call-back that a second person clears.

A change stops every payment to the vendor until somebody called it on a number that didn't come with the change, a second person
cleared that call, and the policy's workdays have passed (product-map §3.3). Every act leaves a line.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from interlock.domains.ap.decision_models import Decision, PayeeCallback, VendorPayee
from interlock.domains.ap.models import Vendor
from interlock.domains.ap.payee_content import (
    LEDGER,
    Shown,
    canonical,
    carried,
    changes,
    content_hash,
    read,
    with_first_sights,
)
from interlock.domains.ap.witness_models import RailVendor, VendorLink
from interlock.domains.firm.acting import Acting
from interlock.domains.firm.policy.values import Policy
from interlock.domains.firm.roles import Right
from interlock.domains.firm.segregation import Facts, refusal
from interlock.infra import translog
from interlock.kernel.clock import local_date
from interlock.kernel.errors import BadInput, NotFound, Refused
from interlock.kernel.ids import new_id
from interlock.kernel.scope import Scope
from interlock.rails.identity import LINKED

NUMBERS_FROM = ("on file before the change", "contract", "public register")
THE_MESSAGE = "the message itself"
CONFIRMED, DENIED, NOT_REACHED = "confirmed", "denied", "not_reached"
OUTCOMES = (CONFIRMED, DENIED, NOT_REACHED)
TEXT_CHARACTERS = 200
LISTED_MOST = 500
_CHANGES_LOGGED = 12
_WATCH = "payee watch"


class Observed(Struct, frozen=True):
    """What one look gave: vendors seen for the first time, those whose details changed, and those that are as verified again."""

    first: int = 0
    changed: tuple[str, ...] = ()
    restored: tuple[str, ...] = ()


class PayeeService:
    """Payees of one business, within the session's transaction."""

    def __init__(self, db: Session, scope: Scope) -> None:
        assert scope.business_id is not None, "payees are of one business"
        self.db = db
        self.scope = scope
        self.business_id = scope.business_id

    def observe(self, now: datetime) -> Observed:
        """Hold what the books and the rails show of each vendor's payee against what was last verified.

        The first sight of a vendor is what is verified from then on; the page says that nobody checked it.
        """
        shown = self._shown()
        kept = {row.vendor_id: row for row in self.db.scalars(self._rows())}
        first: dict[str, str] = {}
        entries: list[tuple[str, dict[str, Any]]] = []
        changed: list[str] = []
        restored: list[str] = []
        for vendor_id, seen in shown.items():
            row = kept.get(vendor_id)
            if row is None:
                first[vendor_id] = self._keep(vendor_id, seen, now)
                continue
            what, entry = self._look(row, seen, now)
            if entry is not None:
                entries.append(entry)
            (changed if what == "changed" else restored if what == "restored" else []).append(vendor_id)
        if first:
            root = content_hash({"payees": dict(first)})
            entries.insert(0, ("payee.first_seen", {"vendors": len(first), "root": root}))
        if entries:
            self.db.flush()
            translog.append_many(self.db, self.scope, now=now, actor=_WATCH, entries=entries)
        return Observed(len(first), tuple(changed), tuple(restored))

    def _look(self, row: VendorPayee, seen: Shown, now: datetime) -> tuple[str, tuple[str, dict[str, Any]] | None]:
        """What became of one vendor: ``same``, ``changed`` or ``restored``, with the line that says so."""
        before = read(row.seen)
        seen = carried(before, seen)
        verified = with_first_sights(read(row.verified), seen)
        if (hashed := content_hash(seen)) == row.seen_hash:
            return "same", None
        row.verified, row.verified_hash = canonical(verified), content_hash(verified)
        row.seen, row.seen_hash = canonical(seen), hashed
        said = changes(verified, seen)
        if not said:
            if row.changed_at is None or row.cleared_at is not None:
                return "same", ("payee.more_seen", {"vendor": row.vendor_id, "seen": hashed})
            row.changed_at = None
            return "restored", ("payee.restored", {"vendor": row.vendor_id, "seen": hashed})
        row.changed_at, row.cleared_at = now, None
        body = {"vendor": row.vendor_id, "changes": list(said[:_CHANGES_LOGGED]), "seen": hashed}
        return "changed", ("payee.changed", body)

    def _keep(self, vendor_id: str, seen: Shown, now: datetime) -> str:
        hashed = content_hash(seen)
        self.db.add(
            VendorPayee(
                firm_id=self.scope.firm_id,
                business_id=self.business_id,
                vendor_id=vendor_id,
                verified=canonical(seen),
                verified_hash=hashed,
                seen=canonical(seen),
                seen_hash=hashed,
                first_seen_at=now,
            )
        )
        return hashed

    def _shown(self) -> dict[str, Shown]:
        """By vendor of the books: what these and the paying rail show of it."""
        ledger = select(Vendor.id, Vendor.email, Vendor.address, Vendor.account_number).where(
            Vendor.business_id == self.business_id, Vendor.buried_at.is_(None)
        )
        shown: dict[str, Shown] = {
            id_: {LEDGER: {"e-mail": email, "address": address, "account number": number}}
            for id_, email, address, number in self.db.execute(ledger.order_by(Vendor.id))
        }
        there = (
            select(
                VendorLink.ledger_id,
                VendorLink.rail,
                RailVendor.id,
                RailVendor.email,
                RailVendor.address,
                RailVendor.accounts,
            )
            .join(
                RailVendor, (RailVendor.business_id == VendorLink.business_id) & (RailVendor.id == VendorLink.rail_id)
            )
            .where(
                VendorLink.business_id == self.business_id,
                VendorLink.state == LINKED,
                RailVendor.buried_at.is_(None),
            )
        )
        for vendor_id, rail, id_, email, address, accounts in self.db.execute(there):
            if vendor_id in shown:
                shown[vendor_id][f"{rail} {id_}"] = {"e-mail": email, "address": address, "accounts": accounts}
        return shown

    def payees(self, *, changed_only: bool = True) -> Sequence[VendorPayee]:
        """Those that changed and those in their rest after being cleared, the latest change first; else all."""
        query = self._rows()
        if changed_only:
            query = query.where(VendorPayee.changed_at.is_not(None))
        return self.db.scalars(query.order_by(VendorPayee.changed_at.desc(), VendorPayee.vendor_id)).all()[:LISTED_MOST]

    def find(self, vendor_id: str) -> VendorPayee:
        """One vendor's; ``NotFound`` where there is no such vendor, or nobody looked yet."""
        found = self.db.get(VendorPayee, (self.business_id, vendor_id))
        if found is None:
            raise NotFound(f"There is no vendor {vendor_id!r} whose payee was looked at. Sync first.")
        return found

    def callbacks(self, vendor_id: str | None = None) -> Mapping[str, Sequence[PayeeCallback]]:
        """By vendor, the latest first."""
        query = select(PayeeCallback).where(PayeeCallback.business_id == self.business_id)
        if vendor_id is not None:
            query = query.where(PayeeCallback.vendor_id == vendor_id)
        found: dict[str, list[PayeeCallback]] = defaultdict(list)
        for each in self.db.scalars(query.order_by(PayeeCallback.recorded_at.desc(), PayeeCallback.callback_id)):
            found[each.vendor_id].append(each)
        return found

    def record_callback(
        self,
        vendor_id: str,
        *,
        acting: Acting,
        policy: Policy,
        number_called: str,
        number_from: str,
        spoke_to: str,
        called_on: date,
        outcome: str,
        time_zone: str,
        now: datetime,
    ) -> PayeeCallback:
        """That somebody called the vendor: who, on which number, and where that number came from.

        ``Refused`` for who may not, and for a number that came with the change itself; ``BadInput`` for what can't be.
        """
        payee = self.find(vendor_id)
        _must_be_allowed("record_callback", acting, policy, Facts(now=now))
        number, spoken = _said(number_called, "the number called"), _said(spoke_to, "whom you spoke to")
        if number_from == THE_MESSAGE:
            raise Refused(
                "A number that came with the change proves nothing: whoever sent the change answers it. Call one that was on"
                " file before, from the contract, or from a public register. Nothing was recorded."
            )
        if number_from not in NUMBERS_FROM:
            raise BadInput(f"Say where the number came from: {', '.join(NUMBERS_FROM)}. Nothing was recorded.")
        if outcome not in OUTCOMES:
            raise BadInput(f"The outcome of a call-back is one of {', '.join(OUTCOMES)}. Nothing was recorded.")
        since = date.min if payee.changed_at is None else local_date(payee.changed_at, time_zone)
        if not since <= called_on <= local_date(now, time_zone):
            raise BadInput("The call was made after the change was seen, and not in the future. Nothing was recorded.")
        made = PayeeCallback(
            firm_id=self.scope.firm_id,
            business_id=self.business_id,
            callback_id=new_id("cbk", now),
            vendor_id=vendor_id,
            seen_hash=payee.seen_hash,
            number_called=number,
            number_from=number_from,
            spoke_to=spoken,
            called_on=called_on,
            outcome=outcome,
            recorded_by=acting.person_id,
            recorded_at=now,
        )
        self.db.add(made)
        self._log(made, "payee.callback_recorded", acting, now, number_from=number_from, outcome=outcome)
        return made

    def clear(
        self, callback_id: str, *, acting: Acting, policy: Policy, now: datetime, comment: str | None = None
    ) -> PayeeCallback:
        """A second person is satisfied: what is seen now is verified. ``Refused`` for the recorder, and when it isn't so."""
        callback = self._open(callback_id)
        _must_be_allowed("clear_callback", acting, policy, Facts(now=now, recorded_by=callback.recorded_by))
        payee = self.find(callback.vendor_id)
        if callback.outcome != CONFIRMED:
            raise Refused(
                "The vendor did not confirm the details in that call; only a call that confirms them is cleared."
            )
        if callback.seen_hash != payee.seen_hash:
            raise Refused("The details changed again after that call; somebody has to call once more.")
        _decided(callback, acting, now, cleared=True)
        if payee.changed_at is not None:
            payee.cleared_at = now
        payee.verified, payee.verified_hash = payee.seen, payee.seen_hash
        self._decision(callback, acting, now, comment)
        self._log(callback, "payee.cleared", acting, now, seen=payee.seen_hash)
        return callback

    def refuse(
        self, callback_id: str, *, acting: Acting, policy: Policy, now: datetime, comment: str | None = None
    ) -> PayeeCallback:
        """A second person isn't satisfied: the vendor stays stopped until another call is recorded and cleared."""
        callback = self._open(callback_id)
        _must_be_allowed("clear_callback", acting, policy, Facts(now=now, recorded_by=callback.recorded_by))
        _decided(callback, acting, now, cleared=False)
        self._log(callback, "payee.callback_refused", acting, now, comment=comment or "")
        return callback

    def _open(self, callback_id: str) -> PayeeCallback:
        query = select(PayeeCallback).where(
            PayeeCallback.business_id == self.business_id, PayeeCallback.callback_id == callback_id
        )
        # Locked, so that of two people who decide side by side the second one is told of the first.
        found = self.db.scalars(query.with_for_update()).first()
        if found is None:
            raise NotFound(f"There is no call-back {callback_id!r} of this client.")
        if found.cleared is not None:
            raise Refused(
                f"That call-back was {'cleared' if found.cleared else 'refused'} before; nothing was changed."
            )
        return found

    def _decision(self, callback: PayeeCallback, acting: Acting, now: datetime, comment: str | None) -> None:
        subjects = [{"vendor_id": callback.vendor_id, "callback_id": callback.callback_id}]
        self.db.add(
            Decision(
                firm_id=self.scope.firm_id,
                business_id=self.business_id,
                decision_id=new_id("dec", now),
                act="clear_payee",
                subjects=json.dumps(subjects, separators=(",", ":")),
                person_id=acting.person_id,
                actor=acting.actor,
                comment=comment,
                decided_at=now,
            )
        )

    def _log(self, callback: PayeeCallback, action: str, acting: Acting, now: datetime, **more: Any) -> None:
        self.db.flush()
        body = {"vendor": callback.vendor_id, "callback": callback.callback_id, **more}
        translog.append(self.db, self.scope, now=now, actor=acting.actor, action=action, body=body)

    def _rows(self) -> Select[VendorPayee]:
        return select(VendorPayee).where(VendorPayee.business_id == self.business_id)


def _must_be_allowed(right: Right, acting: Acting, policy: Policy, facts: Facts) -> None:
    why = refusal(right, acting, policy, facts)
    if why is not None:
        raise Refused(f"{why} Nothing was changed.")


def _decided(callback: PayeeCallback, acting: Acting, now: datetime, *, cleared: bool) -> None:
    callback.decided_by, callback.decided_at, callback.cleared = acting.person_id, now, cleared


def _said(text: str, what: str) -> str:
    said = " ".join(text.split())
    if not said or len(said) > TEXT_CHARACTERS:
        raise BadInput(f"Say {what}, in at most {TEXT_CHARACTERS} characters. Nothing was recorded.")
    return said
