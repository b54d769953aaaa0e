"""The demonstration's control page: what people, banks and bookkeepers do in the simulated world, in plain words."""

from typing import Literal, Protocol

from interlock.runway.services.views import Amount, Instant, View

Where = Literal["bank", "ramp", "books"]


class DemoAct(View):
    """Something that somebody does to one payment out there. ``act``: its name; ``says``: what happens, in a sentence."""

    act: str
    where: Where
    label: str
    says: str


class DemoPayment(View):
    """A payment that is approved or released, and what can happen to it now."""

    intent_id: str
    client: str
    client_name: str
    vendor: str
    number: str | None
    amount: Amount
    way: str
    place: str
    acts: tuple[DemoAct, ...]


class DemoClient(View):
    """A client of the demo. ``way``: how it pays; ``next_run``: where the clock goes for its next pay run."""

    slug: str
    name: str
    way: str
    next_run: Instant


class DemoDone(View):
    """What was done, in a sentence, and what time it is in the demo's world after it. A rail that could not be read is named.

    ``intent_id``: the payment that something happened to.
    """

    said: str
    now: Instant
    intent_id: str | None = None


class DemoExperience(View):
    """``time_zone``: the one most clients live in; ``last``: what was done last on this page, since it is served."""

    now: Instant
    time_zone: str
    clients: tuple[DemoClient, ...]
    payments: tuple[DemoPayment, ...]
    last: DemoDone | None


class ControlsDemo(Protocol):
    """The world of a demo: refuses whatever can't happen there, with a sentence that says why."""

    def show(self) -> DemoExperience: ...

    def advance(self, minutes: int) -> DemoDone:
        """The clock goes on, the world with it; every client with payments under way is read again."""
        ...

    def advance_to_run(self, client: str) -> DemoDone:
        """To the morning of a client's next pay run."""
        ...

    def happen(self, client: str, intent_id: str, act: str) -> DemoDone:
        """Somebody out there does ``act``; then the client's rails are read and what is due is done."""
        ...

    def catch_up(self, client: str) -> DemoDone:
        """Read every rail of a client now, and do what is due for its payments."""
        ...
