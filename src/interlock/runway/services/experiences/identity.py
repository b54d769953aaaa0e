"""Identity as shown: what is the same on two sides by which key, what a person may decide, and what is linked twice."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from interlock.domains.firm.identity import Pair, Thing
from interlock.domains.firm.models import Business
from interlock.domains.firm.services.identity_service import IdentityService, Linked
from interlock.kernel.scope import Scope
from interlock.rails.errors import spoken
from interlock.runway.identity import identity_service, identity_services
from interlock.runway.matching import match_business
from interlock.runway.services.calculators.links import Links
from interlock.runway.services.calculators.words import counted
from interlock.runway.services.views import Amount, BusinessView, Instant, View

LINKS_SHOWN = 200
WAITING_SHOWN = 50
_CHOOSES = ("account", "funding_account")
_PLURALS = {
    "account": "Bank accounts",
    "funding_account": "Accounts the rail pays from",
    "vendor": "Vendors",
    "bill": "Bills",
    "customer": "Customers",
    "invoice": "Invoices",
}
_PAGES = {"vendor": "vendor", "bill": "bill", "customer": "customer", "invoice": "invoice"}
_STATES = {"confirm": "linked", "refuse": "refused", "undo": "undone"}


class SideView(View):
    """One side of a pair, as that side says it. ``ending``: the last digits of an account."""

    id: str
    name: str
    number: str | None
    party: str | None
    email: str | None
    dated: date | None
    amount: Amount | None
    link: str | None


class LinkView(View):
    """A linked pair. ``rule``: the exact key, or ``person``; ``twice``: the ledger's thing is linked to another one too."""

    kind: str
    rail: str
    theirs: SideView
    ours: SideView | None
    ours_id: str
    rule: str
    why: str
    decided_by: str
    decided_at: Instant
    twice: bool


class SuggestionView(View):
    """A pair that waits for a person. ``score``: 0 to 100; ``why``: what agrees."""

    kind: str
    rail: str
    theirs: SideView
    ours: SideView
    score: int
    why: tuple[str, ...]


class KindView(View):
    """One kind. ``links`` are the first ``LINKS_SHOWN`` of ``links_count``; ``waiting``: the first ``WAITING_SHOWN`` of the

    ``unlinked`` ones that nothing looks like; ``choices``: what they may be, where there are few (accounts).
    """

    kind: str
    name: str
    rail: str
    rail_name: str
    links_count: int
    unlinked: int
    links: tuple[LinkView, ...]
    suggestions: tuple[SuggestionView, ...]
    waiting: tuple[SideView, ...]
    choices: tuple[SideView, ...]


class IdentityExperience(View):
    business: BusinessView
    ask: str
    say: str
    suggestions_count: int
    twice_count: int
    kinds: tuple[KindView, ...]


class DecidedView(View):
    """What a person decided of a pair."""

    kind: str
    rail_id: str
    ledger_id: str
    state: str


class IdentitiesService:
    """Identity of one business, as shown and decided on."""

    def __init__(self, session: Session, business: Business, *, links: Links, now: datetime) -> None:
        self._session = session
        self._business = business
        self._scope = Scope(business.firm_id, business.business_id)
        self._links = links
        self._now = now

    def get_identity_experience(self) -> IdentityExperience:
        """Every kind that a rail has anything of."""
        shown = (self._kind(service) for service in identity_services(self._session, self._scope))
        kinds = tuple(kind for kind in shown if kind.links_count or kind.unlinked)
        waiting = sum(len(kind.suggestions) for kind in kinds)
        twice = sum(link.twice for kind in kinds for link in kind.links)
        return IdentityExperience(
            business=BusinessView.of(self._business),
            ask=f"What is the same on two rails at {self._business.name}?",
            say=_say(kinds, waiting, twice),
            suggestions_count=waiting,
            twice_count=twice,
            kinds=kinds,
        )

    def confirm(self, kind: str, rail_id: str, ledger_id: str, *, actor: str) -> DecidedView:
        """They are the same; what follows from it for bank lines is matched at once."""
        self._service(kind).confirm(rail_id, ledger_id, now=self._now, actor=actor)
        match_business(self._session, self._scope, self._now)
        return _decided("confirm", kind, rail_id, ledger_id)

    def refuse(self, kind: str, rail_id: str, ledger_id: str, *, actor: str) -> DecidedView:
        """They are not the same; nobody is asked again."""
        self._service(kind).refuse(rail_id, ledger_id, now=self._now, actor=actor)
        return _decided("refuse", kind, rail_id, ledger_id)

    def undo(self, kind: str, rail_id: str, ledger_id: str, *, actor: str) -> DecidedView:
        """The decision is taken back."""
        self._service(kind).undo(rail_id, ledger_id, now=self._now, actor=actor)
        match_business(self._session, self._scope, self._now)
        return _decided("undo", kind, rail_id, ledger_id)

    def _service(self, kind: str) -> IdentityService:
        return identity_service(self._session, self._scope, kind)

    def _kind(self, service: IdentityService) -> KindView:
        kind, links, unlinked, suggestions = service.kind, service.links(), service.unlinked(), service.suggestions()
        asked = {pair.rail_id for pair, _, _ in suggestions}
        waiting = [each for each in unlinked if each.id not in asked]
        choices = service.choices() if waiting and kind.name in _CHOOSES else []
        return KindView(
            kind=kind.name,
            name=_PLURALS[kind.name],
            rail=kind.rail,
            rail_name=spoken(kind.rail),
            links_count=len(links),
            unlinked=len(unlinked),
            links=tuple(self._link(service, each) for each in links[:LINKS_SHOWN]),
            suggestions=tuple(self._suggestion(service, *each) for each in suggestions),
            waiting=tuple(self._side(each, None) for each in waiting[:WAITING_SHOWN]),
            choices=tuple(self._side(each, None) for each in choices),
        )

    def _link(self, service: IdentityService, linked: Linked) -> LinkView:
        row, kind = linked.row, service.kind
        assert linked.rail is not None, "only pairs whose rail's thing stands are shown"
        return LinkView(
            kind=kind.name,
            rail=row.rail,
            theirs=self._side(linked.rail, None),
            ours=self._side(linked.ledger, kind.name) if linked.ledger else None,
            ours_id=row.ledger_id,
            rule=row.rule,
            why=kind.rules.get(row.rule, "a person said so"),
            decided_by=row.decided_by,
            decided_at=row.decided_at,
            twice=linked.twice,
        )

    def _suggestion(self, service: IdentityService, pair: Pair, mine: Thing, theirs: Thing) -> SuggestionView:
        return SuggestionView(
            kind=service.kind.name,
            rail=service.kind.rail,
            theirs=self._side(mine, None),
            ours=self._side(theirs, service.kind.name),
            score=pair.score,
            why=pair.why,
        )

    def _side(self, thing: Thing, page: str | None) -> SideView:
        amount = None
        if thing.minor is not None and thing.currency is not None:
            amount = Amount.minor(thing.minor, thing.currency)
        return SideView(
            id=thing.id,
            name=thing.name,
            number=thing.number,
            party=thing.party,
            email=thing.email,
            dated=thing.dated,
            amount=amount,
            link=self._links.to(_PAGES[page], thing.id) if page in _PAGES else None,
        )


def _say(kinds: Sequence[KindView], waiting: int, twice: int) -> str:
    if not kinds:
        return "Nothing yet. No rail beside QuickBooks was read that has anything in common with the books."
    linked = sum(kind.links_count for kind in kinds)
    parts = [
        f"{counted(waiting, 'pair')} {'waits' if waiting == 1 else 'wait'} for you."
        if waiting
        else "Nothing waits for you."
    ]
    parts.append(f"{counted(linked, 'pair')} {'is' if linked == 1 else 'are'} linked.")
    if twice:
        parts.append(f"{counted(twice, 'link')} {'leads' if twice == 1 else 'lead'} to something that is linked twice.")
    return " ".join(parts)


def _decided(act: str, kind: str, rail_id: str, ledger_id: str) -> DecidedView:
    return DecidedView(kind=kind, rail_id=rail_id, ledger_id=ledger_id, state=_STATES[act])
