"""Roles and what each may do at a client (product-map §3.1): data, read by page, API and command alike. Pure."""

from typing import Literal, get_args

Role = Literal[
    "firm_admin",
    "bookkeeper",
    "controller",
    "advisor",
    "reviewer",
    "client_approver",
    "client_owner",
    "client_viewer",
    "agent",
]
Right = Literal[
    "see",
    "propose",
    "approve",  # up to the first limit, or as the first of two
    "approve_second",  # above the first limit
    "release",
    "override",
    "record_callback",
    "clear_callback",
    "propose_policy",
    "approve_policy",
    "confirm_plan",  # earmarks and recurring items
    "manage_people",
]
ROLES: tuple[Role, ...] = get_args(Role)
RIGHTS: tuple[Right, ...] = get_args(Right)

CLIENT_SIDE: frozenset[Role] = frozenset({"client_approver", "client_owner", "client_viewer"})

MAY: dict[Role, frozenset[Right]] = {
    "firm_admin": frozenset({"see", "manage_people"}),
    "bookkeeper": frozenset({"see", "propose", "record_callback", "confirm_plan"}),
    "controller": frozenset(
        {
            "see",
            "propose",
            "approve",
            "release",
            "override",
            "record_callback",
            "clear_callback",
            "propose_policy",
            "confirm_plan",
        }
    ),
    "advisor": frozenset({"see", "propose", "approve", "approve_second", "override", "propose_policy", "confirm_plan"}),
    "reviewer": frozenset({"see"}),
    "client_approver": frozenset({"see", "propose", "approve", "approve_second", "release", "clear_callback"}),
    "client_owner": frozenset(
        {
            "see",
            "propose",
            "approve",
            "approve_second",
            "release",
            "override",
            "record_callback",
            "clear_callback",
            "approve_policy",
            "confirm_plan",
            "manage_people",
        }
    ),
    "client_viewer": frozenset({"see"}),
    "agent": frozenset({"see", "propose"}),
}
"""The release of a controller also needs ``policy.approvals.controller_releases``; at an attest client nobody of the firm

approves, releases or overrides (``segregation``).
"""
