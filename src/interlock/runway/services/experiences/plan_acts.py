"""Who may say what of cash to come: earmarks and what recurs are decided by people with a role that allows it."""

from datetime import datetime

from interlock.domains.firm.acting import Acting
from interlock.domains.firm.policy.values import Policy
from interlock.domains.firm.segregation import Facts, refusal
from interlock.kernel.errors import Refused


def must_confirm_plan(acting: Acting, policy: Policy, now: datetime) -> None:
    """``Refused``, with the reason as a sentence, for somebody who may not set money aside or confirm what recurs."""
    said = refusal("confirm_plan", acting, policy, Facts(now=now))
    if said is not None:
        raise Refused(said)
