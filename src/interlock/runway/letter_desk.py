"""The digest of one business's desk, and what makes it a letter."""

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import select

from interlock.domains.firm.letter_times import letter_id_of, week_of
from interlock.domains.firm.timetable import Letter
from interlock.kernel.errors import NotFound
from interlock.runway.services.data_orchestrators.letter_snapshot import LetterSnapshot
from interlock.runway.services.experiences.digest import DigestService
from interlock.runway.services.experiences.letter import LetterService
from interlock.runway.services.experiences.letter_sending import LetterOutlook, letter_outlook

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


def sending_of(at: "BusinessDesk", trouble: str | None) -> LetterOutlook:
    """What sending a letter now would do. ``trouble``: why no mail can be sent at all."""
    policy = at.in_force.policy.digest
    snapshot = LetterSnapshot(at.session, at.scope, at.business.home_currency)
    this_week = snapshot.letters_from(week_of(policy, at.today))
    return letter_outlook(policy, this_week, today=at.today, time_zone=at.business.time_zone, trouble=trouble)


def kept_pdf(at: "BusinessDesk", dated: date, number: int | None = None) -> bytes:
    """The letter of a day, on paper, the newest without its number; ``NotFound`` where none was made."""
    query = select(Letter.pdf).where(Letter.business_id == at.business.business_id, Letter.dated == dated)
    if number is not None:
        query = query.where(Letter.letter_id == letter_id_of(dated, number))
    found = at.session.scalars(query.order_by(Letter.letter_id.desc()).limit(1)).first()
    if found is None:
        raise NotFound(f"No letter of {dated} was made at {at.business.name}.")
    return found
