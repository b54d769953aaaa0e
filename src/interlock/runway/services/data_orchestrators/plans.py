"""Plans kept in the process while nothing has changed: a path is asked for at every tick of a box."""

from collections.abc import Callable, Sequence
from datetime import datetime

from msgspec.structs import replace
from sqlalchemy.orm import Session

from interlock.domains.firm.models import Business
from interlock.domains.firm.services.policy_service import InForce
from interlock.infra import translog
from interlock.kernel.clock import local_date
from interlock.runway.services.calculators.finding import Finding
from interlock.runway.services.calculators.flows import Plan
from interlock.runway.services.data_orchestrators.mirror_memory import MirrorMemory
from interlock.runway.services.data_orchestrators.plan_snapshot import read_plan, troubles_of

Mark = tuple[int, str | None, str | None, str, int]


class Plans:
    """The last plan of each business, valid while its log has no new line and the hour is the same.

    Everything that a plan is read from leaves a line in the business's chain when it changes, or is its policy.
    """

    def __init__(self) -> None:
        self.memory = MirrorMemory()
        self._kept: dict[str, tuple[Mark, Plan]] = {}

    def of(
        self,
        db: Session,
        business: Business,
        in_force: InForce,
        now: datetime,
        findings: Callable[[], Sequence[Finding]],
    ) -> Plan:
        """The kept plan with what the findings say of its inputs."""
        return replace(self.bare(db, business, in_force, now), troubles=troubles_of(findings()))

    def bare(self, db: Session, business: Business, in_force: InForce, now: datetime) -> Plan:
        """The kept plan, or a new one; without troubles, since findings are found with its help.

        Only for reading sessions: a writing one may yet be undone.
        """
        # The head is read first: a plan can then be newer than its mark, and is only read again too soon, never too late.
        today = local_date(now, business.time_zone).isoformat()
        seq = translog.head(db, business.business_id)[0]
        mark = (seq, in_force.policy_id, in_force.firm_policy_id, today, now.hour)
        kept = self._kept.get(business.business_id)
        if kept is not None and kept[0] == mark:
            return kept[1]
        plan = read_plan(db, business, in_force.policy, now, recall=self.memory.of(db, business, now))
        self._kept[business.business_id] = (mark, plan)
        return plan
