"""Who may speak to the page, and how: every request passes here first.

The page listens on this machine only, but every site that is open in the same
browser can send requests to it. Hence a token that no site knows, in a header that
no form can send; a Host check against rebound names; no word of CORS; and bodies
that are small, of stated length, and JSON.
"""

import asyncio
import contextlib
import hmac
from collections.abc import Mapping
from typing import NamedTuple

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

TOKEN_HEADER = "X-Framing-Token"
MAX_BODY = 64 << 10
"""Bytes of a request; a decision with the longest note takes a quarter of it."""

API = "/api/"
"""Below this path lies what the token guards; the page itself holds no data."""

_MAX_DRAINED = 1 << 20
_SECONDS_DRAINED = 0.5
_CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
SAFE_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": _CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""What every answer carries."""


class Refusal(NamedTuple):
    """Why a request is not served."""

    status: int
    reason: str


class Guard:
    """Serves requests of the page itself and refuses all others.

    Parameters
    ----------
    app : ASGI application
        What is guarded.
    token : str
        What a request for data must bring.
    port : int
        Where the page listens: part of the only Host and Origin that are right.
    """

    def __init__(self, app: ASGIApp, *, token: str, port: int) -> None:
        self._app = app
        self._token = token.encode()
        self._hosts = (f"127.0.0.1:{port}", f"localhost:{port}")
        self._origins = tuple(f"http://{host}" for host in self._hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse the request or hand it on; see to the headers of the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(SAFE_HEADERS)
                if message["status"] >= 400:
                    headers["Connection"] = "close"
            await send(message)

        refusal = self._why_not(scope)
        if refusal is None:
            await self._app(scope, receive, send_safely)
            return
        await _drain(receive)
        answer = JSONResponse({"error": refusal.reason}, refusal.status)
        await answer(scope, receive, send_safely)

    def _why_not(self, scope: Scope) -> Refusal | None:
        headers = Headers(scope=scope)
        writes = scope["method"] == "POST"
        if headers.getlist("host") not in [[host] for host in self._hosts]:
            return Refusal(421, "wrong Host header")
        if scope["method"] not in ("GET", "POST"):
            return Refusal(405, "GET and POST only")
        if headers.get("origin", self._origins[0]) not in self._origins:
            return Refusal(403, "wrong Origin")
        if headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            return Refusal(403, "request of another site")
        if (writes or scope["path"].startswith(API)) and not self._has_token(headers):
            return Refusal(403, "missing token")
        return _why_not_body(headers) if writes else None

    def _has_token(self, headers: Headers) -> bool:
        given = headers.get(TOKEN_HEADER, "").encode("latin-1")
        return hmac.compare_digest(given, self._token)


def _why_not_body(headers: Headers) -> Refusal | None:
    if headers.get("content-type", "").split(";")[0].strip() != "application/json":
        return Refusal(415, "JSON only")
    length = headers.get("content-length", "")
    if "transfer-encoding" in headers or not (length.isascii() and length.isdigit()):
        return Refusal(411, "Content-Length needed")
    # Compared by its digits: a number of thousands of them is no number to int().
    digits = length.lstrip("0")
    if len(digits) > len(str(MAX_BODY)) or int(digits or "0") > MAX_BODY:
        return Refusal(413, "too large")
    return None


async def _drain(receive: Receive) -> None:
    """Read on to the end of a refused request, for a while.

    Closing on unread bytes would reset the connection, answer and all.
    """
    left = _MAX_DRAINED
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_SECONDS_DRAINED):
            while left > 0:
                message = await receive()
                left -= len(message.get("body", b""))
                if not message.get("more_body", False):
                    return
