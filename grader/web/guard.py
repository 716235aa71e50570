"""Who may use the review page: whoever has the link, from this machine, on the page itself."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs

from starlette.datastructures import URL, Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # With no-referrer a browser would call the origin of our own forms "null".
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_REFUSED: Final = "Open the link that `grader review` printed.\n"


def _secret() -> str:
    return secrets.token_urlsafe(32)


@dataclass(frozen=True, slots=True)
class Keys:
    """The secrets of one run: `token` in the link, `session` in the cookie, `form` in each form."""

    token: str = field(default_factory=_secret)
    session: str = field(default_factory=_secret)
    form: str = field(default_factory=_secret)


@dataclass(frozen=True, slots=True)
class Guard:
    """Lets a request through where it is for this host, with the cookie that the link gave.

    Another name for this host in a request is that of a page that had its own name lead here
    (DNS rebinding). A page elsewhere can send neither the cookie with a POST nor the form's secret.
    """

    app: ASGIApp
    keys: Keys
    hosts: frozenset[str]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or let the application answer; every answer has the strict headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_strictly(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        await self._answer(scope)(scope, receive, send_strictly)

    def _answer(self, scope: Scope) -> ASGIApp:
        headers = Headers(scope=scope)
        if headers.get("host") not in self.hosts:
            return PlainTextResponse(_REFUSED, 421)
        query = parse_qs(URL(scope=scope).query)
        if scope["path"] == "/" and _same(query.get("token", [""])[0], self.keys.token):
            opened = RedirectResponse("/work", 303)
            opened.set_cookie(self._cookie, self.keys.session, httponly=True, samesite="lax")
            return opened
        cookies = cookie_parser(headers.get("cookie", ""))
        if not _same(cookies.get(self._cookie, ""), self.keys.session):
            return PlainTextResponse(_REFUSED, 403)
        if scope["method"] not in {"GET", "HEAD"} and not self._is_from_here(headers):
            return PlainTextResponse(_REFUSED, 403)
        return self.app

    @property
    def _cookie(self) -> str:
        # Cookies do not tell ports apart, and two reviews may be open at once.
        return f"grader-review-{min(self.hosts).rpartition(':')[2]}"

    def _is_from_here(self, headers: Headers) -> bool:
        origin = headers.get("origin")
        site = headers.get("sec-fetch-site", "same-origin")
        return site == "same-origin" and (
            origin is None or origin in {f"http://{host}" for host in self.hosts}
        )


def _same(given: str, due: str) -> bool:
    return hmac.compare_digest(given.encode(), due.encode())
