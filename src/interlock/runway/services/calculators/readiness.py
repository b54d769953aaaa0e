"""Which open documents can be decided on: pure, from findings alone. Holds are added where they are kept."""

from collections.abc import Iterable, Mapping

from interlock.runway.services.calculators.finding import Finding


def stopped(findings: Iterable[Finding], kind: str) -> Mapping[str, str]:
    """Ids of ``kind`` (``bill`` or ``invoice``) that a finding stops, and why in words, the worst reason first.

    A finding stops when it is critical, or high and nothing the console itself settles; one about a customer's payment
    stops the invoices whose amount it makes wrong, one about a vendor all of its open bills.
    """
    reasons: dict[str, list[str]] = {}
    for finding in findings:
        if not finding.stops:
            continue
        for id_ in finding.documents(kind):
            reasons.setdefault(id_, []).append(finding.words)
    return {id_: _together(said) for id_, said in reasons.items()}


def _together(reasons: list[str]) -> str:
    more = len(reasons) - 1
    return reasons[0] if not more else f"{reasons[0]} (and {more} more)"
