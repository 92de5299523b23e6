"""What every answer of the service carries: a content security policy with a nonce, and no leaks.

Pure ASGI, so that streamed and compressed answers pass through untouched. A Host header that is no name of
this machine is refused when the service listens on loopback (DNS rebinding).
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["GuardHeaders", "is_loopback"]

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1", "[::1]"})


def is_loopback(host: str) -> bool:
    """Tell whether an address to listen on is this machine's own.

    >>> is_loopback("127.0.0.1"), is_loopback("0.0.0.0")
    (True, False)
    """
    return host in _LOOPBACK or host.startswith("127.")


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
        nonce = secrets.token_urlsafe(16)
        state = scope.setdefault("state", {})
        state["nonce"], state["frame_ancestors"] = nonce, "'none'"

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                _write(MutableHeaders(scope=message), nonce, state["frame_ancestors"])
            await send(message)

        await self._app(scope, receive, guarded)


def _own_name(host: str) -> bool:
    name = host.rsplit(":", 1)[0] if host.count(":") == 1 or (host.startswith("[") and "]:" in host) else host
    return is_loopback(name)


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
    headers.setdefault("Cache-Control", "no-store")
