"""Payees of one client: whose details changed, what stops until a call-back is cleared, and the acts of people on it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from interlock.domains.ap.decision_models import PayeeCallback, VendorPayee
from interlock.domains.ap.payee_content import changes, read
from interlock.domains.ap.services.payee_service import NUMBERS_FROM, OUTCOMES, PayeeService
from interlock.domains.ap.services.vendor_service import VendorService
from interlock.domains.firm.acting import Acting
from interlock.domains.firm.models import Business
from interlock.domains.firm.policy.values import Policy
from interlock.domains.firm.services.people_service import PeopleService
from interlock.kernel.clock import local_date
from interlock.kernel.errors import NotFound
from interlock.kernel.scope import Scope
from interlock.kernel.workdays import add_workdays
from interlock.runway.services.calculators.finding import Finding
from interlock.runway.services.calculators.words import counted, on_day
from interlock.runway.services.views import BusinessView, Instant, View

# Findings on a vendor that a cleared call-back settles.
_SETTLED_BY_A_CALL = ("V04", "V06", "V09")


class CallbackView(View):
    """One call. ``cleared`` is ``None`` while it waits for a second person."""

    callback_id: str
    called_on: date
    number_called: str
    number_from: str
    spoke_to: str
    outcome: str
    recorded_by: str
    decided_by: str | None
    cleared: bool | None
    of_what_is_seen_now: bool


class PayeeView(View):
    """A vendor that somebody has to call back, or that was called. ``standing``: changed, resting, new, verified."""

    vendor_id: str
    vendor: str
    standing: str
    say: str
    changes: tuple[str, ...]
    changed_at: Instant | None
    cleared_at: Instant | None
    stopped_bills: int
    seen: dict[str, dict[str, str | None]]
    callbacks: tuple[CallbackView, ...]
    waits_for: CallbackView | None


class PayeesExperience(View):
    business: BusinessView
    ask: str
    say: str
    payees: tuple[PayeeView, ...]
    looked_at: int
    numbers_from: tuple[str, ...] = NUMBERS_FROM
    outcomes: tuple[str, ...] = OUTCOMES


class CallbackDone(View):
    """What an act did. ``payable_from``: where it was cleared and the change has to rest, the day payments go again."""

    vendor_id: str
    callback_id: str
    cleared: bool | None
    payable_from: date | None
    words: str


class PayeesService:
    """What is shown, and the acts. ``findings`` of this client; ``policy`` in force."""

    def __init__(
        self,
        session: Session,
        business: Business,
        *,
        findings: Callable[[], Sequence[Finding]],
        policy: Policy,
        now: datetime,
    ) -> None:
        self._session = session
        self._business = business
        self._findings = findings
        self._policy = policy
        self._now = now
        self._service = PayeeService(session, Scope(business.firm_id, business.business_id))
        self._vendors = VendorService(session, business.business_id)

    def get_payees_experience(self) -> PayeesExperience:
        """Vendors that a call-back is missing for, those in their rest, and those that were called, in this order."""
        stopped = self._stopped()
        rows = {row.vendor_id: row for row in self._service.payees(changed_only=False)}
        calls = self._service.callbacks()
        names = {id_: vendor.name for id_, vendor in self._vendors.by_id().items()}
        people = {each.person_id: each.name for each in PeopleService(self._session, self._business.firm_id).people()}
        wanted = [row for id_, row in rows.items() if row.changed_at is not None or id_ in stopped or id_ in calls]
        views = [
            self._view(row, names.get(row.vendor_id, row.vendor_id), stopped, calls.get(row.vendor_id, ()), people)
            for row in wanted
        ]
        order = ("changed", "new", "resting", "verified")
        payees = tuple(sorted(views, key=lambda each: (order.index(each.standing), each.vendor, each.vendor_id)))
        open_ = [each for each in payees if each.standing in ("changed", "new")]
        return PayeesExperience(
            business=BusinessView.of(self._business),
            ask=f"Does {self._business.name} pay whom it thinks it pays?",
            say=_answer(open_, len(rows)),
            payees=payees,
            looked_at=len(rows),
        )

    def record(
        self,
        vendor: str,
        acting: Acting,
        *,
        number_called: str,
        number_from: str,
        spoke_to: str,
        called_on: date | None,
        outcome: str,
    ) -> CallbackDone:
        """``vendor`` by id or by its whole name; called today unless said."""
        made = self._service.record_callback(
            self.vendor_named(vendor),
            acting=acting,
            policy=self._policy,
            number_called=number_called,
            number_from=number_from,
            spoke_to=spoke_to,
            called_on=called_on or local_date(self._now, self._business.time_zone),
            outcome=outcome,
            time_zone=self._business.time_zone,
            now=self._now,
        )
        words = "The call is recorded; a second person clears it, and until then nothing is paid to this vendor."
        if outcome != "confirmed":
            words = "The call is recorded. The vendor did not confirm, so nothing is paid to it."
        return CallbackDone(
            vendor_id=made.vendor_id, callback_id=made.callback_id, cleared=None, payable_from=None, words=words
        )

    def clear(self, callback_id: str, acting: Acting, *, comment: str | None = None) -> CallbackDone:
        done = self._service.clear(
            callback_id, acting=acting, policy=self._policy, now=self._now, comment=comment or None
        )
        payee, until = self._service.find(done.vendor_id), None
        words = "Cleared; the vendor can be paid."
        if payee.changed_at is not None:
            until = self._payable_from(payee)
            today = local_date(self._now, self._business.time_zone)
            words = f"Cleared; the vendor can be paid from {on_day(until, today)} on." if until else words
        return CallbackDone(
            vendor_id=done.vendor_id, callback_id=callback_id, cleared=True, payable_from=until, words=words
        )

    def refuse(self, callback_id: str, acting: Acting, *, comment: str | None = None) -> CallbackDone:
        done = self._service.refuse(
            callback_id, acting=acting, policy=self._policy, now=self._now, comment=comment or None
        )
        words = "Refused; nothing is paid to this vendor until another call is recorded and cleared."
        return CallbackDone(
            vendor_id=done.vendor_id, callback_id=callback_id, cleared=False, payable_from=None, words=words
        )

    def vendor_named(self, wanted: str) -> str:
        """A vendor's id, by id or whole name; ``NotFound`` for none or for several."""
        known = self._vendors.by_id()
        if wanted in known:
            return wanted
        same = [id_ for id_, vendor in known.items() if vendor.name.casefold() == wanted.strip().casefold()]
        if len(same) != 1:
            raise NotFound(f"There {'are several vendors' if same else 'is no vendor'} {wanted!r} here; give the id.")
        return same[0]

    def _stopped(self) -> dict[str, Finding]:
        return {
            each.subject.id: each
            for each in self._findings()
            if each.rule.id in _SETTLED_BY_A_CALL and each.subject.kind == "vendor"
        }

    def _view(
        self,
        row: VendorPayee,
        name: str,
        stopped: Mapping[str, Finding],
        calls: Sequence[PayeeCallback],
        people: Mapping[str, str],
    ) -> PayeeView:
        finding = stopped.get(row.vendor_id)
        said = tuple(_callback(each, row.seen_hash, people) for each in calls)
        changed = row.seen_hash != row.verified_hash
        resting = not changed and finding is not None and finding.rule.id == "V04"
        standing = "changed" if changed else "resting" if resting else "new" if finding else "verified"
        return PayeeView(
            vendor_id=row.vendor_id,
            vendor=name,
            standing=standing,
            say=finding.reason if finding else _since(said),
            changes=changes(read(row.verified), read(row.seen)),
            changed_at=row.changed_at,
            cleared_at=row.cleared_at,
            stopped_bills=len(finding.touches) if finding else 0,
            seen=read(row.seen),
            callbacks=said,
            waits_for=next(
                (
                    each
                    for each in said
                    if each.cleared is None and each.of_what_is_seen_now and each.outcome == "confirmed"
                ),
                None,
            ),
        )

    def _payable_from(self, payee: VendorPayee) -> date | None:
        if payee.cleared_at is None:
            return None
        cleared = local_date(payee.cleared_at, self._business.time_zone)
        return add_workdays(cleared, self._policy.vendors.cool_off_workdays)


def _callback(each: PayeeCallback, seen_hash: str, people: Mapping[str, str]) -> CallbackView:
    return CallbackView(
        callback_id=each.callback_id,
        called_on=each.called_on,
        number_called=each.number_called,
        number_from=each.number_from,
        spoke_to=each.spoke_to,
        outcome=each.outcome,
        recorded_by=people.get(each.recorded_by, each.recorded_by),
        decided_by=people.get(each.decided_by, each.decided_by) if each.decided_by else None,
        cleared=each.cleared,
        of_what_is_seen_now=each.seen_hash == seen_hash,
    )


def _since(calls: Sequence[CallbackView]) -> str:
    cleared = next((each for each in calls if each.cleared and each.of_what_is_seen_now), None)
    if cleared is not None:
        return f"As {cleared.decided_by or 'somebody'} cleared it, on the call that {cleared.recorded_by} recorded."
    return "As it was first seen; nobody has called."


def _answer(open_: Sequence[PayeeView], looked_at: int) -> str:
    if not looked_at:
        return "No vendor was looked at yet. Sync first."
    seen = f"{counted(looked_at, 'vendor')} looked at after every sync."
    if not open_:
        return f"Yes, as far as can be seen. {seen}"
    changed = sum(each.standing == "changed" for each in open_)
    bills = sum(each.stopped_bills for each in open_)
    what = (
        [f"{counted(changed, 'vendor')} changed how {'it is' if changed == 1 else 'they are'} paid"] if changed else []
    )
    if fresh := len(open_) - changed:
        what.append(f"{counted(fresh, 'vendor')} nobody has checked")
    return f"{' and '.join(what)}. {counted(bills, 'open bill')} {'waits' if bills == 1 else 'wait'} for a call-back. {seen}"
