"""The hygiene tray: what in the books makes the answer wrong, by severity and dollars at stake."""

from interlock.runway.services.calculators.finding import SEVERITIES, Finding, Severity
from interlock.runway.services.calculators.stakes import stakes
from interlock.runway.services.calculators.words import counted
from interlock.runway.services.data_orchestrators.document_views import FindingView, Shows
from interlock.runway.services.data_orchestrators.findings import Findings
from interlock.runway.services.data_orchestrators.hygiene_tray_data_orchestrator import (
    HygieneData,
    HygieneTrayDataOrchestrator,
)
from interlock.runway.services.views import Total, View

_AT_STAKE = "The largest finding of each document, so that one dollar counts once."
_MEANING: dict[Severity, str] = {
    "critical": "stops money until fixed",
    "high": "stops money unless a controller overrides",
    "medium": "does not stop money",
    "low": "tidy when passing",
}


class FindingGroup(View):
    """Findings of one severity, largest first. ``note`` says what the severity means."""

    severity: Severity
    note: str
    count: int
    at_stake: Total
    findings: tuple[FindingView, ...]


class TrayExperience(HygieneData):
    """The seed's hygiene data, and the same as a person reads it: a question, the answer, the rows.

    ``say`` is a sentence for the answer, ``scanned`` one for what was looked at.
    """

    ask: str
    say: str
    scanned: str
    count: int
    at_stake: Total
    groups: tuple[FindingGroup, ...]


class TrayService:
    """The tray of one business."""

    def __init__(self, orchestrator: HygieneTrayDataOrchestrator, findings: Findings, shows: Shows) -> None:
        self._orchestrator = orchestrator
        self._findings = findings
        self._shows = shows

    def get_tray_experience(self) -> TrayExperience:
        data = self._orchestrator.get_hygiene_data()
        found = self._findings.all
        at_stake = self._total(found)
        return TrayExperience(
            **{name: getattr(data, name) for name in HygieneData.model_fields},
            ask=f"What in the books makes {data.business.name}’s answer wrong?",
            say=_answer(data, found, at_stake),
            scanned=f"{data.sync_status.words[:1].upper()}{data.sync_status.words[1:]}: {_examined(data)}",
            count=len(found),
            at_stake=at_stake,
            groups=tuple(self._group(severity) for severity in SEVERITIES if self._of(severity)),
        )

    def _of(self, severity: Severity) -> list[Finding]:
        return [finding for finding in self._findings.all if finding.severity == severity]

    def _group(self, severity: Severity) -> FindingGroup:
        found = self._of(severity)
        return FindingGroup(
            severity=severity,
            note=_MEANING[severity],
            count=len(found),
            at_stake=self._total(found),
            findings=self._shows.findings(found),
        )

    def _total(self, found: list[Finding] | tuple[Finding, ...]) -> Total:
        return Total.of(stakes(found), self._shows.home_currency, _AT_STAKE, "findings")


def _examined(data: HygieneData) -> str:
    return f"{counted(data.examined['bills'], 'open bill')}, {counted(data.examined['invoices'], 'open invoice')}"


def _answer(data: HygieneData, found: tuple[Finding, ...], at_stake: Total) -> str:
    if data.sync_status.bills_last_sync is None:
        return "The books were never read, so nothing can be said of them yet."
    if not found:
        return f"No findings: {_examined(data)} looked at, {data.sync_status.words}."
    stopping = sum(finding.stops for finding in found)
    stops = (
        "None stops money today" if not stopping else f"{stopping} {'stops' if stopping == 1 else 'stop'} money today"
    )
    verb = "touches" if len(found) == 1 else "touch"
    return f"{counted(len(found), 'finding')} {verb} {at_stake.words}. {stops}."
