"""A person's browser as far as these journeys need one: cookies by host, redirects one by one, forms as they stand."""

import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from email.message import Message
from html import unescape
from typing import Any


@dataclass(frozen=True)
class Page:
    """An answer; ``url`` is where it came from."""

    status: int
    url: str
    headers: Message
    text: str

    @property
    def said(self) -> str:
        """What a person reads: no tags, one blank between words."""
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", self.text.partition("<main")[2])).split())

    @property
    def onward(self) -> str:
        """Where a page that goes on by itself goes."""
        found = re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', self.text)
        assert found, f"{self.url} does not go on by itself: {self.said}"
        return urllib.parse.urljoin(self.url, unescape(found[1]))


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


@dataclass
class Traveller:
    """One browser. ``cookies`` by host and port: stricter than browsers, which is what tells whose cookie it is."""

    cookies: dict[str, dict[str, str]] = field(default_factory=dict)

    def get(self, url: str, **headers: str) -> Page:
        """One request; a redirect is an answer too."""
        return self._ask("GET", url, None, headers)

    def follow(self, url: str) -> Page:
        """Through redirects to a page."""
        page = self.get(url)
        while page.status in (302, 303, 307):
            page = self.get(urllib.parse.urljoin(page.url, page.headers["location"]))
        return page

    def send(self, page: Page, action: str, fields: dict[str, str] | None = None) -> Page:
        """Send the form of ``page`` that leads to ``action``, with its hidden fields and ``fields``."""
        for form in re.findall(r"<form[^>]*>.*?</form>", page.text, re.S):
            leads_to = unescape((re.search(r'action="([^"]*)"', form) or ["", ""])[1])
            hidden = {
                unescape(name): unescape(value)
                for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form)
            }
            if leads_to == action and (not fields or not any(hidden.get(k, v) != v for k, v in fields.items())):
                return self._ask("POST", urllib.parse.urljoin(page.url, action), {**hidden, **(fields or {})}, {})
        raise AssertionError(f"{page.url} has no form that leads to {action} with {fields}: {page.said}")

    def send_first(self, page: Page, ending: str) -> Page:
        """Send the first form whose address ends so."""
        actions = re.findall(r'action="([^"]*)"', page.text)
        found = next((unescape(each) for each in actions if each.endswith(ending)), None)
        assert found, f"{page.url} has no form that leads to …{ending}: {page.said}"
        return self.send(page, found)

    def _ask(self, method: str, url: str, fields: dict[str, str] | None, headers: dict[str, str]) -> Page:
        host = urllib.parse.urlsplit(url).netloc
        kept = self.cookies.setdefault(host, {})
        sent = {"Accept": "text/html", **headers}
        if kept:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in kept.items())
        data = None if fields is None else urllib.parse.urlencode(fields).encode()
        request = urllib.request.Request(url, data, sent, method=method)
        try:
            with urllib.request.build_opener(_Stay).open(request) as answer:
                return self._page(answer, url, kept)
        except urllib.error.HTTPError as answer:
            with answer:
                return self._page(answer, url, kept)

    def _page(self, answer: Any, url: str, kept: dict[str, str]) -> Page:
        for cookie in answer.headers.get_all("set-cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            kept[name] = value
        return Page(answer.status, url, answer.headers, answer.read().decode())
