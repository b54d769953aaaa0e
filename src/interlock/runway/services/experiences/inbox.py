"""What a rail told us unasked, and what was done with it."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from interlock.domains.firm.models import Business
from interlock.kernel.scope import Scope
from interlock.rails import inbox
from interlock.rails.inbox import Notice
from interlock.runway.services.calculators.words import counted
from interlock.runway.services.views import BusinessView, Instant, View

QBO = "qbo"
MOST_NOTICES = 100


class NoticeView(View):
    """One notice. ``done`` says in words what became of it."""

    external_id: str
    entity: str
    entity_id: str
    operation: str
    happened_at: Instant | None
    received_at: Instant
    handled_at: Instant | None
    done: str


class InboxExperience(View):
    """Newest first, at most a hundred. ``waiting``: notices that no sync has answered yet."""

    business: BusinessView | None
    say: str
    waiting: int
    last_received: Instant | None
    notices: tuple[NoticeView, ...]


class InboxService:
    """The inbox of one business."""

    def __init__(self, db: Session, business: Business) -> None:
        self._db = db
        self._business = business

    def get_inbox_experience(self) -> InboxExperience:
        scope = Scope(self._business.firm_id, self._business.business_id)
        notices = inbox.latest(self._db, scope, QBO, MOST_NOTICES)
        return told(notices, inbox.waiting(self._db, scope, QBO), BusinessView.of(self._business))


def told(notices: Sequence[Notice], waiting: int, business: BusinessView | None = None) -> InboxExperience:
    """Notices as a person reads them."""
    last = notices[0].received_at if notices else None
    if not notices:
        say = "QuickBooks has told us nothing yet; books are read by the timetable."
    elif waiting:
        say = f"{counted(waiting, 'notice')} from QuickBooks {'waits' if waiting == 1 else 'wait'} for the next sync."
    else:
        say = "Every notice from QuickBooks was answered by a sync."
    return InboxExperience(
        business=business,
        say=say,
        waiting=waiting,
        last_received=last,
        notices=tuple(_shown(notice) for notice in notices),
    )


def _shown(notice: Notice) -> NoticeView:
    return NoticeView(
        external_id=notice.external_id,
        entity=notice.entity,
        entity_id=notice.entity_id,
        operation=notice.operation,
        happened_at=notice.happened_at,
        received_at=notice.received_at,
        handled_at=notice.handled_at,
        done=_done(notice),
    )


def _done(notice: Notice) -> str:
    if notice.business_id is None:
        return "nobody here is linked to this company"
    if notice.handled_at is None:
        return "waits for the next sync"
    if notice.handled_at == notice.received_at:
        return "nothing of this kind is kept here"
    return "answered by a sync"
