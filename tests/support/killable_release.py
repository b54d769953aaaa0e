"""A release in a process of its own, to be killed: ``python -m tests.support.killable_release URL BUSINESS WHO MOMENT INTENT…``.

At ``MOMENT`` (``-``: never) it kills itself. Prints ``releasing`` when it begins and ``done`` at its end.
"""

import os
import signal
import sys
from datetime import timedelta

from interlock.domains.ap.services.bill_payment_service import BillPaymentService
from interlock.domains.firm.models import Business
from interlock.domains.firm.services.people_service import PeopleService
from interlock.infra.db import open_database
from interlock.kernel.scope import Scope, SystemScope
from tests.deciding.clients import POLICY, CashJudge
from tests.runway import said
from tests.support.striking import Watched

_LATER = timedelta(minutes=10)  # the approval can no longer be undone
CASH = 10_000_000


def main() -> None:
    url, business_id, who, moment = sys.argv[1:5]

    def strike(now: str) -> None:
        if now == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    database = Watched(open_database(url), strike)
    with database.reading(SystemScope("whose release this is")) as session:
        business = session.get_one(Business, business_id)
        session.expunge(business)
    print("releasing", flush=True)
    with database.writing(Scope(business.firm_id, business_id)) as session:
        judge = CashJudge(session, business, CASH, 0, {})
        acting = PeopleService(session, business.firm_id).acting(business_id, who)
        service = BillPaymentService(
            session, business, judge=judge, policy=POLICY, acting=acting, now=said.NOW + _LATER
        )
        service.execute_payment(sys.argv[5:], gate=judge)
    print("done", flush=True)


if __name__ == "__main__":
    main()
