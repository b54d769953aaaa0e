"""The gate in front of every page and call, until people can sign in.

Who is at this machine may look. Whoever came through another name, a proxy or another site may not; whoever changes
something must show the form's own token or the local one. Only what authenticates itself (webhooks by signature, OAuth
callbacks by state, a customer's link out of reminders by its seal) is reachable from outside.
"""

import hmac
import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

from itsdangerous import BadSignature, Signer

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

BODY_BYTES = 65_536
FIELD = "csrf_token"
_COOKIE = "interlock_csrf"
_SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}
_LOOPBACK_NAMES = {"localhost", "127.0.0.1", "::1"}
_FORWARDING = {b"forwarded", b"via", b"x-real-ip", b"x-client-ip", b"x-cluster-client-ip", b"true-client-ip"}
_FORWARDING_STARTS = (b"x-forwarded-", b"x-original-", b"cf-")
_OPEN_TO_THE_OUTSIDE = re.compile(r"/webhooks/.+|/oauth/[^/]+/callback|/unsubscribe/[^/]+")
# Its body, or its address, is signed: no form of ours has to vouch for it, wherever it comes from.
_SIGNED = re.compile(r"/webhooks/.+|/unsubscribe/[^/]+")
# As many as the largest batch of the console sends, and some; the body's size bounds them too.
_FIELDS_MOST = 4_000
# Valid in JSON, in a form and in a path, and PostgreSQL keeps it nowhere.
_NUL_IN_BODY = re.compile(rb"\x00|(?<!\\)(?:\\\\)*\\u0000")


class Turned(Exception):
    """A request that goes no further: status, code and sentence of its answer."""

    def __init__(self, status: HTTPStatus, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.code, self.sentence = status, code, sentence


@dataclass(frozen=True)
class Caller:
    """What the headers say of a request. Values are the last ones sent; hosts are all of them."""

    hosts: list[str]
    headers: dict[bytes, str]
    forwarded: bool

    @classmethod
    def of(cls, scope: Scope) -> "Caller":
        pairs = [(name.lower(), value.decode("latin-1")) for name, value in scope["headers"]]
        forwarded = any(name in _FORWARDING or name.startswith(_FORWARDING_STARTS) for name, _ in pairs)
        return cls([value for name, value in pairs if name == b"host"], dict(pairs), forwarded)

    def get(self, name: bytes) -> str:
        return self.headers.get(name, "")


class Gate:
    """ASGI middleware. ``answer`` turns a refusal into a response in the form the caller understands."""

    def __init__(
        self,
        app: Application,
        *,
        token: str,
        public_url: str | None,
        answer: Callable[[Scope, Turned], Application],
    ) -> None:
        self._app = app
        self._token = token
        self._signer = Signer(token, salt="interlock.csrf")
        self._public = _public_host(public_url)
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
                return
            await self._app(scope, receive, send)
            return
        caller = Caller.of(scope)
        port = scope["server"][1]
        nonce, fresh = self._nonce(caller, port)
        scope.setdefault("state", {})["csrf"] = nonce
        try:
            outside = self._admit(scope, caller)
            if "\x00" in scope["path"] or b"%00" in scope.get("query_string", b""):
                raise _unkept()
            if scope["method"] not in _SAFE and not outside and not _SIGNED.fullmatch(scope["path"]):
                receive = await self._allow_change(caller, receive, nonce if not fresh else None)
        except Turned as turned:
            await self._answer(scope, turned)(scope, receive, send)
            return
        # Another site's answer arrives without our strict cookie: a new one here would make every open form an old one.
        gives = fresh and not outside and not _OPEN_TO_THE_OUTSIDE.fullmatch(scope["path"])
        cookie = f"{_COOKIE}_{port}={nonce}; Path=/; HttpOnly; SameSite=Strict" if gives else None
        await self._app(scope, receive, _with_cookie(send, cookie) if cookie else send)

    def _admit(self, scope: Scope, caller: Caller) -> bool:
        """Whether the request is from outside (and may be there); ``Turned`` when it may not come in."""
        if len(caller.hosts) != 1:
            raise Turned(HTTPStatus.BAD_REQUEST, "bad_host", "A request names exactly one host.")
        host, server = caller.hosts[0].lower(), scope["server"]
        public = self._public is not None and host == self._public
        if not public and not _is_here(host, server[1]):
            raise Turned(
                HTTPStatus.MISDIRECTED_REQUEST,
                "unknown_host",
                f"Interlock answers on this machine only, as http://127.0.0.1:{server[1]}.",
            )
        if not public and not caller.forwarded:
            if server[0] not in _LOOPBACK_NAMES:
                raise Turned(HTTPStatus.FORBIDDEN, "not_loopback", "Until people can sign in, only this machine may.")
            return False
        if _OPEN_TO_THE_OUTSIDE.fullmatch(scope["path"]):
            return True
        raise Turned(
            HTTPStatus.FORBIDDEN,
            "not_from_outside",
            "From outside this machine only webhooks, OAuth callbacks and links to unsubscribe can be reached.",
        )

    async def _allow_change(self, caller: Caller, receive: Receive, nonce: str | None) -> Receive:
        _same_site(caller)
        body = await _body(caller, receive)
        bearer = caller.get(b"authorization")
        if bearer:
            kind, _, given = bearer.partition(" ")
            if kind.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), self._token.encode()):
                raise Turned(
                    HTTPStatus.UNAUTHORIZED,
                    "bad_token",
                    "That is not this installation's local token; it is in the .token file beside the database.",
                )
        else:
            shown = caller.get(b"x-csrf-token") or _field(caller, body)
            if nonce is None or not shown or not hmac.compare_digest(shown.encode(), nonce.encode()):
                raise Turned(
                    HTTPStatus.FORBIDDEN,
                    "csrf_refused",
                    "Nothing was changed: this form's token is missing or old. Reload the page and send it again;"
                    " programs use the local token as a bearer token.",
                )
        form = caller.get(b"content-type").startswith("application/x-www-form-urlencoded")
        if b"%00" in body if form else _NUL_IN_BODY.search(body):
            raise _unkept()
        return _replay(body, receive)

    def _nonce(self, caller: Caller, port: int) -> tuple[str, bool]:
        """The form token of this browser, and whether it was made just now."""
        try:
            kept = SimpleCookie(caller.get(b"cookie")).get(f"{_COOKIE}_{port}")
            if kept is not None:
                self._signer.unsign(kept.value)
                return kept.value, False
        except (BadSignature, CookieError):
            pass  # a cookie of another installation or a mangled one: it is replaced
        return self._signer.sign(secrets.token_urlsafe(18)).decode(), True


def _public_host(public_url: str | None) -> str | None:
    """The public address as a Host header has it; a loopback one is no public address."""
    if not public_url:
        return None
    parts = urlsplit(public_url)
    return None if (parts.hostname or "") in _LOOPBACK_NAMES else parts.netloc.lower()


def _is_here(host: str, port: int) -> bool:
    try:
        parts = urlsplit(f"//{host}")
        return parts.hostname in _LOOPBACK_NAMES and (parts.port or 80) == port and "@" not in host
    except ValueError:
        return False


def _unkept() -> Turned:
    return Turned(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "bad_input",
        "Nothing was changed: a text here holds the character NUL, which can't be kept.",
    )


def _same_site(caller: Caller) -> None:
    """A browser says where a form came from; only our own pages may send one."""
    ours = f"http://{caller.hosts[0].lower()}"
    origin, referrer = caller.get(b"origin"), caller.get(b"referer")
    foreign = origin.lower() != ours if origin else bool(referrer) and not f"{referrer.lower()}/".startswith(f"{ours}/")
    if foreign or caller.get(b"sec-fetch-site") in {"cross-site", "same-site"}:
        raise Turned(
            HTTPStatus.FORBIDDEN, "foreign_origin", "Nothing was changed: this was sent from another site's page."
        )


async def _body(caller: Caller, receive: Receive) -> bytes:
    too_large = Turned(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "too_large",
        f"Nothing was changed: a request may hold {BODY_BYTES:,} bytes at most.",
    )
    length = caller.get(b"content-length")
    if length.isdigit() and int(length) > BODY_BYTES:
        raise too_large
    read = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Turned(
                HTTPStatus.BAD_REQUEST, "cut_off", "Nothing was changed: this request broke off before its end."
            )
        read += message.get("body", b"")
        if len(read) > BODY_BYTES:
            raise too_large
        if not message.get("more_body"):
            return bytes(read)


def _field(caller: Caller, body: bytes) -> str:
    if not caller.get(b"content-type").startswith("application/x-www-form-urlencoded"):
        return ""
    try:
        return parse_qs(body.decode("utf-8", "replace"), max_num_fields=_FIELDS_MOST).get(FIELD, [""])[0]
    except ValueError:
        return ""


def _replay(body: bytes, receive: Receive) -> Receive:
    waiting = [body]

    async def again() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return again


def _with_cookie(send: Send, cookie: str) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], (b"set-cookie", cookie.encode())]}
        await send(message)

    return sending
