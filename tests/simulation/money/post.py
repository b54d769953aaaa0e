"""The post between the rails and the house: what QuickBooks, Ramp and Plaid have to tell goes to the product's own inbox.

Signed as each signs it; lost, doubled or out of order on its way where a run wants it so.
"""

from collections import Counter
from typing import Any
from urllib.parse import urlsplit

from interlock.app.notices import NotGenuine, take_notices
from interlock.app.ramp_notices import subscribe_ramp
from interlock.domains.firm.models import Business
from interlock.rails import inbox
from interlock.rails.errors import RailError
from interlock_sandbox.notices.notices import Notice, Wrong
from interlock_sandbox.parties import Step
from interlock_sandbox.webhooks.outbox import Distortions, Endpoint
from tests.simulation.money.theatre import PUBLIC, VERIFIER, Client, MoneyTheatre

RAILS = ("qbo", "plaid", "ramp")
WRONGS = ("lost", "doubled", "out of order")
_A_ROUND = 400


class Post:
    """Takes the couriers' place. What goes wrong on the way is theirs: ``go_wrong`` says what."""

    def __init__(self, theatre: MoneyTheatre) -> None:
        self.theatre = theatre
        self.taken: Counter[str] = Counter()
        """Deliveries that the inbox took, by rail."""
        sandbox = theatre.sandbox
        sandbox.register_webhook(Endpoint(f"{PUBLIC}/webhooks/qbo", VERIFIER))
        for client in theatre.clients.values():
            if client.at_ramp:
                subscribe_ramp(theatre.house, client.business, actor="the simulation")
        self.deliver()

    def go_wrong(self, rail: str, how: str, seed: int) -> None:
        """With what is sent next; ``how`` is one of ``WRONGS``."""
        if rail == "qbo":
            self.theatre.sandbox.outbox.distortions = Distortions(**_wrong(how, seed))
        else:
            self.theatre.sandbox.notices.wrong[rail] = Wrong(**_wrong(how, seed))

    def calm(self) -> None:
        self.theatre.sandbox.outbox.distortions = Distortions()
        self.theatre.sandbox.notices.wrong.clear()

    def deliver(self) -> None:
        """All that waits, and what comes of it there (a challenge answered, an attempt made again)."""
        self._from_quickbooks()
        notices = self.theatre.sandbox.notices
        last: dict[str, int] = {}
        for _ in range(_A_ROUND):
            notice = notices.take(self.theatre.sandbox.clock.served(), early=True)
            if notice is None:
                return
            self._met(notice.party, "out of order", notice.number < last.get(notice.party, 0))
            last[notice.party] = notice.number
            self._hand_over(notice)
        raise AssertionError("the post never ends: something is sent again and again")

    def waiting(self, client: Client) -> list[str]:
        """The rails that told of something which no sync has taken up yet."""
        with self.theatre.house.database.reading(client.scope) as session:
            return [rail for rail in RAILS if any(True for _ in inbox.unhandled(session, client.scope, rail))]

    def _from_quickbooks(self) -> None:
        sandbox = self.theatre.sandbox
        outbox, seen, last = sandbox.outbox, set[int](), 0
        for _ in range(_A_ROUND):
            drops = outbox.distortions.drop
            delivery = outbox.take(sandbox.clock.served(), early=True)
            self._met("qbo", "lost", outbox.distortions.drop < drops)
            if delivery is None:
                return
            numbers = [event.number for event in delivery.events]
            self._met("qbo", "doubled", len(set(numbers)) < len(numbers) or bool(seen & set(numbers)))
            mixed = outbox.distortions.reorder is not None and [last, *numbers] != sorted([last, *numbers])
            self._met("qbo", "out of order", mixed)
            seen.update(numbers)
            last = numbers[-1]
            sandbox.delivered(delivery, self._taken("qbo", delivery.body, delivery.headers, None))
        raise AssertionError("QuickBooks' post never ends: something is sent again and again")

    def _hand_over(self, notice: Notice) -> None:
        sandbox, now = self.theatre.sandbox, self.theatre.sandbox.clock.served()
        lost, status = sandbox.notices.lost(notice), 200
        self._met(notice.party, "lost", lost)
        if not lost:
            headers = sandbox.notices.headers(notice, now)
            status = self._taken(notice.party, notice.body, headers, _named(self.theatre, notice))
        done = sandbox.notices.settle(notice, status, now)
        self._met(notice.party, "doubled", status == 200 and not done)
        if done:
            sandbox.act("notices", Step(now, {"act": "done", "numbers": [notice.number]}))

    def _met(self, rail: str, how: str, happened: bool) -> None:
        self.theatre.met[f"{rail} webhook {how}"] += happened

    def _taken(self, rail: str, body: bytes, headers: dict[str, str], business: Business | None) -> int:
        own = {name.lower(): value for name, value in headers.items()}
        whose = None if business is None else business.business_id
        try:
            take_notices(self.theatre.house, rail, body, own, whose)
        except (NotGenuine, RailError) as trouble:
            self.theatre.met[f"notice of {rail} not taken: {type(trouble).__name__}"] += 1
            return 503
        self.taken[rail] += 1
        return 200


def _wrong(how: str, seed: int) -> dict[str, Any]:
    return {"lost": {"drop": 2}, "doubled": {"duplicate": 2}, "out of order": {"reorder": seed}}[how]


def _named(theatre: MoneyTheatre, notice: Notice) -> Business | None:
    """Whose address a notice goes to, where addresses are a client's own."""
    last = urlsplit(notice.url).path.rsplit("/", 1)[-1]
    businesses = [client.business for client in theatre.clients.values()]
    return next((each for each in businesses if each.business_id == last), None)
