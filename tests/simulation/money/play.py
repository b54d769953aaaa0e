"""One run: weeks of bills at four clients, everybody at work, and trouble in between. The seed alone says what happens."""

import random
from collections.abc import Callable

from interlock.domains.ap.payment_models import Disbursement
from interlock.domains.ap.policy.course import SETTLED
from interlock.domains.ap.services.payment_steps import course_of
from tests.simulation.money.firm import FirmPeople
from tests.simulation.money.judge import Judge
from tests.simulation.money.post import RAILS, WRONGS, Post
from tests.simulation.money.theatre import Client, MoneyTheatre
from tests.simulation.money.town import Town
from tests.simulation.money.workers import Workers

BILLS_A_WEEK = 5
"""At each of four clients: twenty in all."""
_DAYS = 7


class Play:
    """``weeks`` of it, then calm until nothing happens any more."""

    def __init__(self, theatre: MoneyTheatre, seed: int) -> None:
        self.theatre = theatre
        self.chance = random.Random(seed * 7919 + 1)
        self.town = Town(theatre, random.Random(seed * 7919 + 2))
        self.firm = FirmPeople(theatre, random.Random(seed * 7919 + 3))
        self.workers = Workers(theatre, random.Random(seed * 7919 + 4))
        self.judge = Judge(theatre, self.firm, self.town)
        self.met = theatre.met
        self.post = Post(theatre)
        self.deck: list[Trouble] = []
        self.hand: list[Trouble] = []
        for client in theatre.clients.values():
            self.firm.choose_way(client)

    def weeks(self, count: int) -> None:
        for _ in range(count):
            self.week()
        self.settle()

    def week(self) -> None:
        """Bills on the first day, the pay run on the second, witnesses from the third on."""
        for client in self.theatre.clients.values():
            for _ in range(BILLS_A_WEEK):
                self.town.enter_bill(client)
        for day in range(_DAYS):
            self.workers.reckless = self.chance.choice([0.0, 0.03, 0.12])
            for client in self.theatre.clients.values():
                self._day(client, day)
                self.judge.after_a_day(client)
            self.theatre.wait(hours=self.chance.randint(20, 26))

    def settle(self) -> None:
        """All trouble ends, everybody does what is left to do, and time passes until nobody waits for anything but a person."""
        self.calm()
        for days in (2, 3, 4, 5, 20, 1):
            for client in self.theatre.clients.values():
                if any(row.stage not in SETTLED for row in self.firm.payments(client)):
                    self._people_outside(client, diligent=True)
                    self._people_at_ramp(client, diligent=True)
                    self._read(client, all_rails=True)
                    self._asked(client)
                self.workers.work_off(client)
            self.theatre.wait(days=days)
        for client in self.theatre.clients.values():
            self.workers.work_off(client)
            self.judge.at_the_end(client)

    def calm(self) -> None:
        self.workers.reckless = 0.0
        self.theatre.wire.kill_at = None
        self.post.calm()
        self.theatre.control("DELETE", "faults")
        for client in self.theatre.clients.values():
            self.town.close_books(client, None)
            if client.at_ramp:
                self.town.settings(client, payment_release=False)

    # --- a day ---------------------------------------------------------------------------------------------------------

    def _day(self, client: Client, day: int) -> None:
        if day == 0:
            self._read(client, all_rails=client.at_ramp and self._maybe(0.3))
            self._approve(client)
        elif day == 1:
            self._trouble(client)
            if self._maybe(0.4):
                self._read(client)
            self._release(client)
        elif day in {3, 5}:
            self._trouble(client)
            self._people_outside(client)
            self._people_at_ramp(client)
            if day == 3:
                self._hear(client)
            elif self._maybe(0.75):
                self._read(client, all_rails=True)
            self._asked(client)
        self.workers.work_off(client)

    def _hear(self, client: Client) -> None:
        """The rails that told of something are read."""
        self.post.deliver()
        rails = self.post.waiting(client)
        self.met["read for a notice"] += len(rails)
        self._read_each(client, rails)

    def _read(self, client: Client, *, all_rails: bool = False) -> None:
        """In any order, as the timetable and notices have it."""
        rails = ["qbo"]
        if all_rails:
            rails += (["plaid"] if client.banked else []) + (["ramp"] if client.at_ramp else [])
        self._read_each(client, rails)

    def _read_each(self, client: Client, rails: list[str]) -> None:
        self.chance.shuffle(rails)
        for rail in rails:
            last = rail == rails[-1] or self._maybe(
                0.2
            )  # else the next reading comes before what follows from this one
            read = self.theatre.sync if last else self.theatre.sync_unsettled
            if not read(client, rail):
                self.theatre.control("DELETE", "faults")
                self.theatre.sync(client, rail)

    def _approve(self, client: Client) -> None:
        bills = self.firm.open_bills(client)
        if not bills:
            return
        self.theatre.ask_banks(client)
        self.firm.approve(client, bills)
        self.judge.note_approvals(client)
        if self._maybe(0.3):
            self.met["two approvers racing"] += 1
            self.firm.approve(client, bills, who="ines")
            self.judge.note_approvals(client)
        if self._maybe(0.1):
            self.met["released within the undo window"] += 1
            self._release(client)

    def _release(self, client: Client) -> None:
        intents = self.firm.approved(client)
        if not intents:
            return
        self.firm.cash = self.chance.choice([20_000_000, 20_000_000, 20_000_000, 1_050_000])
        changed = self.judge.changed(client)
        self.theatre.ask_banks(client)
        done = self.firm.release(client, [each.intent_id for each in intents])
        released = {row.intent_id: row.amount_minor for row in done.released} if done else {}
        self.judge.of_release(client, set(released), changed, sum(released.values()))
        now = self.theatre.clock.now()  # only what rests even after the release was certainly resting at it
        resting = {each.intent_id for each in intents if each.undo_until is not None and each.undo_until > now}
        assert not resting & set(released), (
            f"{client.name}: released while the approval could still be undone: {resting}"
        )
        if self.firm.cash < 2_000_000:
            self.met["too little cash at a release"] += 1
        self.firm.cash = 20_000_000
        if self._maybe(0.2):
            self.met["two releasers racing"] += 1
            again = self.firm.release(client, [each.intent_id for each in intents], who="odell")
            twice = set(released) & {row.intent_id for row in again.released} if again else set()
            assert not twice, f"{client.name}: released twice: {twice}"

    # --- people --------------------------------------------------------------------------------------------------------

    def _people_outside(self, client: Client, *, diligent: bool = False) -> None:
        """They pay what was let go, and enter it; not all of it, not always right, not always in this order."""
        if client.way != "outside":
            return
        open_rows = self.firm.payments(client, "to_pay", "late", "recorded", "cleared")
        unpaid = [row for row in open_rows if row.intent_id not in self.town.paid_at_bank]
        for rows in self.town.by_vendor(unpaid):
            if diligent or self._maybe(0.7):
                self._pay(client, rows, exact=diligent)
        for rows in self.town.by_vendor([row for row in open_rows if row.intent_id not in self.town.entered]):
            if diligent or self._maybe(0.6):
                off = 100 if not diligent and self._maybe(0.06) else 0
                self.town.enter_payment(client, rows, off_by=off)
                self.met["batch paid by a person"] += len(rows) > 1
                self.met["ledger payment of another amount"] += off > 0
        for row in self.firm.payments(client, "cleared", "closed", "recorded", "unproven"):
            self._undo_outside(client, row, diligent=diligent)

    def _pay(self, client: Client, rows: list[Disbursement], *, exact: bool) -> None:
        if not client.banked:
            for row in rows:
                self.town.paid_at_bank[row.intent_id] = "no bank is linked"
            return
        if not exact and self._maybe(0.08):
            self.met["pending bank line dropped"] += 1
            line = self.town.pay_at_bank(client, rows, pending=True)
            self.theatre.sync(client, "plaid")
            self.town.drop_line(client, line)
            for row in rows:
                self.town.paid_at_bank.pop(row.intent_id, None)
            return
        self.town.pay_at_bank(client, rows, pending=not exact and self._maybe(0.3))

    def _undo_outside(self, client: Client, row: Disbursement, *, diligent: bool) -> None:
        if diligent:
            return
        if row.stage in {"cleared", "closed"} and client.banked and self._maybe(0.06):
            self.met["return after clearing"] += 1
            self.town.send_back(client, row)
            if row.intent_id in self.town.entered and self._maybe(0.7):
                self.town.delete_payment(client, row)
        elif row.stage in {"closed", "recorded", "unproven"} and self._maybe(0.05):
            self.met["ledger payment deleted"] += self.town.delete_payment(client, row)

    def _people_at_ramp(self, client: Client, *, diligent: bool = False) -> None:
        if not client.at_ramp:
            return
        waiting = [bill for bill in self.town.at_ramp(client) if bill.archived_at is None and bill.paid_at is None]
        for bill in waiting:
            if bill.approval in {"PENDING", "INITIALIZED"} and (diligent or self._maybe(0.8)):
                self.town.screen(client, bill, "reject" if not diligent and self._maybe(0.06) else "approve")
            if bill.approval == "APPROVED" and bill.payment is None:
                self.town.instruct(client, bill)
            if bill.payment is not None and bill.payment.release == "PENDING" and (diligent or self._maybe(0.7)):
                self.town.screen(client, bill, "release")
            if (
                bill.payment is not None
                and bill.payment.progress == "processing"
                and not diligent
                and self._maybe(0.06)
            ):
                self.town.screen(client, bill, "fail")
        ready = [
            bill for bill in waiting
            if bill.payment is not None and bill.payment.progress == "scheduled" and bill.approval == "APPROVED"
        ]  # fmt: skip
        if len(ready) > 1 and not diligent and self._maybe(0.25):
            self.met["batch paid by a person"] += self.town.batch(client, ready[:2])
        for bill in self.town.at_ramp(client):
            if not diligent and bill.paid_at is not None and self._maybe(0.05):
                self.met["return on day 4"] += self.town.screen(client, bill, "return", days=4)

    def _asked(self, client: Client) -> None:
        """Who is asked looks, and answers what is true."""
        for row in self.firm.payments(
            client, "unknown", "mismatched", "to_send", "waiting", "under_way", "to_pay", "cleared"
        ):
            course = course_of(row)
            if row.stage == "unknown" and course.todo is None:
                there = bool(self.town.at_ramp(client, row.intent_id))
                self.firm.say(client, row.intent_id, "look_again" if there else "not_made")
            elif row.stage == "mismatched" and self._maybe(0.5):
                self.firm.say(client, row.intent_id, self.chance.choice(["proven", "take_back"]))
            elif (
                row.stage in {"to_send", "waiting", "under_way", "to_pay"}
                and self._nobody_paid(row)
                and self._maybe(0.05)
            ):
                self.met["taken back"] += self.firm.say(client, row.intent_id, "take_back")

    # --- trouble -------------------------------------------------------------------------------------------------------

    def _trouble(self, client: Client) -> None:
        """Dealt like cards, so that each comes its turn; one that nothing can be done with here waits for its chance."""
        for _ in range(self.chance.choice([0, 1, 1, 2])):
            if not self.deck:
                self.deck = self.chance.sample(TROUBLES, len(TROUBLES))
            self.hand.append(self.deck.pop())
        self.hand = [trouble for trouble in self.hand if not trouble(self, client)]

    def _nobody_paid(self, row: Disbursement) -> bool:
        return row.intent_id not in self.town.paid_at_bank and row.intent_id not in self.town.entered

    def _maybe(self, share: float) -> bool:
        return self.chance.random() < share

    def _fault(self, name: str, **fault: object) -> bool:
        self.met[name] += 1
        self.theatre.control("POST", "faults", dict(fault))
        return True

    def _counts(self, name: str, done: bool) -> bool:
        self.met[name] += done
        return done


def timeout_after_accept(play: Play, client: Client) -> bool:
    """Carried out, and the answer lost, with the view of it gone as well for a while."""
    del client
    play._fault("time-out after accept", kind="cut_after_commit", path="/v1/bills", method="POST", count=1)
    if play._maybe(0.6):
        count = play.chance.randint(2, 12)
        play._fault("look-up fails", kind="server_error", path="/v1/bills", method="GET", status=503, count=count)
    return True


def request_dropped(play: Play, client: Client) -> bool:
    del client
    return play._fault("request dropped", kind="drop", path="/v1/bills", method="POST", count=1)


def throttled(play: Play, client: Client) -> bool:
    del client
    return play._fault("429", kind="throttle", count=play.chance.randint(1, 4))


def token_dead(play: Play, client: Client) -> bool:
    play._fault("token death", kind="expire_tokens")
    if client.at_ramp:
        play.theatre.control("POST", f"ramp/{client.realm_id}/revoke", {})
    return True


def bill_edited(play: Play, client: Client) -> bool:
    approved = play.firm.approved(client)
    done = bool(approved) and play.town.change_bill(client, play.chance.choice(approved).bill_id)
    return play._counts("bill edited after approval", done)


def bill_deleted(play: Play, client: Client) -> bool:
    approved = play.firm.approved(client)
    done = bool(approved) and play.town.delete_bill(client, play.chance.choice(approved).bill_id)
    return play._counts("bill deleted after approval", done)


def released_bill_changed(play: Play, client: Client) -> bool:
    rows = play.firm.payments(client, "to_send", "to_pay", "waiting", "under_way")
    done = bool(rows) and play.town.change_bill(client, play.chance.choice(rows).bill_id)
    return play._counts("bill changed after release", done)


def closed_period(play: Play, client: Client) -> bool:
    until = play.theatre.clock.now().date() if play._maybe(0.5) else None
    play.town.close_books(client, None if until is None else until.isoformat())
    return play._counts("closed period", until is not None)


def ramp_settings(play: Play, client: Client) -> bool:
    """Release on and off; a second bill exported or not, where Ramp writes in QuickBooks."""
    if not client.at_ramp:
        return False
    on = play._maybe(0.5)
    play.met[f"Ramp release {'on' if on else 'off'}"] += 1
    play.town.settings(client, payment_release=on)
    if client.name == "hand_off":
        second = play._maybe(0.3)
        play.met[f"second bill {'created' if second else 'not created'}"] += 1
        play.town.settings(client, second_bill=second)
    return True


def paid_otherwise(play: Play, client: Client) -> bool:
    """A bookkeeper enters a payment of what we are about to send."""
    rows = play.firm.payments(client, "to_send", "waiting")
    done = bool(rows) and play.town.enter_payment(client, [play.chance.choice(rows)])
    return play._counts("paid otherwise meanwhile", done)


def process_ends(play: Play, client: Client) -> bool:
    """In the middle of a reading."""
    play.theatre.wire.kill_at = play.chance.randint(1, 3)
    ended = not play.theatre.sync(client, "qbo")
    play.theatre.wire.kill_at = None
    return play._counts("process ends in a reading", ended)


def post_goes_wrong(play: Play, client: Client) -> bool:
    """What is told next by one of the rails is lost, doubled, or comes in another order."""
    rail = play.chance.choice(["qbo", *(["plaid"] if client.banked else []), *(["ramp"] if client.at_ramp else [])])
    play.post.go_wrong(rail, play.chance.choice(WRONGS), play.chance.randint(1, 999))
    return True


Trouble = Callable[[Play, Client], bool]
"""``False``: nothing came of it, since there was nothing here that it could befall."""
TROUBLES: list[Trouble] = [
    timeout_after_accept, timeout_after_accept, request_dropped, throttled, token_dead, bill_edited, bill_deleted,
    released_bill_changed, closed_period, ramp_settings, paid_otherwise, process_ends, post_goes_wrong, post_goes_wrong,
]  # fmt: skip

NAMED = (
    "time-out after accept", "look-up fails", "request dropped", "429", "token death", "bill edited after approval",
    "bill deleted after approval", "bill changed after release", "closed period", "Ramp release on", "Ramp release off",
    "second bill created", "second bill not created", "batch paid by a person", "pending bank line dropped",
    "return on day 4", "return after clearing", "two workers on one payment", "two approvers racing", "two releasers racing",
    "process ended in a run", "process ends in a reading", "run done twice", "released within the undo window",
    "too little cash at a release", "ledger payment of another amount", "ledger payment deleted", "taken back",
    "paid otherwise meanwhile", "read for a notice",
    *(f"{rail} webhook {how}" for rail in RAILS for how in WRONGS),
)  # fmt: skip
"""Every trouble there is by name: a run of many weeks meets each."""
