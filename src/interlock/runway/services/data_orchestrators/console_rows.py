"""Rows of the console: open bills in short, what was decided about them, and those that are shown in full.

A client may have thousands of open bills. All of them are read in short, a few columns each; only the rows that are shown become
views. Nothing here decides.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.ap.decision_models import Decision, IntentApproval, PaymentIntent
from interlock.domains.ap.models import Bill, BillAnnotation, VendorCredit
from interlock.domains.ap.services.bill_content import Ending, credits_of, endings_of
from interlock.domains.ap.services.payment_steps import intents_under_way
from interlock.domains.firm.models import Business
from interlock.domains.firm.people_models import Person
from interlock.runway.services.calculators.finding import Finding
from interlock.runway.services.data_orchestrators.document_views import DecisionDocument, Shows
from interlock.runway.services.data_orchestrators.payment_rows import PaymentLine
from interlock.runway.services.views import Amount, Instant, View

LIVE: frozenset[str] = frozenset({"proposed", "half", "approved"})
_ENDED_DAYS = 30  # for so long the console says that an approval was lost
_COMMENTS_MOST = 500
_IDS_A_QUERY = 500
_PAYMENTS_MOST = 3


class OpenBill(Struct, frozen=True, gc=False):
    """An open bill in short: what grouping, counting and totals need."""

    id: str
    vendor_id: str | None
    vendor_name: str | None
    number: str | None
    due: date | None
    currency: str
    balance_minor: int


class ApprovalView(View):
    """One person's yes. ``instead_of``: in whose place."""

    person: str
    instead_of: str | None
    side: str
    at: Instant


class IntentView(View):
    """What was decided about a bill. ``undo``: the decision that its maker can take back until ``undo_until``.

    ``lost``: an approval that ended because the bill or its payee changed (``why``).
    """

    intent_id: str
    bill_id: str
    state: str
    amount: Amount
    pay_on: date
    credits: tuple[tuple[str, int], ...]
    prepared_by: str
    prepared_at: Instant
    approvals: tuple[ApprovalView, ...]
    undo: str | None
    undo_until: Instant | None
    ended_at: Instant | None
    why: str | None

    @property
    def lost(self) -> bool:
        return self.state == "voided"


class OpenCredit(View):
    """A vendor's credit that can be applied before money is paid."""

    credit_id: str
    number: str | None
    open: Amount


class CommentView(View):
    by: str
    at: Instant
    words: str


class ConsoleBill(DecisionDocument):
    """An open bill as it is decided on.

    ``run``: the pay run it goes with; ``must_pay``: its category, where the policy calls its vendor essential; ``rest``: what of
    it no standing intent covers; ``intents``: standing ones, and the last one that was voided; ``payments``: what became of its
    released ones, the newest first; ``credits``: its vendor's open ones; ``snoozed_until``: out of sight until then.
    """

    run: date | None
    must_pay: str | None
    rest: Amount
    intents: tuple[IntentView, ...]
    payments: tuple[PaymentLine, ...]
    credits: tuple[OpenCredit, ...]
    snoozed_until: date | None
    comments: tuple[CommentView, ...]

    @property
    def live(self) -> tuple[IntentView, ...]:
        return tuple(each for each in self.intents if each.state in LIVE)

    @property
    def waiting(self) -> tuple[IntentView, ...]:
        """Intents that somebody still has to approve."""
        return tuple(each for each in self.intents if each.state in {"proposed", "half"})

    @property
    def lost(self) -> IntentView | None:
        """The approval that a change took away, while nothing took its place."""
        return next((each for each in self.intents if each.lost), None) if not self.live else None

    @property
    def selectable(self) -> bool:
        """Whether it can be put into a batch: not blocked, at home in currency, and something of it still to decide."""
        return self.blocked is None and not self.foreign and (bool(self.waiting) or self.rest.money.minor > 0)

    @property
    def wanted_minor(self) -> int:
        """What selecting it asks for: what waits for approval, else what no intent covers."""
        return sum(each.amount.money.minor for each in self.waiting) or self.rest.money.minor


class Decided(Struct, frozen=True):
    """What people decided, by bill id: intents that stand or were lost, comments, and how much of each bill stands."""

    intents: Mapping[str, tuple[IntentView, ...]]
    comments: Mapping[str, tuple[CommentView, ...]]
    standing_minor: Mapping[str, int]


class ConsoleRows:
    """Reads one business's rows, each kind with one query."""

    def __init__(self, db: Session, business: Business, now: datetime) -> None:
        self._db = db
        self._business = business
        self._business_id = business.business_id
        self._home = business.home_currency
        self._now = now

    def open_bills(self) -> list[OpenBill]:
        """Bills with a balance, by due date; those without one last."""
        query = select(
            Bill.id, Bill.vendor_id, Bill.vendor_name, Bill.number, Bill.due, Bill.currency, Bill.balance_minor
        ).where(Bill.business_id == self._business_id, Bill.buried_at.is_(None), Bill.balance_minor != 0)
        return [OpenBill(*row) for row in self._db.execute(query.order_by(Bill.due.is_(None), Bill.due, Bill.id))]

    def annotations(self) -> dict[str, BillAnnotation]:
        query = select(BillAnnotation).where(BillAnnotation.business_id == self._business_id)
        return {each.bill_id: each for each in self._db.scalars(query)}

    def open_credits(self) -> dict[str, tuple[OpenCredit, ...]]:
        """Open vendor credits in home currency by vendor, the oldest first."""
        query = select(VendorCredit.vendor_id, VendorCredit.id, VendorCredit.number, VendorCredit.balance_minor).where(
            VendorCredit.business_id == self._business_id,
            VendorCredit.buried_at.is_(None),
            VendorCredit.balance_minor > 0,
            VendorCredit.currency == self._home,
        )
        found: dict[str, tuple[OpenCredit, ...]] = {}
        for vendor_id, id_, number, minor in self._db.execute(query.order_by(VendorCredit.dated, VendorCredit.id)):
            if vendor_id is not None:
                credit = OpenCredit(credit_id=id_, number=number, open=Amount.minor(minor, self._home))
                found[vendor_id] = (*found.get(vendor_id, ()), credit)
        return found

    def decided(self) -> Decided:
        """Standing intents, approvals lost within a month, and comments."""
        intents = self._intents()
        names = self.names()
        approvals = self._approvals([each.intent_id for each in intents])
        endings = endings_of(self._db, self._business, [each for each in intents if each.state in LIVE], self._now)
        found: dict[str, list[IntentView]] = {}
        standing: dict[str, int] = {}
        for each in intents:
            ending = endings.get(each.intent_id)
            view = self.show(each, approvals.get(each.intent_id, []), names, ending)
            found.setdefault(each.bill_id, []).append(view)
            if view.state in LIVE:
                covered = each.amount_minor + sum(minor for _, minor in view.credits)
                standing[each.bill_id] = standing.get(each.bill_id, 0) + covered
        for released in intents_under_way(self._db, self._business.business_id):
            covered = released.amount_minor + sum(minor for _, minor in credits_of(released))
            standing[released.bill_id] = standing.get(released.bill_id, 0) + covered
        return Decided(
            intents={bill_id: tuple(views) for bill_id, views in found.items()},
            comments=self._comments(names),
            standing_minor=standing,
        )

    def show(
        self,
        intent: PaymentIntent,
        approvals: Sequence[IntentApproval],
        names: Mapping[str, str],
        ending: Ending | None = None,
    ) -> IntentView:
        """An intent as it is now. ``approvals``: those given to it, the last one last; ``ending``: what the row will soon say."""
        state = ending.state if ending else intent.state
        open_window = intent.undo_until is not None and intent.undo_until > self._now and state in {"half", "approved"}
        return IntentView(
            intent_id=intent.intent_id,
            bill_id=intent.bill_id,
            state=state,
            amount=Amount.minor(intent.amount_minor, intent.currency),
            pay_on=intent.pay_on,
            credits=tuple((str(id_), int(minor)) for id_, minor in json.loads(intent.credits or "[]")),
            prepared_by=names.get(intent.prepared_by, intent.prepared_by),
            prepared_at=intent.prepared_at,
            approvals=tuple(
                ApprovalView(
                    person=names.get(each.person_id, each.person_id),
                    instead_of=names.get(each.for_person, each.for_person) if each.for_person else None,
                    side=each.side,
                    at=each.approved_at,
                )
                for each in approvals
            ),
            undo=approvals[-1].decision_id if open_window and approvals else None,
            undo_until=intent.undo_until if open_window else None,
            ended_at=self._now if ending else intent.ended_at,
            why=ending.why if ending else intent.ended_why,
        )

    def names(self) -> dict[str, str]:
        """Everybody who ever decided anything here, by id."""
        return {row.person_id: row.name for row in self._db.execute(select(Person.person_id, Person.name))}

    def whole(self, ids: Sequence[str]) -> dict[str, Bill]:
        """The bills named, whole."""
        found: dict[str, Bill] = {}
        for at in range(0, len(ids), _IDS_A_QUERY):
            query = select(Bill).where(Bill.business_id == self._business_id, Bill.id.in_(ids[at : at + _IDS_A_QUERY]))
            found.update({bill.id: bill for bill in self._db.scalars(query)})
        return found

    def _intents(self) -> Sequence[PaymentIntent]:
        recently = self._now - timedelta(days=_ENDED_DAYS)
        query = select(PaymentIntent).where(
            PaymentIntent.business_id == self._business_id,
            PaymentIntent.state.in_(LIVE) | ((PaymentIntent.state == "voided") & (PaymentIntent.ended_at > recently)),
        )
        return self._db.scalars(query.order_by(PaymentIntent.prepared_at.desc(), PaymentIntent.intent_id)).all()

    def _approvals(self, intent_ids: Sequence[str]) -> dict[str, list[IntentApproval]]:
        """Standing yeses by intent, the first one first; those of a voided intent as they were."""
        found: dict[str, list[IntentApproval]] = {}
        for at in range(0, len(intent_ids), _IDS_A_QUERY):
            query = select(IntentApproval).where(
                IntentApproval.business_id == self._business_id,
                IntentApproval.intent_id.in_(intent_ids[at : at + _IDS_A_QUERY]),
                IntentApproval.withdrawn_at.is_(None),
            )
            for each in self._db.scalars(query.order_by(IntentApproval.approved_at, IntentApproval.decision_id)):
                found.setdefault(each.intent_id, []).append(each)
        return found

    def _comments(self, names: Mapping[str, str]) -> dict[str, tuple[CommentView, ...]]:
        """The latest comments by bill, the newest first."""
        query = select(
            Decision.subjects, Decision.person_id, Decision.actor, Decision.decided_at, Decision.comment
        ).where(Decision.business_id == self._business_id, Decision.act == "comment")
        found: dict[str, tuple[CommentView, ...]] = {}
        newest_first = query.order_by(Decision.decided_at.desc(), Decision.decision_id).limit(_COMMENTS_MOST)
        for subjects, person_id, actor, at, words in self._db.execute(newest_first):
            said = CommentView(by=names.get(person_id or "", actor), at=at, words=words or "")
            for subject in json.loads(subjects):
                bill_id = subject.get("bill_id")
                found[bill_id] = (*found.get(bill_id, ()), said)
        return found


class RowsInFull:
    """Makes console bills of those that are shown."""

    def __init__(
        self,
        shows: Shows,
        decided: Decided,
        *,
        annotations: Mapping[str, BillAnnotation],
        blocked: Mapping[str, str],
        about: Mapping[str, Sequence[Finding]],
        credits: Mapping[str, tuple[OpenCredit, ...]],
        payments: Mapping[str, tuple[PaymentLine, ...]],
    ) -> None:
        self._shows = shows
        self._decided = decided
        self._annotations = annotations
        self._blocked = blocked
        self._about = about
        self._credits = credits
        self._payments = payments

    def of(self, bill: Bill, run: date | None, must_pay: str | None) -> ConsoleBill:
        annotation = self._annotations.get(bill.id)
        document = self._shows.for_decision(
            self._shows.bill(bill, annotation), self._about.get(bill.id, ()), self._blocked.get(bill.id)
        )
        rest = max(0, bill.balance_minor - self._decided.standing_minor.get(bill.id, 0))
        snoozed = annotation.snoozed_until if annotation else None
        return ConsoleBill(
            **dict(document),
            run=run,
            must_pay=must_pay,
            rest=Amount.minor(rest, bill.currency),
            intents=_newest(self._decided.intents.get(bill.id, ())),
            payments=self._payments.get(bill.id, ())[:_PAYMENTS_MOST],
            credits=self._credits.get(bill.vendor_id or "", ()) if bill.currency == self._shows.home_currency else (),
            snoozed_until=snoozed if snoozed is not None and snoozed > self._shows.today else None,
            comments=self._decided.comments.get(bill.id, ()),
        )


def _newest(intents: Iterable[IntentView]) -> tuple[IntentView, ...]:
    """Standing intents, and of the voided ones only the newest."""
    live = [each for each in intents if each.state in LIVE]
    lost = [each for each in intents if each.lost][:1]
    return (*live, *lost)
