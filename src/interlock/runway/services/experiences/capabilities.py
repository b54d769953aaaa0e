"""What Interlock can do for a client now, what would make the rest possible, and what no rail's public API can do."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from interlock.domains.firm.models import Business
from interlock.kernel.errors import NotFound
from interlock.kernel.scope import Scope
from interlock.rails import matrix
from interlock.rails.capabilities import Capability, capabilities_of, in_words, name_of
from interlock.rails.errors import spoken
from interlock.rails.features import FEATURES, Feature
from interlock.rails.matrix import Kind, Link
from interlock.rails.parking import Abilities, ParkedRow
from interlock.rails.registry import CapabilityParked
from interlock.runway.services.calculators.words import counted
from interlock.runway.services.views import BusinessView, View

LIVE, READY = "Works", "Rail ready"
LABELS: Mapping[Kind, str] = {"live": LIVE, "off": "Off", "connect": "Not connected", "parked": "Parked"}
_NOT_BUILT = "The rail can; Interlock has no screen for it yet."


class CapabilityView(View):
    """One feature for one client. ``state``: ``live``, ``connect:<rail>``, ``off:<reason>`` or ``parked:<capability>``.

    ``rails`` are those of this build that have all it needs, or each a part of it. ``screen``: the client's page it belongs to;
    ``built`` is false while only the rails are ready for it.
    """

    key: str
    name: str
    kind: Kind
    state: str
    words: str
    needs: tuple[str, ...]
    rails: tuple[str, ...]
    screen: str
    built: bool


class ParkedView(View):
    """What a rail's public API can't do: why, who says so, and what would un-park it. ``state`` is computed, as above."""

    key: str
    name: str
    rail: str
    rail_name: str
    capability: str
    kind: Kind
    state: str
    reason: str
    source: str
    unparks: str
    screen: str | None


class DeclinedView(View):
    """What a rail's API could do and Interlock chooses not to."""

    key: str
    name: str
    rail: str
    rail_name: str
    reason: str
    source: str


class LimitView(View):
    """What can't be done on a page now: ``label`` in a word, ``words`` say what would change that."""

    key: str
    name: str
    kind: Kind
    label: str
    words: str


class CanView(View):
    """One capability, and the rails of this build whose class has it."""

    capability: str
    words: str
    rails: tuple[str, ...]


class RailView(View):
    rail: str
    name: str


class CapabilitiesExperience(View):
    """``business`` is ``None`` where the build itself was asked: then everything that needs a rail says which."""

    ask: str
    say: str
    business: BusinessView | None
    features: tuple[CapabilityView, ...]
    rails: tuple[RailView, ...]
    matrix: tuple[CanView, ...]
    parked: tuple[ParkedView, ...]
    declined: tuple[DeclinedView, ...]


class CapabilitiesService:
    """Reads this build's classes, and a business's links to them."""

    def __init__(self, abilities: Abilities | None = None) -> None:
        self._abilities = abilities or Abilities({})
        self._rails = self._abilities.rails

    @property
    def rails(self) -> tuple[str, ...]:
        """This build's, by name."""
        return tuple(self._rails)

    def of_build(self) -> CapabilitiesExperience:
        """Before any client is asked about."""
        return self._experience(None, {})

    def of_business(self, db: Session, business: Business, now: datetime) -> CapabilitiesExperience:
        links = matrix.links_of(db, Scope(business.firm_id, business.business_id), now)
        return self._experience(business, links)

    def _experience(self, business: Business | None, links: Mapping[str, Link]) -> CapabilitiesExperience:
        features = tuple(self._view(each, links) for each in FEATURES)
        parked = tuple(self._parked(each, links) for each in self._abilities.parked)
        named = "this build" if business is None else business.name
        return CapabilitiesExperience(
            ask=f"What can Interlock do for {named}?",
            say=_say(features, parked, of_build=business is None),
            business=BusinessView.of(business) if business else None,
            features=features,
            rails=tuple(RailView(rail=name, name=spoken(name)) for name in self._rails),
            matrix=self._matrix(),
            parked=parked,
            declined=tuple(
                DeclinedView(
                    key=each.key,
                    name=each.name,
                    rail=each.rail,
                    rail_name=spoken(each.rail),
                    reason=each.reason,
                    source=each.source,
                )
                for each in self._abilities.declined
            ),
        )

    def _view(self, feature: Feature, links: Mapping[str, Link]) -> CapabilityView:
        verdict = matrix.verdict(feature.needs, self._rails, links)
        rails = {name for need in feature.needs for name in matrix.able(need, self._rails)}
        return CapabilityView(
            key=feature.key,
            name=feature.name,
            kind=verdict.kind,
            state=verdict.code,
            words=_NOT_BUILT if verdict.kind == "live" and not feature.built else verdict.words,
            needs=tuple(map(name_of, feature.needs)),
            rails=tuple(name for name in self._rails if name in rails),
            screen=feature.screen,
            built=feature.built,
        )

    def _parked(self, row: ParkedRow, links: Mapping[str, Link]) -> ParkedView:
        of_its_rail = {name: rail for name, rail in self._rails.items() if name == row.rail}
        verdict = matrix.verdict((row.capability,), of_its_rail, links)
        return ParkedView(
            key=row.key,
            name=row.name,
            rail=row.rail,
            rail_name=spoken(row.rail),
            capability=name_of(row.capability),
            kind=verdict.kind,
            state=verdict.code,
            reason=row.reason,
            source=row.source,
            unparks=row.unparks,
            screen=row.screen,
        )

    def _matrix(self) -> tuple[CanView, ...]:
        """Every capability that a feature needs or a rail has."""
        of_features: list[Capability] = [need for feature in FEATURES for need in feature.needs]
        of_rails: list[Capability] = [each for rail in self._rails.values() for each in capabilities_of(rail)]
        return tuple(
            CanView(capability=name_of(each), words=in_words(each), rails=tuple(matrix.able(each, self._rails)))
            for each in dict.fromkeys((*of_features, *of_rails))
        )


def required(view: CapabilitiesExperience, key: str) -> CapabilityView:
    """The feature, live; ``CapabilityParked`` says what would make it so, ``NotFound`` when there is none of that key."""
    all_there_is: list[CapabilityView | ParkedView | DeclinedView] = [*view.features, *view.parked, *view.declined]
    found = next((each for each in all_there_is if each.key == key), None)
    if found is None:
        raise NotFound(f"There is no feature {key!r}; the capabilities name all there are.")
    name = found.name[:1].upper() + found.name[1:]
    if isinstance(found, ParkedView):
        raise CapabilityParked(f"{name} is {found.state}. {found.reason} What would un-park it: {found.unparks}")
    if isinstance(found, DeclinedView):
        raise CapabilityParked(f"{name} is declined. {found.reason}")
    if found.kind != "live":
        raise CapabilityParked(f"{name} is {found.state}. {found.words}")
    return found


def limits(view: CapabilitiesExperience, screen: str) -> tuple[LimitView, ...]:
    """What belongs to a page and can't be had there now, features first."""
    of_features = [
        LimitView(key=each.key, name=each.name, kind=each.kind, label=label(each), words=each.words)
        for each in view.features
        if each.screen == screen and label(each) != LIVE
    ]
    of_rails = [
        LimitView(
            key=each.key,
            name=each.name,
            kind=each.kind,
            label=LABELS[each.kind],
            words=f"{each.reason} What would un-park it: {each.unparks}",
        )
        for each in view.parked
        if each.screen == screen and each.kind == "parked"
    ]
    return (*of_features, *of_rails)


def label(feature: CapabilityView) -> str:
    """A feature's state in a word or two."""
    return READY if feature.kind == "live" and not feature.built else LABELS[feature.kind]


def _say(features: tuple[CapabilityView, ...], parked: tuple[ParkedView, ...], *, of_build: bool) -> str:
    kinds = [each.kind for each in features]
    beyond = f"{counted(len(parked), 'thing')} that people may look for no rail’s public API can do."
    waits = f"{kinds.count('parked')} wait for a rail that this build doesn’t have. " if "parked" in kinds else ""
    if of_build:
        return f"{len(kinds) - kinds.count('parked')} of {len(kinds)} once its rails are connected. {waits}{beyond}"
    works = sum(each.kind == "live" and each.built for each in features)
    ready = sum(each.kind == "live" and not each.built for each in features)
    told = [f"{works} of {len(kinds)} work now"]
    told += [f"{ready} are ready at the rail and have no screen yet"] if ready else []
    told += [f"{kinds.count('connect')} need a rail connected"] if "connect" in kinds else []
    told += [f"{kinds.count('off')} are off"] if "off" in kinds else []
    return f"{'; '.join(told)}. {waits}{beyond}"
