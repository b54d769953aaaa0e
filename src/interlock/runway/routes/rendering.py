"""How figures, dates and pages are written: the accountants' way, the same on every page (product-map §5)."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from interlock.kernel.money import decimals
from interlock.runway.services.experiences.capabilities import label

TEMPLATES = Path(__file__).parent.parent / "templates"
STATIC = Path(__file__).parent.parent / "static"
NIL = "–"
_SYMBOLS = {"USD": "$", "CAD": "CA$", "EUR": "€", "GBP": "£", "AUD": "A$", "JPY": "¥"}
_MINUTE = 60
_HOUR = 3_600
_DAY = 86_400
_GIST_VALUES = 4
_SHORT_CHARACTERS = 40


class Amount(Protocol):
    """An exact amount of a currency, in major units."""

    @property
    def amount(self) -> Any: ...
    @property
    def currency(self) -> str: ...


def figure(amount: Amount | None) -> str:
    """``1,234.50``, ``(1,234.50)``, or an en dash for zero and for nothing."""
    if amount is None:
        return NIL
    value = Decimal(amount.amount)
    if not value:
        return NIL
    text = f"{abs(value):,.{decimals(amount.currency)}f}"
    return f"({text})" if value < 0 else text


def said(amount: Amount) -> str:
    """A figure within a sentence, where a dash would be no word."""
    text = figure(amount)
    return "nothing" if text == NIL else text


def sign(amount: Amount | None) -> str:
    """The class of a figure's cell: ``nil``, ``neg`` or nothing."""
    value = Decimal(amount.amount) if amount is not None else Decimal(0)
    return "nil" if not value else "neg" if value < 0 else ""


def count(number: int) -> str:
    """``1,204``, or an en dash for none."""
    return f"{number:,}" if number else NIL


def symbol(currency: str) -> str:
    """The sign that stands before a figure; the code where there is no sign everybody knows."""
    return _SYMBOLS.get(currency, currency)


def day(value: date | None, today: date | None = None) -> str:
    """``17 Dec``; with the year when it isn't this one."""
    if value is None:
        return NIL
    if today is None or value.year == today.year:
        return f"{value.day} {value:%b}"
    return f"{value.day} {value:%b %Y}"


def long_day(value: date) -> str:
    """``24 November 2026``."""
    return f"{value.day} {value:%B %Y}"


def moment(value: datetime | None, time_zone: str = "UTC") -> str:
    """``24 Nov 2026, 9:02 am EST`` in the client's own time."""
    if value is None:
        return "never"
    local = value.astimezone(ZoneInfo(time_zone))
    hour = local.hour % 12 or 12
    return f"{local.day} {local:%b %Y}, {hour}:{local:%M} {'am' if local.hour < 12 else 'pm'} {local:%Z}"


def ago(value: datetime | None, now: datetime) -> str:
    """``now``, ``6 min``, ``3 h``, ``2 d``: an age for a narrow column."""
    if value is None:
        return "never"
    seconds = max(0, int((now - value).total_seconds()))
    if seconds < _MINUTE:
        return "now"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min"
    return f"{seconds // _HOUR} h" if seconds < _DAY else f"{seconds // _DAY} d"


def until(value: datetime | None, now: datetime) -> str:
    """``now``, ``in 6 min``, ``in 3 h``, ``in 2 d``; a dash for never."""
    if value is None:
        return NIL
    told = ago(now, value)
    return told if told == "now" else f"in {told}"


def local_day(value: datetime, time_zone: str) -> str:
    """``17 Dec 2026`` by the client's own calendar."""
    local = value.astimezone(ZoneInfo(time_zone))
    return f"{local.day} {local:%b %Y}"


def plural(number: int, one: str, many: str | None = None) -> str:
    """``1 bill``, ``1,204 bills``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def sentence(words: str) -> str:
    """With a capital, as a row begins."""
    return words[:1].upper() + words[1:]


def instant(text: str) -> datetime:
    """An instant written in the log."""
    return datetime.fromisoformat(text)


def gist(body: dict[str, Any]) -> str:
    """The short values of a log line, named: enough to know which line it is."""
    told = [
        f"{name.replace('_', ' ')} {value}"
        for name, value in body.items()
        if isinstance(value, str | int) and not isinstance(value, bool) and len(str(value)) <= _SHORT_CHARACTERS
    ]
    return ", ".join(told[:_GIST_VALUES])


def as_json(value: Any) -> str:
    """A log line's own value, on one line."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def answer(sentence: str) -> Markup:
    """An answer with its first sentence standing out."""
    first, stop, rest = sentence.partition(". ")
    return Markup("<b>{}{}</b> {}").format(first, stop.strip(), rest) if rest else Markup("<b>{}</b>").format(sentence)


def zulu(value: datetime) -> str:
    """For ``<time datetime>``."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@lru_cache(maxsize=1)
def templates() -> Environment:
    """The one template environment: everything is escaped, a name that isn't there is an error."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    filters = {
        "figure": figure,
        "sign": sign,
        "count": count,
        "symbol": symbol,
        "day": day,
        "long_day": long_day,
        "moment": moment,
        "ago": ago,
        "until": until,
        "local_day": local_day,
        "plural": plural,
        "zulu": zulu,
        "answer": answer,
        "said": said,
        "gist": gist,
        "instant": instant,
        "json": as_json,
        "sentence": sentence,
        "standing": label,
    }
    environment.filters.update(filters)
    return environment


def page(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """Render a page. ``csrf``, ``theme`` and ``density`` come from the request; the rest from the route.

    That a client's page was opened is passed on (``app.state.looked``): what is looked at is kept fresher.
    """
    client = getattr(context.get("frame"), "client", None)
    if client is not None:
        request.app.state.looked(client.business_id)
    context.setdefault("csrf", getattr(request.state, "csrf", ""))
    context["theme"] = _one_of(request.cookies.get("interlock_theme"), ("light", "dark"))
    context["density"] = _one_of(request.cookies.get("interlock_density"), ("comfortable",))
    context["path"] = request.url.path
    context["who"] = request.cookies.get("interlock_person")
    context["demo"] = getattr(request.app.state, "demo", None) is not None
    return HTMLResponse(templates().get_template(template).render(context), status)


def wants_fragment(request: Request) -> bool:
    """Whether HTMX asks for a row to open in place rather than a page."""
    return request.headers.get("hx-request") == "true" and request.headers.get("hx-history-restore-request") != "true"


def _one_of(value: str | None, known: tuple[str, ...]) -> str | None:
    return value if value in known else None
