"""The board of payments: every dollar that was approved, in exactly one place, and what needs a person."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from interlock.domains.ap.policy.course import SETTLED
from interlock.domains.firm.models import Business
from interlock.kernel.clock import local_date
from interlock.kernel.errors import BadInput
from interlock.kernel.money import Money
from interlock.runway.services.calculators.links import Links
from interlock.runway.services.calculators.payment_words import PLACES, Group, Place
from interlock.runway.services.calculators.words import counted
from interlock.runway.services.data_orchestrators.payment_rows import PaymentLine, PaymentRows
from interlock.runway.services.data_orchestrators.payments_snapshot import Counted, PaymentsSnapshot
from interlock.runway.services.experiences.payment import PaymentExperience, PaymentService
from interlock.runway.services.views import Amount, BusinessView, Exclusion, Instant, Total, View

ROWS_MOST = 100
OFFSET_MOST = 1_000_000
_UNRELEASED: frozenset[Place] = frozenset({"approved", "recorded_before", "ended"})
_APPROVED = "Every payment that was ever approved here and whose approval was not undone, whatever became of it."
_PLACED = "The sums of all places together."


class PlaceRow(View):
    """One place of the board. ``people``: how many there wait for a person; ``still_days``: for how many days the one that

    moved last longest ago has not moved, where something is waited for.
    """

    key: Place
    name: str
    means: str
    group: Group
    total: Total
    people: int
    still_days: int | None


class PaymentsExperience(View):
    """Places in order, and the rows of one that is opened.

    ``approved``: what was ever approved, by the decisions; ``placed``: the sum of all places; ``off_by`` is their difference in
    home currency and ``sums`` whether they are equal in every currency: always, or the board says so.
    """

    business: BusinessView
    as_of: Instant
    today: date
    ask: str
    say: str
    places: tuple[PlaceRow, ...]
    approved: Total
    placed: Total
    off_by: Amount
    sums: bool
    for_person: tuple[PaymentLine, ...]
    for_person_count: int
    opened: Place | None
    payments: tuple[PaymentLine, ...]
    offset: int
    next_offset: int | None


class PaymentsService:
    """Payments of one business, read."""

    def __init__(self, session: Session, business: Business, *, links: Links, now: datetime) -> None:
        self._session = session
        self._business = business
        self._links = links
        self._now = now
        self._today = local_date(now, business.time_zone)
        self._snapshot = PaymentsSnapshot(session, business.business_id)
        self._rows = PaymentRows(session, business, links=links, now=now)

    def get_payments_experience(
        self, opened: Place | None = None, *, offset: int = 0, most: int = ROWS_MOST
    ) -> PaymentsExperience:
        """The board; with ``opened`` the payments of that place, at most ``ROWS_MOST`` of them from ``offset`` on."""
        if not 0 <= offset <= OFFSET_MOST or not 1 <= most <= ROWS_MOST:
            raise BadInput(f"At most {ROWS_MOST} rows a page, from one that exists.")
        here, approved = self._snapshot.by_place(), self._snapshot.approved()
        people = self._snapshot.for_person()
        shown = self._opened(opened, offset, most + 1) if opened else ()
        placed, ever = _sums(here), _sums(approved)
        home = self._business.home_currency
        stuck = self._rows.released(self._snapshot.needing(people, ROWS_MOST)) if people else ()
        return PaymentsExperience(
            business=BusinessView.of(self._business),
            as_of=self._now,
            today=self._today,
            ask=f"Where is the money that {self._business.name} approved?",
            say=_say(here, approved, people, home),
            places=self._places(here, people),
            approved=_total(approved, home, _APPROVED),
            placed=_total(here, home, _PLACED),
            off_by=Amount.minor(placed.get(home, 0) - ever.get(home, 0), home),
            sums=placed == ever,
            for_person=stuck,
            for_person_count=sum(people.values()),
            opened=opened,
            payments=shown[:most],
            offset=offset,
            next_offset=offset + most if len(shown) > most else None,
        )

    def get_payment_experience(self, intent_id: str) -> PaymentExperience:
        """One of them with all that is known of it; ``NotFound`` where nothing by that id was ever decided on."""
        one = PaymentService(self._session, self._business, links=self._links, now=self._now)
        return one.get_payment_experience(intent_id)

    def waiting(self) -> int:
        """How many wait for a person."""
        return sum(self._snapshot.for_person().values())

    def _opened(self, place: Place, offset: int, most: int) -> tuple[PaymentLine, ...]:
        if place in _UNRELEASED:
            return self._rows.decided(self._snapshot.unreleased(place, offset, most))
        return self._rows.released(self._snapshot.at(place, offset, most))

    def _places(self, here: Sequence[Counted], people: dict[str, int]) -> tuple[PlaceRow, ...]:
        waiting = sorted({each.place for each in here} - SETTLED - _UNRELEASED)
        longest = self._snapshot.longest(waiting)
        return tuple(
            PlaceRow(
                key=each.key,
                name=each.name,
                means=each.means,
                group=each.group,
                total=_total([one for one in here if one.place == each.key], self._business.home_currency, each.means),
                people=people.get(each.key, 0),
                still_days=self._days(longest.get(each.key)),
            )
            for each in PLACES
        )

    def _days(self, since: datetime | None) -> int | None:
        return None if since is None else max(0, (self._today - local_date(since, self._business.time_zone)).days)


def _sums(counted_: Iterable[Counted]) -> dict[str, int]:
    """Minor units by currency."""
    found: dict[str, int] = {}
    for each in counted_:
        found[each.currency] = found.get(each.currency, 0) + each.minor
    return found


def _total(here: Sequence[Counted], home: str, basis: str) -> Total:
    """Their sum in home currency; other currencies stand apart."""
    apart: dict[str, tuple[int, int]] = {}
    rows = minor = 0
    for each in here:
        if each.currency == home:
            rows, minor = rows + each.count, minor + each.minor
        else:
            count, sum_ = apart.get(each.currency, (0, 0))
            apart[each.currency] = (count + each.count, sum_ + each.minor)
    excluded = tuple(
        Exclusion(what=f"payments in {code}", rows=count, amount=Amount.minor(sum_, code))
        for code, (count, sum_) in sorted(apart.items())
    )
    return Total(amount=Amount.minor(minor, home), rows=rows, basis=basis, excluded=excluded)


_SAID: tuple[tuple[tuple[Group, ...], str], ...] = (
    (("waits",), "not sent yet"),
    (("under_way", "stuck"), "under way"),
    (("proven",), "closed"),
    (("unproven",), "recorded without a bank’s word"),
    (("back",), "stayed or came back"),
    (("ended",), "ended before release"),
)


def _say(here: Sequence[Counted], approved: Sequence[Counted], people: dict[str, int], home: str) -> str:
    if not approved and not here:
        return "Nothing was approved yet. What is approved on the console appears here until bank and books show it."
    stuck = sum(people.values())
    first = (
        f"{counted(stuck, 'payment')} {'waits' if stuck == 1 else 'wait'} for a person."
        if stuck
        else ("No payment waits for a person.")
    )
    groups = {each.key: each.group for each in PLACES}
    parts = []
    for wanted, words in _SAID:
        total = _total([each for each in here if groups[each.place] in wanted], home, "")  # type: ignore[index]
        if total.rows or total.excluded:
            parts.append(f"{total.words} {words}")
    ever = Money(_sums(approved).get(home, 0), home)
    return f"{first} Of {ever} ever approved: {', '.join(parts)}." if parts else first
