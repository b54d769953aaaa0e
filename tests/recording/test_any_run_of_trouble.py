"""Whatever mixture of trouble a record meets, asking again under the same key ends with one document that says what was asked."""

import os
import random

import pytest

from interlock.rails.errors import ContractBroken, OutcomeUnknown, Unavailable
from interlock.rails.records import LedgerRecord
from tests.recording.kinds import BILL, INVOICE, Asked, Kind
from tests.recording.office import Office, new_key

_SEEDS = int(os.environ.get("INTERLOCK_RECORD_SEEDS", "30"))
_TROUBLES = ("down", "server_error", "cut_after_commit", "malformed", "throttle")
_WHERE = ("requestid", "/query", "/preferences", "WHERE+Id+IN")
_ASKED_MOST = 40


@pytest.mark.parametrize("seed", range(_SEEDS))
def test_one_document_in_the_end(office: Office, seed: int) -> None:
    chance = random.Random(seed)
    kind = chance.choice((BILL, INVOICE))
    owed, key = kind.owes(office.sandbox, office.client.realm_id), new_key()
    asked = kind.paid(key, owed, "80.00")
    answer = told(office, kind, asked, chance)
    office.sandbox.calm()
    (row,) = office.recorded(kind, key)
    assert (row["Id"], str(row["TotalAmt"])) == (answer.document_id, "80.00")
    assert str(office.open_balance(kind, owed)) == "40.00"


def told(office: Office, kind: Kind, asked: Asked, chance: random.Random) -> LedgerRecord:
    """Asked until it is answered; before every asking something new goes wrong, less and less often."""
    for number in range(_ASKED_MOST):
        while chance.random() < 0.9 - number * 0.05:
            trouble, where = chance.choice(_TROUBLES), chance.choice(_WHERE)
            office.sandbox.fault(trouble, path=where, count=chance.randint(1, 6), status=chance.choice((500, 503)))
        if chance.random() < 0.3:
            office.sandbox.fault("forget_requests")  # how long QuickBooks remembers a requestid is not known
        rail = office.rail()
        rail._client._sleep = no_wait
        try:
            return office.record(kind, asked, rail)
        except (OutcomeUnknown, Unavailable, ContractBroken):
            office.sandbox.calm()
            assert len(office.recorded(kind, asked.key)) <= 1
    raise AssertionError(f"not answered after {_ASKED_MOST} askings")


async def no_wait(seconds: float) -> None:
    assert seconds > 0
