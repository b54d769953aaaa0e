"""Segregation of duties as data, and the one place that reads it (product-map §3.2). Pure.

Each rule looks at who wants to do what and at the case, and either has nothing against it or says why not, in a sentence that
page, API and command show as it stands. A right that nobody has through a role is refused before any rule is asked.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from msgspec import Struct

from interlock.domains.firm.acting import Acting
from interlock.domains.firm.policy.values import Policy
from interlock.domains.firm.roles import MAY, Right, Role

POLICY_REST_HOURS = 72
SOLE_WAIT_HOURS = 24

_DECIDING: frozenset[Right] = frozenset({"approve", "approve_second", "release", "override"})
_APPROVING: frozenset[Right] = frozenset({"approve", "approve_second"})
_FINAL_AT_ATTEST: frozenset[Right] = frozenset({*_DECIDING, "approve_policy", "clear_callback"})

_DOING: dict[Right, str] = {
    "see": "look at this client",
    "propose": "propose payments",
    "approve": "approve payments",
    "approve_second": "give the second approval",
    "release": "release payments",
    "override": "override the guardrail",
    "record_callback": "record a call-back",
    "clear_callback": "clear a change of payee details",
    "propose_policy": "propose a policy",
    "approve_policy": "put a policy in force",
    "confirm_plan": "confirm what recurs or set money aside",
    "manage_people": "manage people",
}


class Facts(Struct, frozen=True):
    """The case at hand; what isn't known or doesn't apply stays empty. ``approvers``: whose yes stands, each with their side;

    for approvals given in another's place both of them. ``for_person``: in whose place this is done.
    ``vendor_made_by``: who made or last changed the vendor. ``policy_edited_by``: who wrote the policy that first allows it.
    ``people_here``: how many people may decide at this client.
    """

    now: datetime
    amount_minor: int = 0
    prepared_by: str | None = None
    approvers: tuple[tuple[str, str], ...] = ()
    for_person: str | None = None
    vendor_made_by: str | None = None
    recorded_by: str | None = None
    policy_edited_by: str | None = None
    policy_edited_at: datetime | None = None
    first_allowed_by_policy: bool = False
    people_here: int = 2
    prepared_at: datetime | None = None


class Case(Struct, frozen=True):
    """Who wants to do it, under which policy, and what the case is."""

    acting: Acting
    policy: Policy
    facts: Facts

    @property
    def alone(self) -> bool:
        """One human decides and the policy says so: what asks for a second one can't be kept, other rules stand in for it."""
        return self.policy.engagement.sole_practitioner and self.facts.people_here <= 1

    @property
    def above_first(self) -> bool:
        return self.facts.amount_minor > self.policy.approvals.one_person_minor


Objection = Callable[[Case], str | None]


class Rule(Struct, frozen=True):
    """One rule: its number in product-map §3.2, what it says, which rights it watches, and the objection it makes."""

    number: str
    says: str
    watches: frozenset[Right]
    objection: Objection


def _preparer(case: Case) -> str | None:
    if case.alone or case.facts.prepared_by is None:
        return None
    if case.facts.prepared_by == case.acting.person_id:
        return "Who prepared a payment, or last changed it, doesn't approve it; somebody else has to."
    if case.facts.for_person is not None and case.facts.for_person == case.facts.prepared_by:
        return "The person you stand in for prepared this payment, so nobody approves it in their place."
    return None


def _same_twice(case: Case) -> str | None:
    given = {person_id for person_id, _ in case.facts.approvers}
    if case.acting.person_id in given:
        return "You have approved this already; the second yes has to be another person's."
    if case.facts.for_person is not None and case.facts.for_person in given:
        return "The person you stand in for has approved this already; the second yes has to be another person's."
    return None


def _second_right(case: Case) -> str | None:
    if not case.facts.approvers or not case.above_first:
        return None
    if "approve_second" not in case.acting.rights:
        return (
            "Above the first limit the second yes is an advisor's, a client approver's or the client owner's to give."
        )
    return None


def _client_side(case: Case) -> str | None:
    if not case.facts.approvers or case.facts.amount_minor < case.policy.approvals.client_side_minor:
        return None
    if case.acting.for_the_client or any(side == "client" for _, side in case.facts.approvers):
        return None
    return "From this amount on one of the two approvals has to be the client's own."


def _releaser(case: Case) -> str | None:
    if case.alone or not case.above_first:
        return None
    if case.acting.person_id in {person_id for person_id, _ in case.facts.approvers}:
        return "Above the first limit who approved a payment doesn't release it."
    return None


def _engaged(case: Case) -> str | None:
    by: set[Role] = {role for role in case.acting.roles if "release" in MAY[role]}
    if by == {"controller"} and not case.policy.approvals.controller_releases:
        return (
            "The engagement letter doesn't let the firm's controller release payments (approvals.controller_releases)."
        )
    return None


def _vendor_maker(case: Case) -> str | None:
    if not case.alone and case.facts.vendor_made_by is not None and case.facts.vendor_made_by == case.acting.person_id:
        return "Who made or changed a vendor doesn't approve its next payment."
    return None


def _own_callback(case: Case) -> str | None:
    if case.facts.recorded_by == case.acting.person_id:
        return "Who recorded the call-back doesn't clear it; a second person does."
    return None


def _fresh_policy(case: Case) -> str | None:
    if not case.facts.first_allowed_by_policy or case.facts.policy_edited_at is None:
        return None
    if case.facts.policy_edited_by != case.acting.person_id:
        return None
    if case.facts.now - case.facts.policy_edited_at < timedelta(hours=POLICY_REST_HOURS):
        return f"Your own change of the policy first allowed this; for {POLICY_REST_HOURS} hours somebody else approves it."
    return None


def _admin(case: Case) -> str | None:
    if "firm_admin" in case.acting.roles:
        return "Who manages the firm's people and connections holds no rights over money."
    return None


def _attest(case: Case) -> str | None:
    if case.policy.engagement.attest_client and case.acting.side == "firm":
        return "The firm attests this client, so nobody of the firm decides here: it prepares, the client decides."
    return None


def _sole_waits(case: Case) -> str | None:
    if not case.alone or not case.above_first:
        return None
    if case.facts.prepared_at is None or case.facts.now - case.facts.prepared_at < timedelta(hours=SOLE_WAIT_HOURS):
        return f"With one person deciding alone, amounts above the first limit rest {SOLE_WAIT_HOURS} hours before approval."
    return None


RULES: tuple[Rule, ...] = (
    Rule("7", "Who manages people holds no rights over money.", _DECIDING, _admin),
    Rule("attest", "At a client that the firm attests only the client decides.", _FINAL_AT_ATTEST, _attest),
    Rule("1", "Who prepared or last changed a payment doesn't approve it.", _APPROVING, _preparer),
    Rule("8", "Nobody counts twice, not through a delegation either.", _APPROVING, _same_twice),
    Rule("3", "Above the first limit a second person approves.", _APPROVING, _second_right),
    Rule("3b", "From the second limit one of the two is the client's.", _APPROVING, _client_side),
    Rule("2", "Above the first limit the approver doesn't release.", frozenset({"release"}), _releaser),
    Rule("engaged", "The controller releases only where engaged to.", frozenset({"release"}), _engaged),
    Rule("4", "Who made or changed a vendor doesn't approve its next payment.", _APPROVING, _vendor_maker),
    Rule("5", "Who recorded a call-back doesn't clear it.", frozenset({"clear_callback"}), _own_callback),
    Rule("6", "A policy's editor waits before using what it newly allows.", _APPROVING, _fresh_policy),
    Rule("11", "One person alone waits a day above the first limit.", _APPROVING, _sole_waits),
)
"""Rule 9 (approvals bind to content) is ``ap.approval_content``'s, rule 10 (limits in sum) the guardrail's."""


def refusal(right: Right, acting: Acting, policy: Policy, facts: Facts) -> str | None:
    """Why ``acting`` may not do this now, in a sentence; ``None`` when nothing speaks against it."""
    if right not in acting.rights:
        return f"{acting.spoken}, may not {_DOING[right]} here{_who_may(right)}."
    for rule in RULES:
        if right in rule.watches:
            said = rule.objection(Case(acting, policy, facts))
            if said is not None:
                return said
    return None


def _who_may(right: Right) -> str:
    can = [role.replace("_", " ") for role, rights in MAY.items() if right in rights]
    if not can:
        return ""
    listed = can[0] if len(can) == 1 else f"{', '.join(can[:-1])} or {can[-1]}"
    return f": a {listed} may"


def approvals_needed(policy: Policy, amount_minor: int, people_here: int) -> int:
    """How many people's yes a payment of this amount takes: two above the first limit, one where one person decides alone."""
    if amount_minor <= policy.approvals.one_person_minor or (policy.engagement.sole_practitioner and people_here <= 1):
        return 1
    return 2
