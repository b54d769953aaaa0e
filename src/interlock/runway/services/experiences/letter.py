"""What makes a digest a letter: what was decided, where its payments stand, what is to be decided by when, how good the last

forecast was. Beside tray and console, whose figures it does not repeat.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import Literal

from interlock.domains.firm.models import Business
from interlock.domains.firm.policy.values import Policy
from interlock.kernel.money import Money
from interlock.runway.services.calculators.accuracy import (
    HORIZONS_WEEKS,
    Accuracy,
    Forecast,
    accuracy,
    forecast_of,
    newest_over,
)
from interlock.runway.services.calculators.payment_words import PLACES
from interlock.runway.services.calculators.weeks import counted_on
from interlock.runway.services.calculators.words import counted, on_day
from interlock.runway.services.data_orchestrators.letter_snapshot import Decided, LetterNow, LetterSnapshot
from interlock.runway.services.data_orchestrators.payments_snapshot import Counted
from interlock.runway.services.experiences.console import ConsoleExperience
from interlock.runway.services.experiences.overview import PathService
from interlock.runway.services.views import Amount, Instant, Total, View

_RUNS_MOST = 3
_WORDS = {
    "approve": "approved",
    "release": "released",
    "reject": "turned down",
    "hold": "held",
    "void": "ended because the bill or its payee changed",
}
Standing = Literal["none", "made", "sending", "sent", "unknown"]


class DecidedView(View):
    """What one person did in the time told of: ``Wren Halloran: 7 approved``."""

    words: str
    total: Amount


class PlaceView(View):
    """Where payments stand. ``unproven``: the books show them, and no bank could."""

    key: str
    name: str
    means: str
    unproven: bool
    total: Total


class RunStep(View):
    """A pay run, until when it can be decided on, and what is ready for it."""

    run: date
    decide_by: Instant
    words: str
    total: Total


class AccuracyView(View):
    """One horizon. ``wape`` and ``bias`` in percent as text, one decimal; ``None`` where nothing moved."""

    issued: date
    weeks: int
    forecast: Amount
    moved: Amount
    off: Amount
    wape: str | None
    bias: str | None


class KeptLetter(View):
    """The last letter that was made. ``number``: which of its week's; ``words``: what became of its mail."""

    letter_id: str
    dated: date
    number: int
    made_at: Instant
    standing: Standing
    words: str
    digest: str
    seq: int
    head: str


class LetterPart(View):
    """What the letter says beside the digest's own."""

    path_words: str
    decided: tuple[DecidedView, ...]
    payments: tuple[PlaceView, ...]
    payments_total: Total
    verified: tuple[str, ...]
    unproven: tuple[str, ...]
    runs: tuple[RunStep, ...]
    accuracy: tuple[AccuracyView, ...]
    accuracy_words: str
    segregation: str | None
    last: KeptLetter | None


class LetterService:
    """Reads one business. ``path`` and ``console`` are not asked before the books were first read."""

    def __init__(
        self,
        business: Business,
        snapshot: LetterSnapshot,
        *,
        policy: Policy,
        path: Callable[[], PathService],
        console: Callable[[], ConsoleExperience],
        today: date,
    ) -> None:
        self._business = business
        self._home = business.home_currency
        self._snapshot = snapshot
        self._policy = policy
        self._path = path
        self._console = console
        self._today = today

    def get_part(self, since: datetime, *, read: bool) -> LetterPart:
        """``read``: whether the books were read at all."""
        payments = self._snapshot.payments(since)
        shown = self._accuracies(self._snapshot.forecasts())
        last = self._snapshot.last_letter()
        return LetterPart(
            path_words=self._path().get_path_experience().say if read else "",
            decided=tuple(self._decided(self._snapshot.decided(since))),
            payments=tuple(self._places(payments)),
            payments_total=self._total(payments, "Payments under way, and those that ended in these seven days."),
            verified=tuple(self._verified(since)),
            unproven=tuple(self._unproven(payments, last)),
            runs=tuple(self._runs(self._console())) if read else (),
            accuracy=shown,
            accuracy_words=_accuracy_words(shown),
            segregation=self._segregation(),
            last=kept_letter(last, self._today) if last else None,
        )

    def forecast(self) -> Forecast:
        """What the path expects now, to be held against what moved later."""
        plan = self._path().position.plan
        expected = [(counted_on(each, plan.today), each.minor) for each in plan.flows]
        return forecast_of(plan.today, plan.currency, plan.start.basis, expected)

    def _decided(self, decisions: Sequence[Decided]) -> Iterator[DecidedView]:
        sums: dict[tuple[str, str], tuple[int, int]] = {}
        for each in decisions:
            count, minor = sums.get((each.actor, each.act), (0, 0))
            sums[each.actor, each.act] = (count + each.count, minor + each.minor)
        for (actor, act), (count, minor) in sums.items():
            who = actor.partition(" [")[0]
            yield DecidedView(words=f"{who}: {count} {_WORDS[act]}", total=Amount.minor(minor, self._home))

    def _places(self, payments: Sequence[Counted]) -> Iterator[PlaceView]:
        for place in PLACES:
            here = [each for each in payments if each.place == place.key]
            if here:
                yield PlaceView(
                    key=place.key,
                    name=place.name,
                    means=place.means,
                    unproven=place.key == "unproven",
                    total=self._total(here, place.means),
                )

    def _total(self, payments: Sequence[Counted], basis: str) -> Total:
        home = [each for each in payments if each.currency == self._home]
        apart = Total.of((Money(each.minor, each.currency) for each in payments), self._home, basis, "payments")
        return apart.model_copy(update={"rows": sum(each.count for each in home)})

    def _verified(self, since: datetime) -> Iterator[str]:
        closed = self._snapshot.closed_since(since)
        if closed:
            yield f"{counted(closed, 'payment')} {'was' if closed == 1 else 'were'} seen by the bank and on the bill in QuickBooks."

    def _unproven(self, payments: Sequence[Counted], last: LetterNow | None) -> Iterator[str]:
        for place in PLACES:
            here = [each for each in payments if each.place == place.key]
            if here and place.group in {"unproven", "stuck"}:
                total = self._total(here, place.means)
                yield f"{counted(sum(each.count for each in here), 'payment')}, {total.words}: {place.name.lower()}. {place.means}"
        if last is not None and last.unknown:
            yield kept_letter(last, self._today).words

    def _runs(self, console: ConsoleExperience) -> Iterator[RunStep]:
        groups = [
            each for each in console.groups if each.run is not None and each.decide_by is not None and each.ready.rows
        ]
        for group in groups[:_RUNS_MOST]:
            assert group.run is not None and group.decide_by is not None
            words = f"{group.label}, {group.note}: {counted(group.ready.rows, 'bill')}"
            yield RunStep(run=group.run, decide_by=group.decide_by, words=words, total=group.ready)

    def _accuracies(self, forecasts: Sequence[Forecast]) -> tuple[AccuracyView, ...]:
        """Each horizon's newest forecast that is over, against what moved since."""
        known = [each for each in forecasts if each.currency == self._home]
        found = [(weeks, newest_over(known, self._today, weeks)) for weeks in HORIZONS_WEEKS]
        views = []
        for weeks, forecast in found:
            if forecast is not None:
                happened = self._snapshot.happened(forecast.basis, forecast.issued, self._today)
                views.append(self._accuracy(accuracy(forecast, happened, weeks)))
        return tuple(views)

    def _accuracy(self, said: Accuracy) -> AccuracyView:
        return AccuracyView(
            issued=said.issued,
            weeks=said.weeks,
            forecast=Amount.minor(said.forecast_minor, self._home),
            moved=Amount.minor(said.moved_minor, self._home),
            off=Amount.minor(said.off_minor, self._home),
            wape=percent(said.wape),
            bias=percent(said.bias),
        )

    def _segregation(self) -> str | None:
        if not self._policy.engagement.sole_practitioner:
            return None
        return (
            "One person alone prepares, approves and releases here: duties are not segregated. What stands in for a second "
            "person is the log, which cannot be changed without it showing, and this letter."
        )


def kept_letter(last: LetterNow, today: date) -> KeptLetter:
    """How the page and the terminal say it."""
    standing, words = _sending(last, today)
    return KeptLetter(
        letter_id=last.letter_id,
        dated=last.dated,
        number=last.number,
        made_at=last.made_at,
        standing=standing,
        words=words,
        digest=last.digest,
        seq=last.seq,
        head=last.head,
    )


def _sending(last: LetterNow, today: date) -> tuple[Standing, str]:
    name, to = f"The letter of {on_day(last.dated, today)}", counted(len(last.recipients), "person", "people")
    name += f" ({last.number} of its week)" if last.number > 1 else ""
    if last.sent_at is not None:
        return "sent", f"{name} was taken by the mail server for {to}."
    if last.unknown:
        return "unknown", (
            f"{name} was being sent when it stopped, and nobody knows whether the mail server took it: it is not sent again by "
            "itself. Ask who should have it, or send it again (interlock digest BUSINESS --send --again)."
        )
    if not last.recipients:
        return "made", f"{name} was made and kept; the policy names nobody to send it to."
    return "made", f"{name} was made and is not sent yet. {last.trouble or ''}".strip()


def _accuracy_words(shown: Sequence[AccuracyView]) -> str:
    """In words, the nearest horizon first."""
    told = [each for each in shown if each.wape is not None]
    if not told:
        return "There is no forecast yet whose time is over: each letter keeps its own, and later ones hold it against what moved."
    first = told[0]
    words = (
        f"{'Last week' if first.weeks == 1 else f'The last {first.weeks} weeks'}’s forecast was off by {first.wape}% of the "
        f"dollars that moved (WAPE), with a bias of {first.bias}%."
    )
    more = ", ".join(f"{each.weeks} weeks {each.wape}% and {each.bias}%" for each in told[1:])
    return f"{words} Over longer times: {more}." if more else words


def percent(tenths: int | None) -> str | None:
    """``6.1``, ``(1.2)``."""
    if tenths is None:
        return None
    said = f"{abs(tenths) // 10}.{abs(tenths) % 10}"
    return f"({said})" if tenths < 0 else said
