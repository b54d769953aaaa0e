"""What must hold whatever happened: asked after every day of a run and at its end, of the world rather than of our rows."""

import json
from collections import Counter, defaultdict

from sqlalchemy import select

from interlock.domains.ap.decision_models import IntentApproval, PaymentIntent
from interlock.domains.ap.models import Bill
from interlock.domains.ap.payment_models import Disbursement, DisbursementStep
from interlock.domains.ap.policy.course import SETTLED, stage_of
from interlock.domains.ap.services.adopting import NOBODY
from interlock.domains.ap.services.payment_steps import course_of
from interlock.infra import translog
from interlock.runway.services.data_orchestrators.payments_snapshot import PaymentsSnapshot
from tests.simulation.money.firm import FirmPeople
from tests.simulation.money.theatre import Client, MoneyTheatre
from tests.simulation.money.town import Town

Content = tuple[int, str | None, str | None, str | None]


class Judge:
    """``approved_as``: what each bill said when it was approved, by intent, as the judge read it then."""

    def __init__(self, theatre: MoneyTheatre, firm: FirmPeople, town: Town) -> None:
        self.theatre, self.firm, self.town = theatre, firm, town
        self.approved_as: dict[str, Content] = {}
        self.steps: Counter[tuple[str, str]] = Counter()

    def note_approvals(self, client: Client) -> None:
        """Right after an approval, before anything else happens."""
        for intent_id, content in self._contents(client).items():
            self.approved_as.setdefault(intent_id, content)

    def changed(self, client: Client) -> set[str]:
        """Approved payments whose bill, as we know it now, says something else than at the approval."""
        now = self._contents(client)
        return {each for each, content in now.items() if self.approved_as.get(each, content) != content}

    def of_release(self, client: Client, released: set[str], changed: set[str], minor: int) -> None:
        """What a release let go."""
        assert not released & changed, f"{client.name}: released although the bill had changed: {released & changed}"
        assert minor <= self.firm.cash - self.firm.floor, (
            f"{client.name}: {minor} released, of {self.firm.cash} with a floor of {self.firm.floor}: it breaks the floor"
        )

    def after_a_day(self, client: Client) -> None:
        with self.theatre.house.database.reading(client.scope) as session:
            rows = list(
                session.scalars(select(Disbursement).where(Disbursement.business_id == client.business.business_id))
            )
            session.expunge_all()
        self._one_payment_each(client, {row.intent_id: row for row in rows})
        self._stages(client, rows)

    def at_the_end(self, client: Client) -> None:
        self.after_a_day(client)
        self.sent_once(client)
        self._log(client)
        self._dollars(client)
        for row in self.firm.payments(client):
            course = course_of(row)
            asks = course.needs_person
            assert row.stage in SETTLED or asks, (
                f"{client.name}: {row.intent_id} ends at {row.stage} and asks nobody: {course}"
            )
        self.closed_is_true(client)

    def closed_is_true(self, client: Client) -> None:
        for row in self.firm.payments(client, "closed", "unproven"):
            self._is_true(client, row)

    def sent_once(self, client: Client) -> None:
        """It is sent again only when it is certain that nothing was made, and never what was paid some other way."""
        with self.theatre.house.database.reading(client.scope) as session:
            rows = session.execute(
                select(DisbursementStep.intent_id, DisbursementStep.event)
                .where(DisbursementStep.business_id == client.business.business_id)
                .order_by(DisbursementStep.intent_id, DisbursementStep.number)
            ).all()  # fmt: skip
        may_send: dict[str, bool] = {}
        for intent_id, event in rows:
            if event == "SendBegun":
                assert may_send.get(intent_id, True), (
                    f"{client.name}: {intent_id} was sent again, or though it was paid already"
                )
                may_send[intent_id] = False
            elif event == "NotSent":
                may_send[intent_id] = True
            elif event in {"LedgerShowed", "BankShowed"}:
                may_send[intent_id] = False

    # --- each ----------------------------------------------------------------------------------------------------------

    def _one_payment_each(self, client: Client, rows: dict[str, Disbursement]) -> None:
        """At Ramp one bill a key, of what was approved; and a bill of the books isn't paid more than once in all."""
        if not client.at_ramp:
            return
        standing = [bill for bill in self.town.at_ramp(client) if bill.archived_at is None]
        twice = [key for key, count in Counter(bill.remote_id for bill in standing).items() if count > 1]
        assert not twice, f"{client.name}: Ramp has more than one bill under {twice}"
        left: dict[str, int] = defaultdict(int)
        for bill in standing:
            row = rows.get(bill.remote_id or "")
            assert row is not None, f"{client.name}: Ramp has {bill.remote_id}, which was never released"
            assert bill.amount_minor == row.amount_minor, (
                f"{client.name}: {bill.remote_id} is there over another amount"
            )
            if (
                bill.payment is not None
                and bill.payment.by_bank
                and bill.payment.progress in {"processing", "completed"}
            ):
                left[row.bill_id] += bill.amount_minor
        for bill_id, minor in left.items():
            entered = self.theatre.sandbox.companies[client.realm_id].find("Bill", bill_id)
            most = max(self.approved_as[row.intent_id][0] for row in rows.values() if row.bill_id == bill_id)
            assert entered is None or minor <= most, f"{client.name}: {minor} left for bill {bill_id} of {most}"

    def _stages(self, client: Client, rows: list[Disbursement]) -> None:
        """Each dollar at one stage, and that stage is what its course says; nothing was released that nobody approved."""
        with self.theatre.house.database.reading(client.scope) as session:
            yeses = set(session.scalars(select(IntentApproval.intent_id).where(IntentApproval.withdrawn_at.is_(None))))
            states = {row[0]: row[1] for row in session.execute(select(PaymentIntent.intent_id, PaymentIntent.state))}
        ledger: Counter[tuple[str, str | None]] = Counter()
        lines: dict[str, str] = {}
        for row in rows:
            assert row.stage == stage_of(course_of(row)), f"{client.name}: {row.intent_id} isn't at its course's stage"
            assert row.intent_id in yeses, f"{client.name}: {row.intent_id} was released, and nobody approved it"
            reopened = row.stage in {"refused", "failed", "cancelled", "returned"}
            seen_paid = "recorded" if row.released_by == NOBODY else "released"
            wanted = "reopened" if reopened else seen_paid
            assert states[row.intent_id] == wanted, (
                f"{client.name}: {row.intent_id} is {states[row.intent_id]} at {row.stage}"
            )
            if row.ledger_payment_id is not None and course_of(row).recorded:
                ledger[(row.bill_id, row.ledger_payment_id)] += 1
            if row.line_id is not None and course_of(row).cleared and row.match_id is not None:
                other = lines.setdefault(row.line_id, row.match_id)
                assert other == row.match_id, f"{client.name}: bank line {row.line_id} serves two clearing groups"
        twice = [key for key, count in ledger.items() if count > 1]
        assert not twice, f"{client.name}: one ledger payment on one bill witnesses several payments: {twice}"

    def _is_true(self, client: Client, row: Disbursement) -> None:
        """Closed is what the world shows: money left the bank, and QuickBooks has the payment on the bill."""
        books = self.theatre.sandbox.companies[client.realm_id]
        paid = books.find("BillPayment", row.ledger_payment_id or "")
        vouched = bool(course_of(row).vouched)
        assert vouched or paid is not None, (
            f"{client.name}: {row.intent_id} is {row.stage}, and QuickBooks has no payment"
        )
        assert row.intent_id not in self.town.sent_back, (
            f"{client.name}: {row.intent_id} is {row.stage}, and its money came back"
        )
        if row.stage == "closed" and not vouched:
            shown = {line.id for line in self.theatre.bank_lines(client)}
            assert row.line_id is not None, f"{client.name}: {row.intent_id} is closed without a bank line"
            assert shown, f"{client.name}: the bank shows nothing at all"

    def _log(self, client: Client) -> None:
        """One line a step, no other; and the chain holds."""
        with self.theatre.house.database.reading(client.scope) as session:
            lines = list(translog.lines(session, client.business.business_id))
            numbered = session.execute(
                select(DisbursementStep.intent_id, DisbursementStep.number, DisbursementStep.was, DisbursementStep.event)
                .where(DisbursementStep.business_id == client.business.business_id)
            ).all()  # fmt: skip
        assert translog.verify(lines)[1] == [], f"{client.name}: the log's chain is broken"
        told = [json.loads(line.body) for line in lines if line.action.startswith("payment.")]
        said = sorted((each["intent_id"], each["step"]) for each in told if "step" in each)
        assert said == sorted((row[0], row[1]) for row in numbered), f"{client.name}: one line a step, and no other"
        self.steps.update((row[2], row[3]) for row in numbered)

    def _dollars(self, client: Client) -> None:
        with self.theatre.house.database.reading(client.scope) as session:
            snapshot = PaymentsSnapshot(session, client.business.business_id)
            by_place = sum(each.minor for each in snapshot.by_place())
            approved = sum(each.minor for each in snapshot.approved())
        assert by_place == approved, f"{client.name}: {approved} approved, and {by_place} by place"

    def _contents(self, client: Client) -> dict[str, Content]:
        with self.theatre.house.database.reading(client.scope) as session:
            query = (
                select(PaymentIntent.intent_id, Bill)
                .join(Bill, (Bill.business_id == PaymentIntent.business_id) & (Bill.id == PaymentIntent.bill_id))
                .where(
                    PaymentIntent.business_id == client.business.business_id, PaymentIntent.state.in_(["half", "approved"])
                )
            )  # fmt: skip
            return {
                intent_id: (
                    bill.total_minor, bill.vendor_id, bill.number, "gone" if bill.buried_at is not None else None
                )
                for intent_id, bill in session.execute(query)
            }  # fmt: skip
