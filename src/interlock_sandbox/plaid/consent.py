"""The Hosted Link page: a person picks a login and accounts and agrees, or leaves; then back to the app (plaid.md §2)."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web
from yarl import URL

from interlock_sandbox.bank.institutions import INSTITUTIONS
from interlock_sandbox.bank.model import BankAccount
from interlock_sandbox.parties import Step
from interlock_sandbox.plaid.items import Link
from interlock_sandbox.plaid.link_calls import LINK_PATH
from interlock_sandbox.plaid.link_page import STYLE, STYLE_PATH, Option, accounts_page, banks_page, ended_page
from interlock_sandbox.plaid.party import Plaid
from interlock_sandbox.sandbox import Sandbox

NOT_KNOWN = "This address leads to no link. Go back to the app and start again."
EXPIRED = "This link has expired and nothing was connected. Go back to the app and start again."
DONE = "You can close this page and go back to the app."


class LinkPage:
    """Handlers of the page."""

    def __init__(self, sandbox: Sandbox, plaid: Plaid) -> None:
        self.sandbox = sandbox
        self.plaid = plaid

    def routes(self) -> list[web.RouteDef]:
        page = LINK_PATH + "/{page}"
        return [web.get(STYLE_PATH, self.style), web.get(page, self.show), web.post(page, self.decide)]

    async def style(self, request: web.Request) -> web.Response:
        del request
        return web.Response(text=STYLE, content_type="text/css", charset="utf-8")

    async def show(self, request: web.Request) -> web.Response:
        """The banks, or with ``login`` that bank's accounts; in update mode the Item's own bank at once."""
        link = self.plaid.link_at(request.match_info["page"])
        ended = self._ended(link)
        if ended is not None or link is None:
            return ended or _page(ended_page("Nothing here", NOT_KNOWN), 404)
        if link.open is None:
            self._act("start", link)
        if link.update:
            return self._renew(link)
        login = request.query.get("login")
        if login is None:
            return self._banks(link)
        held = self._held(login)
        if not held:
            return self._banks(link, "Choose a login first.")
        return self._accounts(link, login, held)

    async def decide(self, request: web.Request) -> web.Response:
        """Agree: a public token. Leave: none. Either way back to the app, if it said where."""
        link = self.plaid.link_at(request.match_info["page"])
        ended = self._ended(link)
        if ended is not None or link is None:
            return ended or _page(ended_page("Nothing here", NOT_KNOWN), 404)
        form = await request.post()
        if form.get("decision") != "agree":
            self._act("leave", link)
            return _back(link, "Nothing was connected")
        item = self.plaid.items.get(link.item or "")
        login = f"{item.realm}:{item.institution}" if link.update and item else str(form.get("login", ""))
        held = self._held(login)
        if not held:
            return self._banks(link, "Choose a login first.")
        wanted = {str(value) for value in form.getall("account", [])}
        chosen = [each.id for each in held if each.id in wanted]
        if not chosen:
            trouble = "Choose at least one account."
            return self._renew(link, trouble) if link.update else self._accounts(link, login, held, trouble)
        realm, _, institution = login.partition(":")
        if institution in self.plaid.down:
            return self._banks(link, f"{INSTITUTIONS[institution].name} is not responding. Try again later.")
        self._act("finish", link, realm=realm, institution=institution, accounts=chosen)
        return _back(link, "Connected")

    def _ended(self, link: Link | None) -> web.Response | None:
        if link is None:
            return None
        if link.done:
            return _page(ended_page("This link has been used", DONE), 410)
        if link.expires_at <= self.sandbox.clock.now():
            return _page(ended_page("Too late", EXPIRED), 410)
        return None

    def _banks(self, link: Link, trouble: str = "") -> web.Response:
        only = link.wanted.get("institution_id")
        options = []
        for client in sorted(self.sandbox.firm.clients, key=lambda client: str(client.name).casefold()):
            realm = client.books.realm_id
            for institution in dict.fromkeys(each.institution for each in self.plaid.bank.accounts(realm)):
                if only in (None, institution.id):
                    options.append(Option(f"{realm}:{institution.id}", client.name, institution.name))
        page = banks_page(path=_path(link), app=_app(link), options=options, trouble=trouble)
        return _page(page, 400 if trouble else 200, _target(link))

    def _accounts(self, link: Link, login: str, held: Sequence[BankAccount], trouble: str = "") -> web.Response:
        wanted = [*link.wanted.get("products", ()), *link.wanted.get("required_if_supported_products", ())]
        wanted += [*link.wanted.get("optional_products", ()), *link.wanted.get("additional_consented_products", ())]
        page = accounts_page(
            path=_path(link), app=_app(link), bank=held[0].institution.name, login=login,
            company=self._company(held[0].realm), options=_options(held, {each.id for each in held}),
            products=list(dict.fromkeys(wanted)), hidden={"login": login}, trouble=trouble,
        )  # fmt: skip
        return _page(page, 400 if trouble else 200, _target(link))

    def _renew(self, link: Link, trouble: str = "") -> web.Response:
        item = self.plaid.items[link.item or ""]
        login = f"{item.realm}:{item.institution}"
        held = self._held(login)
        page = accounts_page(
            path=_path(link), app=_app(link), bank=INSTITUTIONS[item.institution].name, login=login,
            company=self._company(item.realm), options=_options(held, set(item.accounts)), products=item.products,
            hidden={}, again=True, trouble=trouble,
        )  # fmt: skip
        return _page(page, 400 if trouble else 200, _target(link))

    def _held(self, login: str) -> list[BankAccount]:
        realm, _, institution = login.partition(":")
        if realm not in self.sandbox.companies:
            return []
        return [each for each in self.plaid.bank.accounts(realm) if each.institution.id == institution]

    def _company(self, realm: str) -> str:
        return next(str(client.name) for client in self.sandbox.firm.clients if client.books.realm_id == realm)

    def _act(self, act: str, link: Link, **more: object) -> None:
        self.sandbox.act("plaid", Step(self.sandbox.clock.now(), {"act": act, "link": link.token, **more}))


def _options(held: Sequence[BankAccount], on: set[str]) -> list[Option]:
    return [Option(each.id, each.name, f"{each.kind} ··{each.mask}", each.id in on) for each in held]


def _path(link: Link) -> str:
    return f"{LINK_PATH}/{link.page}"


def _app(link: Link) -> str:
    return str(link.wanted.get("client_name") or "An app")


def _target(link: Link) -> str:
    uri = link.hosted().get("completion_redirect_uri")
    return str(URL(str(uri)).origin()) if uri else ""


def _back(link: Link, heading: str) -> web.Response:
    uri = link.hosted().get("completion_redirect_uri")
    if not uri:
        return _page(ended_page(heading, DONE))
    return web.Response(status=303, headers={"Location": str(uri), "Cache-Control": "no-store"})


def _page(html: str, status: int = 200, form_target: str = "") -> web.Response:
    """A page that needs no script and no inline style; forms may lead to itself and on to the app."""
    policy = (
        "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self' {form_target}".rstrip()
    )
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return web.Response(status=status, text=html, content_type="text/html", charset="utf-8", headers=headers)
