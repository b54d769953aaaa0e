"""The consent page: the signed-in user chooses a company and lets the app in, or not (qbo.md §1)."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlsplit

from aiohttp import web
from yarl import URL

from interlock_sandbox.grants import unknown_scopes
from interlock_sandbox.qbo.consent_page import STYLE, Choice, consent_page, error_page
from interlock_sandbox.sandbox import Sandbox

AUTHORIZE_PATH = "/connect/oauth2"
STYLE_PATH = "/connect/consent.css"
THIS_MACHINE = frozenset({"127.0.0.1", "localhost"})


class Redirected(NamedTuple):
    """A request that is answered at the app's own address, with an OAuth error."""

    error: str
    sentence: str


class NoSuchApp(Exception):
    """A request that must not be answered by a redirect; the message is a sentence for the page."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What an app asks for, after it and its address have been recognised."""

    client_id: str
    redirect_uri: str
    state: str
    scopes: tuple[str, ...]
    response_type: str

    def hidden(self) -> dict[str, str]:
        """The same as form fields."""
        return {
            "client_id": self.client_id, "redirect_uri": self.redirect_uri, "state": self.state,
            "scope": " ".join(self.scopes), "response_type": self.response_type,
        }  # fmt: skip

    def wrong(self) -> Redirected | None:
        """What makes it impossible, told to the app."""
        if self.response_type != "code":
            return Redirected("unsupported_response_type", "response_type must be code")
        unknown = unknown_scopes(self.scopes)
        if unknown or not self.scopes:
            return Redirected("invalid_scope", f"Unknown scope {unknown[0]}" if unknown else "scope is missing")
        return None


class Consent:
    """Handlers of the page."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(AUTHORIZE_PATH, self.show),
            web.post(AUTHORIZE_PATH, self.decide),
            web.get(STYLE_PATH, self.style),
        ]

    async def show(self, request: web.Request) -> web.Response:
        """The page; what can't be asked for goes back to the app, and what may come from elsewhere goes nowhere."""
        try:
            wish = self._wish(request.query)
        except NoSuchApp as stranger:
            return _page(error_page(str(stranger)), 400)
        wrong = wish.wrong()
        self._note(wish, "shown" if wrong is None else wrong.error)
        if wrong is not None:
            return _back(wish, error=wrong.error, error_description=wrong.sentence)
        return self._ask(wish)

    async def decide(self, request: web.Request) -> web.Response:
        """Connect: a code for the chosen company. Cancel: ``access_denied``."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        try:
            wish = self._wish(form)
        except NoSuchApp as stranger:
            return _page(error_page(str(stranger)), 400)
        wrong = wish.wrong()
        if wrong is not None:
            return _back(wish, error=wrong.error, error_description=wrong.sentence)
        if form.get("decision") != "connect":
            self._note(wish, "access_denied")
            return _back(wish, error="access_denied")
        realm = form.get("realm", "")
        if realm not in self.sandbox.companies:
            return self._ask(wish, "Choose a company first.")
        event = self.sandbox.grants.code(realm, self.sandbox.clock.now(), wish.scopes, wish.redirect_uri)
        self.sandbox.record(event)
        self._note(wish, "connected", realm)
        return _back(wish, code=event["code"], realmId=realm)

    async def style(self, request: web.Request) -> web.Response:
        del request
        return web.Response(text=STYLE, content_type="text/css", charset="utf-8")

    def _note(self, wish: Wish, outcome: str, realm: str | None = None) -> None:
        """For the control API: what was asked for, whatever came of it."""
        self.sandbox.asked.append(
            {
                "at": self.sandbox.clock.now().isoformat(), "scopes": list(wish.scopes), "outcome": outcome,
                "redirect_uri": wish.redirect_uri, "realm_id": realm,
            }
        )  # fmt: skip

    def _ask(self, wish: Wish, trouble: str = "") -> web.Response:
        choices = [Choice(client.books.realm_id, client.name) for client in self.sandbox.firm.clients]
        page = consent_page(
            firm=self.sandbox.firm.name,
            choices=sorted(choices, key=lambda choice: choice.name.casefold()),
            scopes=wish.scopes,
            target=_origin(wish.redirect_uri),
            hidden=wish.hidden(),
            trouble=trouble,
        )
        return _page(page, 400 if trouble else 200, form_target=_origin(wish.redirect_uri))

    def _wish(self, sent: Mapping[str, str]) -> Wish:
        client_id, redirect_uri = sent.get("client_id", ""), sent.get("redirect_uri", "")
        if not hmac.compare_digest(client_id.encode(), self.sandbox.client_id.encode()):
            raise NoSuchApp("The client_id of the address is not that of a known app.")
        if not self._known(redirect_uri):
            raise NoSuchApp("The redirect_uri of the address is not one the app has registered.")
        if not sent.get("state"):
            raise NoSuchApp("The state of the address is missing.")
        scopes = tuple(dict.fromkeys(sent.get("scope", "").split()))
        return Wish(client_id, redirect_uri, sent["state"], scopes, sent.get("response_type", ""))

    def _known(self, redirect_uri: str) -> bool:
        if redirect_uri in self.sandbox.grants.redirects:
            return True
        try:
            parts = urlsplit(redirect_uri)
            URL(redirect_uri)
        except ValueError:
            return False
        return parts.scheme == "http" and parts.hostname in THIS_MACHINE and not parts.username and not parts.fragment


def _origin(redirect_uri: str) -> str:
    return str(URL(redirect_uri).origin())


def _back(wish: Wish, **answer: str) -> web.Response:
    target = URL(wish.redirect_uri).extend_query({**answer, "state": wish.state})
    return web.Response(status=302, headers={"Location": str(target), "Cache-Control": "no-store"})


def _page(html: str, status: int = 200, form_target: str = "") -> web.Response:
    """A page that needs no script and no inline style; forms may lead to itself and on to the app."""
    policy = (
        "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self' {form_target}".rstrip()
    )
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return web.Response(status=status, text=html, content_type="text/html", charset="utf-8", headers=headers)
