"""Who may do what at one client: people with their roles, who stands in for whom, and what of segregation isn't met."""

from datetime import datetime

from sqlalchemy.orm import Session

from interlock.domains.firm.acting import Acting
from interlock.domains.firm.models import Business
from interlock.domains.firm.people_models import Delegation
from interlock.domains.firm.roles import MAY, RIGHTS, Right, Role
from interlock.domains.firm.segregation import RULES
from interlock.domains.firm.services.people_service import PeopleService
from interlock.kernel.money import Money
from interlock.runway.services.calculators.words import counted
from interlock.runway.services.views import Amount, BusinessView, Instant, View

_TOLD: dict[Right, str] = {
    "propose": "propose",
    "approve": "approve",
    "approve_second": "second approval",
    "release": "release",
    "override": "override",
    "record_callback": "record call-backs",
    "clear_callback": "clear call-backs",
    "approve_policy": "put policies in force",
    "confirm_plan": "confirm what recurs",
    "manage_people": "manage people",
}


class PersonView(View):
    """Somebody with a role here; ``may`` in words, in a fixed order."""

    person_id: str
    handle: str
    name: str
    side: str
    roles: tuple[str, ...]
    may: tuple[str, ...]


class DelegationView(View):
    """Who approves in whose place, up to what, until when."""

    delegation_id: str
    from_name: str
    to_name: str
    limit: Amount
    reason: str
    starts_at: Instant
    ends_at: Instant


class RuleView(View):
    number: str
    says: str


class PeopleExperience(View):
    business: BusinessView
    ask: str
    say: str
    people: tuple[PersonView, ...]
    delegations: tuple[DelegationView, ...]
    rules: tuple[RuleView, ...]


class PeopleExperiences:
    """People of one client, from rows; and the one change that people make themselves: letting another stand in."""

    def __init__(self, db: Session, business: Business, *, now: datetime) -> None:
        self._business = business
        self._service = PeopleService(db, business.firm_id)
        self._now = now

    def get_people_experience(self) -> PeopleExperience:
        here = self._service.at(self._business.business_id)
        people = tuple(
            PersonView(
                person_id=person.person_id,
                handle=person.handle,
                name=person.name,
                side=person.side,
                roles=tuple(sorted(role.replace("_", " ") for role in roles)),
                may=_may(roles),
            )
            for person, roles in here
        )
        return PeopleExperience(
            business=BusinessView.of(self._business),
            ask=f"Who decides at {self._business.name}?",
            say=_answer(people),
            people=people,
            delegations=tuple(
                self._shown(each) for each in self._service.delegations(self._business.business_id, self._now)
            ),
            rules=tuple(RuleView(number=rule.number, says=rule.says) for rule in RULES),
        )

    def delegate(
        self, giver: Acting, wanted: str, *, limit: Money, reason: str, starts_at: datetime, ends_at: datetime
    ) -> DelegationView:
        """``giver`` lets another approve in their place until then."""
        made = self._service.delegate(
            self._business.business_id,
            giver,
            wanted,
            limit_minor=limit.minor,
            reason=reason,
            starts_at=starts_at,
            ends_at=ends_at,
            now=self._now,
        )
        return self._shown(made)

    def end_delegation(self, delegation_id: str, *, by: Acting) -> None:
        self._service.end_delegation(self._business.business_id, delegation_id, by=by, now=self._now)

    def _shown(self, each: Delegation) -> DelegationView:
        return DelegationView(
            delegation_id=each.delegation_id,
            from_name=self._service.find(each.from_person).name,
            to_name=self._service.find(each.to_person).name,
            limit=Amount.minor(each.limit_minor, self._business.home_currency),
            reason=each.reason,
            starts_at=each.starts_at,
            ends_at=each.ends_at,
        )


def _may(roles: frozenset[Role]) -> tuple[str, ...]:
    rights = frozenset().union(*(MAY[role] for role in roles))
    return tuple(_TOLD[right] for right in RIGHTS if right in rights and right in _TOLD)


def _answer(people: tuple[PersonView, ...]) -> str:
    if not people:
        return "Nobody has a role here yet, so nothing can be decided. `interlock people add` and `grant` make a start."
    approve = [each for each in people if "approve" in each.may]
    if not approve:
        return f"{counted(len(people), 'person', 'people')} here, and nobody who may approve."
    if len(approve) == 1:
        return f"Only {approve[0].name} may approve: duties are not segregated, and above the first limit nothing can pass."
    return f"{counted(len(approve), 'person', 'people')} may approve, of {counted(len(people), 'person', 'people')} with a role."
