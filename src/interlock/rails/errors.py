"""The five ways a rail fails. Only ``Unavailable`` is ever retried by itself."""

from interlock.kernel.errors import InterlockError


class RailError(InterlockError):
    """Base of the five; ``rail`` names who failed."""

    code = "rail_error"
    status = 502

    def __init__(self, rail: str, sentence: str) -> None:
        super().__init__(sentence)
        self.rail = rail


class Unavailable(RailError):
    """Down, slow or throttling: the same call may work later. ``retry_after`` in seconds, where the rail named it."""

    code = "rail_unavailable"
    status = 503

    def __init__(self, rail: str, sentence: str, retry_after: float | None = None) -> None:
        super().__init__(rail, sentence)
        self.retry_after = retry_after


class Rejected(RailError):
    """Understood and refused; ``reason`` is the rail's own code."""

    code = "rail_rejected"

    def __init__(self, rail: str, sentence: str, reason: str = "") -> None:
        super().__init__(rail, sentence)
        self.reason = reason


class Unauthorised(RailError):
    """The grant is gone, expired, or does not cover what was asked: a person has to reconnect."""

    code = "rail_unauthorised"


class ContractBroken(RailError):
    """The answer lacks what we need or isn't what was promised; ``field`` says where."""

    code = "rail_contract_broken"

    def __init__(self, rail: str, sentence: str, field: str = "") -> None:
        super().__init__(rail, sentence)
        self.field = field


class OutcomeUnknown(RailError):
    """An instruction was sent and its fate isn't known: look it up by ``key``, never send it again blind."""

    code = "rail_outcome_unknown"

    def __init__(self, rail: str, sentence: str, key: str) -> None:
        super().__init__(rail, sentence)
        self.key = key


def spoken(rail: str) -> str:
    """What people call a rail."""
    return {"qbo": "QuickBooks"}.get(rail, rail.capitalize())
