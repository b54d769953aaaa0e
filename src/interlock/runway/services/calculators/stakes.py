"""Dollars at stake summed so that one dollar counts once: of several findings on one document, the largest."""

from collections.abc import Iterable

from interlock.kernel.money import Money
from interlock.runway.services.calculators.finding import Finding


def stakes(findings: Iterable[Finding]) -> list[Money]:
    """One amount for each document with findings, in its own currency."""
    largest: dict[tuple[str, str], Money] = {}
    for finding in findings:
        key = (finding.subject.kind, finding.subject.id)
        largest[key] = max(largest.get(key, finding.stake), finding.stake)
    return list(largest.values())
