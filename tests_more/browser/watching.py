"""A browser tab that tells on its page: console errors, page errors, and requests that leave the host fail the test."""

from typing import Literal

from playwright.sync_api import Browser, Page

Theme = Literal["light", "dark"]
_HEIGHT = 900
_OURS = ("data:", "about:", "blob:")


class Watched:
    """A context manager that gives a tab of its own, in a window of its own. ``also``: other hosts that it may ask."""

    def __init__(
        self,
        browser: Browser,
        url: str,
        *,
        width: int,
        theme: Theme = "light",
        javascript: bool = True,
        also: tuple[str, ...] = (),
    ) -> None:
        self._hosts = tuple(f"{each}/" for each in (url, *also))
        self._said: list[str] = []
        self._window = browser.new_context(
            viewport={"width": width, "height": _HEIGHT},
            color_scheme=theme,
            java_script_enabled=javascript,
            base_url=url,
        )
        self._window.on("request", lambda request: self._asked(request.url))
        self._window.on("weberror", lambda error: self._said.append(f"page error: {error.error}"))
        self._window.on("console", lambda message: self._heard(message.type, message.text))

    def __enter__(self) -> Page:
        return self._window.new_page()

    def __exit__(self, kind: object, *_: object) -> None:
        self._window.close()
        if kind is None:
            assert not self._said, f"the page was not quiet: {self._said}"

    def _heard(self, kind: str, text: str) -> None:
        # A page that isn't there is asked for on purpose; Chromium reports its 404 as an error.
        if kind in {"error", "warning"} and "status of 404" not in text:
            self._said.append(f"console {kind}: {text}")

    def _asked(self, url: str) -> None:
        if not url.startswith((*self._hosts, *_OURS)):
            self._said.append(f"request to another host: {url}")
