"""A client chooses how it pays; a payment is released with all that its way needs, or refused with what is missing."""

from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec
import pytest

from interlock.domains.ap.policy.course import Way
from interlock.domains.ap.services.paying_setup import CreateRefused, Method, Paying, PayingSetupService
from interlock.domains.ap.services.payment_steps import course_of
from interlock.domains.ap.services.witnessing import witness
from interlock.domains.ap.witness_models import BillLink, VendorLink
from interlock.infra import translog
from interlock.infra.crypto import Vault, new_key
from interlock.kernel.errors import BadInput, Refused
from interlock.rails import connections, witnesses
from interlock.rails.connections import Grant
from interlock.rails.identity import LINKED, IdentityRow
from interlock.rails.moves import BillHandOff, PaymentInstruction
from tests.deciding.clients import Desk
from tests.matching.client import ACTOR, WitnessedClient, rail_bill, stated
from tests.runway import said


class AtRamp:
    """The desk's client with Ramp linked: one funding account, which is Checking, and a vendor with two accounts."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.rails = WitnessedClient(desk.books)
        with desk.books.firm.database.writing(desk.books.scope) as session:
            grant, vault, now = Grant("a grant"), Vault.from_text(new_key()), desk.books.firm.clock.now()
            connections.connect(
                session, desk.books.scope, vault, rail="ramp", external_id="r-1", grant=grant, now=now, actor=ACTOR
            )
        self.rails.state(
            stated(
                witnesses.FundingAccount,
                "fa1",
                name="Operating",
                mask="4821",
                entity_id="ent1",
                entity_name="Alder & Wren LLC",
                currency="USD",
                pays_bills=True,
            )
        )
        self.vendor()
        self.link(VendorLink, "rv1", "v1")
        self.rails.link_account("fa1", said.CHECKING, rail="ramp")

    def vendor(self, **more: Any) -> None:
        fields: dict[str, Any] = {
            "name": "Copperfield Freight",
            "active": True,
            "email": None,
            "ledger_id": None,
            "payable": True,
            "accounts": "acc1 ach default; acc2 domestic_wire",
            "address": None,
        }
        self.rails.state(stated(witnesses.RailVendor, "rv1", **{**fields, **more}))

    def link(self, model: Callable[..., IdentityRow], rail_id: str, ledger_id: str, state: str = LINKED) -> None:
        scope = self.desk.books.scope
        with self.desk.books.firm.database.writing(scope) as session:
            session.merge(
                model(
                    firm_id=scope.firm_id,
                    business_id=scope.business_id,
                    rail="ramp",
                    rail_id=rail_id,
                    ledger_id=ledger_id,
                    state=state,
                    rule="person",
                    score=100,
                    evidence="[]",
                    decided_by=ACTOR,
                    decided_at=self.desk.books.firm.clock.now(),
                )
            )

    def choose(self, way: Way, method: Method = "ach", *, declares: bool = True, who: str = "odell") -> Paying:
        with self.desk.acting(who) as service:
            setup = PayingSetupService(service.db, self.desk.books.business)
            now = self.desk.books.firm.clock.now()
            return setup.choose(way, method, None, declares_no_accounting=declares, by=service.person, now=now)

    def hears(self) -> None:
        """What is read of the rail reaches the payments."""
        with self.desk.books.firm.database.writing(self.desk.books.scope) as session:
            witness(session, self.desk.books.business, self.desk.books.firm.clock.now())

    def released(self, bill_id: str = "b1") -> str | None:
        """Approved and let go; why it wasn't, where it wasn't."""
        (row,) = self.desk.release("mara", self.desk.approved(bill_id)).rows
        return row.why


@pytest.fixture
def ramp(desk: Desk) -> AtRamp:
    return AtRamp(desk)


def test_a_hand_off_carries_what_the_rails_people_need(ramp: AtRamp) -> None:
    assert ramp.choose("hand_off").funding_account_id == "fa1", "the only account there is"
    assert ramp.released() is None
    row = ramp.desk.disbursements()["b1"]
    assert (row.way, row.stage, row.todo, row.method, row.account_id) == (
        "hand_off",
        "to_send",
        "send",
        None,
        said.CHECKING,
    )
    told = msgspec.json.decode(row.instruction or "", type=BillHandOff)
    assert (told.key, told.vendor_id, told.entity_id, told.number) == (row.intent_id, "rv1", "ent1", "N-b1")
    assert (told.amount.minor, told.amount.currency) == (400_000, "USD")
    assert course_of(row).records is False


@pytest.mark.parametrize(
    ("method", "account", "arrives"),
    [
        ("ach", "acc1", date(2026, 12, 1)),  # four workdays with Thanksgiving between
        ("wire", "acc2", date(2026, 11, 27)),
    ],
)
def test_create_carries_the_payment_with_its_bill(ramp: AtRamp, method: Method, account: str, arrives: date) -> None:
    ramp.choose("create", method)
    assert ramp.released() is None
    row = ramp.desk.disbursements()["b1"]
    told = msgspec.json.decode(row.instruction or "", type=PaymentInstruction)
    assert (told.method, told.vendor_account_id, told.funding_account_id) == (method, account, "fa1")
    assert told.arrives_on == arrives == row.arrives_on
    assert (row.way, row.method, row.stage) == ("create", method, "to_send")


def test_the_ledgers_entry_is_ours_only_where_recording_is_switched_on(ramp: AtRamp) -> None:
    ramp.choose("create")
    assert ramp.released("b1") is None
    scope = ramp.desk.books.scope
    with ramp.desk.books.firm.database.writing(scope) as session:
        connections.set_records(session, scope, "qbo", True, ramp.rails.now, ACTOR)
    assert ramp.released("b2") is None
    rows = ramp.desk.disbursements()
    assert [course_of(rows[each]).records for each in ("b1", "b2")] == [False, True]


def test_what_the_rail_lacks_is_said(ramp: AtRamp) -> None:
    ramp.choose("create", "check")
    assert ramp.released() == "Ramp has no address to send Copperfield Freight a check to."
    ramp.choose("create")
    ramp.desk.books.say(said.bill("b4", 100_000, dated=date(2026, 10, 1)))
    ramp.vendor(accounts="acc2 domestic_wire")
    (row,) = ramp.desk.release("mara", [ramp.desk.intents()["b1"].intent_id]).rows
    assert "accounts" in (row.why or ""), (
        "the payee's details changed since the approval, so it ends before anything is instructed"
    )
    assert ramp.released("b2") == "Ramp has no account to pay Copperfield Freight to by ACH."
    ramp.link(VendorLink, "rv1", "v1", state="undone")
    assert ramp.released("b4") == "Which vendor of Ramp Copperfield Freight is isn't known; link the two first."
    assert ramp.desk.disbursements() == {}


def test_a_bill_that_the_rail_has_already_is_not_made_there_again(ramp: AtRamp) -> None:
    ramp.rails.state(rail_bill("x1", 400_000, state="payment_not_instructed", starts_on=None, arrives_on=None))
    ramp.link(BillLink, "x1", "b1")
    ramp.choose("hand_off")
    why = ramp.released() or ""
    assert "Ramp has this bill already (N-x1, payment not instructed)" in why
    ramp.choose("outside")
    assert ramp.desk.release("mara", [ramp.desk.intents()["b1"].intent_id]).rows[0].outcome == "released"


def test_what_the_rail_pays_itself_is_not_paid_outside_as_well(ramp: AtRamp) -> None:
    ramp.rails.state(rail_bill("x1", 400_000, state="payment_scheduled"))
    ramp.link(BillLink, "x1", "b1")
    assert "would pay it twice" in (ramp.released() or "")
    assert ramp.desk.disbursements() == {}


def test_what_failed_in_the_rail_and_stands_there_is_not_paid_beside_it(ramp: AtRamp) -> None:
    ramp.choose("hand_off")
    assert ramp.released() is None
    key = ramp.desk.intents()["b1"].intent_id
    ramp.rails.state(rail_bill("x1", 400_000, state="payment_error", remote_id=key))
    ramp.link(BillLink, "x1", "b1")
    ramp.hears()
    assert ramp.desk.states()["b1"] == "reopened"
    (again,) = ramp.desk.approved("b1")
    for way in ("hand_off", "create", "outside"):
        ramp.choose(way)
        (row,) = ramp.desk.release("mara", [again]).rows
        assert row.why == (
            "Ramp still has the bill of a payment that came to nothing (N-x1, payment error): somebody can have it paid there. "
            "Archive it there first."
        )
    archived_at = ramp.desk.books.firm.clock.now()
    ramp.rails.state(rail_bill("x1", 400_000, state="archived", archived_at=archived_at, remote_id=key))
    assert ramp.desk.release("mara", [again]).rows[0].why is None


def test_creating_needs_a_persons_word_that_nothing_books_it_twice(ramp: AtRamp) -> None:
    with pytest.raises(CreateRefused, match="Nobody has declared"):
        ramp.choose("create", declares=False)
    chosen = ramp.choose("create")
    assert chosen.declared_by is not None and chosen.declared_at == ramp.rails.now
    (line,) = ramp.desk.log("paying.")
    assert line.action == "paying.chosen" and "no accounting connection" in line.body
    assert ramp.choose("outside").declared_by is None, "the word was given for creating"


@pytest.mark.parametrize(
    "fact",
    [
        rail_bill("s1", 10_000, synced="bill_synced", state="payment_not_instructed"),
        rail_bill("s1", 10_000, synced="unknown", state="payment_not_instructed"),
        rail_bill("s1", 10_000, ledger_id="77", state="payment_not_instructed"),
    ],
    ids=("synced", "unknown", "linked"),
)
def test_evidence_contradicts_the_word_before_and_after(ramp: AtRamp, fact: witnesses.RailBill) -> None:
    ramp.choose("create")
    ramp.rails.state(fact)
    assert "Ramp says that bills of its own stand in QuickBooks (N-s1)." in (ramp.released() or "")
    with pytest.raises(CreateRefused, match="booked twice"):
        ramp.choose("create")


def test_a_payment_that_something_imported_is_evidence_and_our_own_note_is_not(ramp: AtRamp) -> None:
    ours = msgspec.structs.replace(said.bill_payment("p1", 1_000, "b2"), note="Paid by Ramp [Interlock int_1]")
    ramp.desk.books.say(ours, said.bill("b2", 300_000, open_cents=299_000))
    assert ramp.choose("create").way == "create"
    theirs = msgspec.structs.replace(said.bill_payment("p2", 1_000, "b2"), note="Imported from Ramp")
    ramp.desk.books.say(theirs)
    with pytest.raises(CreateRefused, match=r"note names Ramp \(CHK-p2\)"):
        ramp.choose("create")


def test_who_may_not_release_does_not_choose(ramp: AtRamp) -> None:
    for who in ("bo", "ines"):
        with pytest.raises(Refused):
            ramp.choose("hand_off", who=who)


def test_without_the_rail_there_is_only_outside(desk: Desk) -> None:
    with pytest.raises(BadInput, match="Connect Ramp first"), desk.acting("odell") as service:
        PayingSetupService(service.db, desk.books.business).choose(
            "hand_off", "ach", None, declares_no_accounting=False, by=service.person, now=service.now
        )
    with desk.books.firm.database.reading(desk.books.scope) as session:
        lines = list(translog.lines(session, desk.books.business.business_id))
    assert not any(line.action.startswith("paying.") for line in lines)
