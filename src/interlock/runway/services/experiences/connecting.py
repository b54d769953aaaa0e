"""A row of clients that somebody connects one after the other: what came of each, and which is next."""

from typing import Literal

from interlock.rails.ports import ConnectRow, Place, Standing
from interlock.runway.services.calculators.words import counted
from interlock.runway.services.views import View

Tone = Literal["stop", "warn", "clear", "none"]
_ENDED = {"connected", "left out"}
_WORDS: dict[Standing, tuple[str, Tone]] = {
    "waiting": ("Waiting", "none"),
    "asked": ("Asked at Intuit", "none"),
    "at work": ("Being tried", "none"),
    "cut short": ("Cut short", "warn"),
    "connected": ("Connected", "clear"),
    "unsure": ("Which company?", "warn"),
    "denied": ("Not allowed", "warn"),
    "refused": ("Refused", "stop"),
    "failed": ("Failed", "warn"),
    "left out": ("Left out", "none"),
}
_SAID: dict[Standing, str] = {
    "waiting": "",
    "asked": "A browser was sent to Intuit’s page and has not come back yet.",
    "at work": "The answer is being tried; look again in a moment.",
    "cut short": "Something ended while the answer was being tried. Nothing was saved; try again.",
}


class PlaceView(View):
    """One client of the row. ``name`` is what it is called here, or what was asked for; ``open``: it can be (re)tried."""

    attempt_id: str
    place: int
    name: str
    standing: Standing
    words: str
    tone: Tone
    said: str
    company_name: str | None
    realm_id: str | None
    slug: str | None
    open: bool


class ConnectingExperience(View):
    """``next_attempt`` is the first that still needs a person."""

    ask: str
    say: str
    round_id: str
    path: str
    places: tuple[PlaceView, ...]
    connected: int
    next_attempt: str | None
    done: bool


def get_connecting_experience(row: ConnectRow) -> ConnectingExperience:
    places = tuple(_view(each) for each in row.places)
    connected = sum(each.standing == "connected" for each in places)
    left = [each for each in places if each.open]
    following = next((each for each in left if each.standing == "waiting"), left[0] if left else None)
    return ConnectingExperience(
        ask="Which client is connected next?" if left else "Is everybody connected?",
        say=_say(places, connected, len(left)),
        round_id=row.round_id,
        path=f"/connect/qbo/{row.round_id}",
        places=places,
        connected=connected,
        next_attempt=following.attempt_id if following else None,
        done=not left,
    )


def _view(place: Place) -> PlaceView:
    words, tone = _WORDS[place.standing]
    return PlaceView(
        attempt_id=place.attempt_id,
        place=place.place,
        name=place.client or place.name or "By its QuickBooks name",
        standing=place.standing,
        words=words,
        tone=tone,
        said=place.said or _SAID.get(place.standing, ""),
        company_name=place.company_name,
        realm_id=place.external_id,
        slug=place.slug,
        open=place.standing not in _ENDED,
    )


def _say(places: tuple[PlaceView, ...], connected: int, left: int) -> str:
    if len(places) == 1:
        only = places[0]
        return only.said or f"{only.name} waits to be connected."
    done = f"{connected} of {counted(len(places), 'client')} connected."
    return f"{done} " + ("None is left." if not left else f"{left} {'is' if left == 1 else 'are'} left.")
