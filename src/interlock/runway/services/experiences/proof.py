"""A proof of completeness as it was just taken: what was held against what, what was mended, what is still off."""

from interlock.domains.firm.models import Business
from interlock.rails.ports import ProofReport
from interlock.runway.services.calculators.words import counted
from interlock.runway.services.views import BusinessView, TiedView, View


class ProofExperience(View):
    """``complete``: whether all that was compared agrees; ``tied``: how the business stands now (its control accounts may

    be off although everything is here). ``mended``: rows read again because of a difference, by entity.

    ``rounds``: how often QuickBooks' totals were taken; ``settled`` is false when its books moved each time, and the proof
    before then stands.
    """

    business: BusinessView
    say: str
    complete: bool | None
    settled: bool
    tied: TiedView
    mended: dict[str, int]
    rounds: int
    calls: int
    bytes: int
    metered_reads: int
    seconds: str

    @classmethod
    def of(cls, report: ProofReport, business: Business, tied: TiedView) -> "ProofExperience":
        return cls(
            business=BusinessView.of(business),
            say=_say(report, business.name, tied),
            complete=report.tied,
            settled=report.tied is not None,
            tied=tied,
            mended=report.mended,
            rounds=report.rounds,
            calls=report.calls,
            bytes=report.bytes,
            metered_reads=report.metered,
            seconds=f"{report.seconds:.3f}",
        )


def _say(report: ProofReport, name: str, tied: TiedView) -> str:
    if report.tied is None:
        return (
            f"{name}’s books were edited each time their totals were taken; the proof before stands. Try again later."
        )
    mended = sum(report.mended.values())
    after = f" after {counted(mended, 'row')} read again" if mended else ""
    return f"{name}: {tied.words}{after}."
