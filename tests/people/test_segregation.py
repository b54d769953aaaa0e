"""Duties kept apart: who may do what by role, and what each rule refuses however the roles stand (product-map §3)."""

from datetime import UTC, datetime, timedelta

import pytest

from interlock.domains.firm.acting import Acting, Side
from interlock.domains.firm.policy.values import ApprovalPolicy, EngagementPolicy, Policy
from interlock.domains.firm.roles import CLIENT_SIDE, MAY, RIGHTS, ROLES, Right, Role
from interlock.domains.firm.segregation import RULES, Facts, approvals_needed, refusal

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
SMALL, ABOVE_FIRST, ABOVE_SECOND = 100_000, 600_000, 3_000_000
POLICY = Policy(approvals=ApprovalPolicy(one_person_minor=500_000, client_side_minor=2_500_000))
SOLE = Policy(approvals=POLICY.approvals, engagement=EngagementPolicy(sole_practitioner=True))

# The table of product-map §3.1, read off by hand: who may approve up to the first limit, give the second yes, and so on.
TABLE: dict[Right, set[str]] = {
    "propose": {"bookkeeper", "controller", "advisor", "client_approver", "client_owner", "agent"},
    "approve": {"controller", "advisor", "client_approver", "client_owner"},
    "approve_second": {"advisor", "client_approver", "client_owner"},
    "release": {"controller", "client_approver", "client_owner"},
    "override": {"controller", "advisor", "client_owner"},
    "clear_callback": {"controller", "client_approver", "client_owner"},
    "approve_policy": {"client_owner"},
}


def person(handle: str, *roles: Role, side: Side | None = None) -> Acting:
    belongs: Side = side or ("client" if set(roles) & CLIENT_SIDE else "firm")
    return Acting(f"per_{handle}", handle, handle.title(), belongs, frozenset(roles))


WREN = person("wren", "controller")
ADA = person("ada", "advisor")
OWNER = person("iris", "client_owner")


@pytest.mark.parametrize("right", sorted(TABLE))
def test_roles_hold_the_rights_of_the_reference_table(right: Right) -> None:
    assert {role for role in ROLES if right in MAY[role]} == TABLE[right]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("right", RIGHTS)
def test_without_the_right_nothing_is_allowed_and_the_refusal_says_who_may(role: Role, right: Right) -> None:
    if right in MAY[role]:
        return
    said = refusal(right, person("sam", role), POLICY, Facts(NOW))
    assert said is not None
    assert "may not" in said
    for other in ROLES:
        if right in MAY[other]:
            assert other.replace("_", " ") in said, f"who may {right} should be named in: {said}"


CASES: list[tuple[str, Right, Acting, Policy, Facts, str, Facts]] = [
    # rule, right, who, policy, refused facts, what is said, the nearest facts that are allowed
    (
        "1",
        "approve",
        WREN,
        POLICY,
        Facts(NOW, SMALL, prepared_by=WREN.person_id),
        "prepared",
        Facts(NOW, SMALL, prepared_by="per_bo"),
    ),
    (
        "1 for another",
        "approve",
        WREN,
        POLICY,
        Facts(NOW, SMALL, prepared_by="per_bo", for_person="per_bo"),
        "stand in for prepared",
        Facts(NOW, SMALL, prepared_by="per_bo", for_person="per_cy"),
    ),
    (
        "8",
        "approve",
        OWNER,
        POLICY,
        Facts(NOW, ABOVE_FIRST, approvers=((OWNER.person_id, "client"),)),
        "approved this already",
        Facts(NOW, ABOVE_FIRST, approvers=((WREN.person_id, "firm"),)),
    ),
    (
        "8 for another",
        "approve",
        ADA,
        POLICY,
        Facts(NOW, ABOVE_FIRST, approvers=((WREN.person_id, "firm"),), for_person=WREN.person_id),
        "stand in for has approved",
        Facts(NOW, ABOVE_FIRST, approvers=((WREN.person_id, "firm"),), for_person="per_cy"),
    ),
    (
        "3",
        "approve",
        WREN,
        POLICY,
        Facts(NOW, ABOVE_FIRST, approvers=((ADA.person_id, "firm"),)),
        "second yes",
        Facts(NOW, SMALL, approvers=((ADA.person_id, "firm"),)),
    ),
    (
        "3 client side",
        "approve",
        ADA,
        POLICY,
        Facts(NOW, ABOVE_SECOND, approvers=((WREN.person_id, "firm"),)),
        "client's own",
        Facts(NOW, ABOVE_SECOND, approvers=((OWNER.person_id, "client"),)),
    ),
    (
        "2",
        "release",
        OWNER,
        POLICY,
        Facts(NOW, ABOVE_FIRST, approvers=((OWNER.person_id, "client"), (ADA.person_id, "firm"))),
        "doesn't release",
        Facts(NOW, SMALL, approvers=((OWNER.person_id, "client"),)),
    ),
    (
        "4",
        "approve",
        WREN,
        POLICY,
        Facts(NOW, SMALL, vendor_made_by=WREN.person_id),
        "vendor",
        Facts(NOW, SMALL, vendor_made_by="per_bo"),
    ),
    (
        "5",
        "clear_callback",
        WREN,
        POLICY,
        Facts(NOW, recorded_by=WREN.person_id),
        "recorded the call-back",
        Facts(NOW, recorded_by="per_bo"),
    ),
    (
        "6",
        "approve",
        OWNER,
        POLICY,
        Facts(
            NOW,
            SMALL,
            policy_edited_by=OWNER.person_id,
            policy_edited_at=NOW - timedelta(hours=71),
            first_allowed_by_policy=True,
        ),
        "72 hours",
        Facts(
            NOW,
            SMALL,
            policy_edited_by=OWNER.person_id,
            policy_edited_at=NOW - timedelta(hours=72),
            first_allowed_by_policy=True,
        ),
    ),
    (
        "11",
        "approve",
        OWNER,
        SOLE,
        Facts(NOW, ABOVE_FIRST, people_here=1, prepared_at=NOW - timedelta(hours=23)),
        "24 hours",
        Facts(NOW, ABOVE_FIRST, people_here=1, prepared_at=NOW - timedelta(hours=24)),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[each[0] for each in CASES])
def test_each_rule_refuses_its_case_and_only_that(
    case: tuple[str, Right, Acting, Policy, Facts, str, Facts],
) -> None:
    _, right, who, policy, refused, says, allowed = case
    said = refusal(right, who, policy, refused)
    assert said is not None
    assert says in said
    assert refusal(right, who, policy, allowed) is None


@pytest.mark.parametrize("right", ["approve", "approve_second", "release", "override"])
def test_who_manages_people_decides_on_no_money_even_with_another_role(right: Right) -> None:
    both = person("max", "firm_admin", "controller", "advisor")
    said = refusal(right, both, POLICY, Facts(NOW, SMALL))
    assert said is not None
    assert "no rights over money" in said


@pytest.mark.parametrize("right", ["approve", "approve_second", "release", "override", "clear_callback"])
def test_at_a_client_that_the_firm_attests_only_the_client_decides(right: Right) -> None:
    attest = Policy(approvals=POLICY.approvals, engagement=EngagementPolicy(attest_client=True))
    firm = person("ada", "controller", "advisor")
    said = refusal(right, firm, attest, Facts(NOW, SMALL))
    assert said is not None
    assert "attests" in said
    assert right not in OWNER.rights or refusal(right, OWNER, attest, Facts(NOW, SMALL)) is None


def test_the_controller_releases_only_where_the_engagement_says_so() -> None:
    said = refusal("release", WREN, POLICY, Facts(NOW, SMALL))
    assert said is not None
    assert "engagement letter" in said
    engaged = Policy(approvals=ApprovalPolicy(controller_releases=True))
    assert refusal("release", WREN, engaged, Facts(NOW, SMALL)) is None


def test_one_person_alone_needs_no_second_yes_and_two_never_make_do_with_one() -> None:
    assert approvals_needed(SOLE, ABOVE_FIRST, people_here=1) == 1
    assert approvals_needed(SOLE, ABOVE_FIRST, people_here=2) == 2, (
        "the mode is for one human; with two the rule stands"
    )
    assert approvals_needed(POLICY, ABOVE_FIRST, people_here=1) == 2
    assert approvals_needed(POLICY, POLICY.approvals.one_person_minor, people_here=5) == 1, (
        "the limit itself is within it"
    )


def test_every_rule_has_a_number_and_watches_some_right() -> None:
    assert len({rule.number for rule in RULES}) == len(RULES)
    assert all(rule.watches for rule in RULES)
