"""What every answer of the service carries: a content security policy with a nonce, and no leaks.

Pure ASGI, so that streamed and compressed answers pass through untouched. A Host header that is no name of
this machine is refused when the service listens on loopback (DNS rebinding). A body that is too long, or does
not say how long it is, is refused before a byte of it is read.
"""

from __future__ import annotations

import ipaddress
import secrets
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse

from api.errors import fault_answer

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["GuardHeaders", "is_loopback"]

_MOST_BODY_BYTES = 2_000_000
"""5,000 blocks with long names take a quarter of this; nothing that a page sends is longer."""


def is_loopback(host: str) -> bool:
    """Tell whether an address to listen on is this machine's own.

    >>> is_loopback("127.0.0.1"), is_loopback("[::1]"), is_loopback("0.0.0.0"), is_loopback("127.evil.example")
    (True, True, False, False)
    """
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.removeprefix("[").removesuffix("]")).is_loopback
    except ValueError:
        return False


class GuardHeaders:
    """Middleware: nonce in `request.state.nonce`, security headers out, foreign Host headers refused."""

    def __init__(self, app: ASGIApp, *, loopback: bool) -> None:
        self._app = app
        self._loopback = loopback

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._loopback and not _own_name(Headers(scope=scope).get("host", "")):
            await PlainTextResponse("unknown host", status_code=421)(scope, receive, send)
            return
        refusal = _body_refused(Headers(scope=scope))
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        state = scope.setdefault("state", {})
        state["nonce"], state["frame_ancestors"] = nonce, "'none'"

        started = False

        async def guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                _write(MutableHeaders(scope=message), nonce, state["frame_ancestors"])
            await send(message)

        try:
            await self._app(scope, receive, guarded)
        except Exception as error:
            answer = fault_answer(scope["path"], error)  # here, so that a fault carries the headers too
            if started:
                raise
            await answer(scope, receive, guarded)


def _own_name(host: str) -> bool:
    """Tell whether a Host header, with or without a port, names this machine."""
    name, colon, port = host.rpartition(":")
    if not colon or "]" in port:
        name, port = host, ""
    return port.isdecimal() is bool(port) and is_loopback(name)


def _body_refused(headers: Headers) -> PlainTextResponse | None:
    """Refuse a body that is too long, or sent in chunks: then its length is not known beforehand."""
    length = headers.get("content-length", "0")
    if "transfer-encoding" in headers or not length.isdecimal():
        return PlainTextResponse("length required", status_code=411)
    return PlainTextResponse("too long", status_code=413) if int(length[:20]) > _MOST_BODY_BYTES else None


def _write(headers: MutableHeaders, nonce: str, ancestors: str) -> None:
    headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
        f"img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; "
        f"frame-ancestors {ancestors}"
    )
    if ancestors == "'none'":
        headers["X-Frame-Options"] = "DENY"
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "no-referrer"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if ancestors == "'none'":
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers.setdefault("Cache-Control", "no-store")
