"""The digest of one business's desk, and what makes it a letter."""

from typing import TYPE_CHECKING

from interlock.runway.services.data_orchestrators.letter_snapshot import LetterSnapshot
from interlock.runway.services.experiences.digest import DigestService
from interlock.runway.services.experiences.letter import LetterService

if TYPE_CHECKING:
    from interlock.runway.business_desk import BusinessDesk


def letter_of(at: "BusinessDesk") -> LetterService:
    """Over the same transaction as everything else of the desk."""
    return LetterService(
        at.business,
        LetterSnapshot(at.session, at.scope, at.business.home_currency),
        policy=at.in_force.policy,
        path=lambda: at.path,
        console=lambda: at.console.get_console_experience(),
        today=at.today,
    )


def digest_of(at: "BusinessDesk") -> DigestService:
    """The digest, with the letter's part in it."""
    return DigestService(
        at.session,
        at.business.business_id,
        hygiene_orchestrator=at.hygiene,
        decision_orchestrator=at.decisions,
        balance_service=at.balance_service,
        log=at.log,
        detail=at.detail,
        letter=letter_of(at),
        now=at.now,
    )
