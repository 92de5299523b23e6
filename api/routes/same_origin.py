"""The CSRF check of everything that writes: a JSON body from a page of this very service."""

from __future__ import annotations

import os

from fastapi import Request

from api.refusals import NotAllowedError

__all__ = ["is_https", "same_origin"]


def same_origin(request: Request) -> None:
    """Raise `NotAllowedError` unless Origin is this service and the body is JSON.

    Behind a reverse proxy with HTTPS the service sees neither scheme nor name of what browsers open: the one more
    origin that is taken is the environment's `WANGGE_PUBLIC_ORIGIN`, such as `https://grid.example`; none by default.
    Browsers set Origin themselves, and ask before they send JSON across origins; a form can do neither.
    """
    origin = request.headers.get("origin", "")
    own = f"{request.url.scheme}://{request.headers.get('host', '')}"
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if not origin or origin not in {own, _public()} or kind != "application/json":
        raise NotAllowedError(
            "只接受本服务页面发来的 JSON 请求", "only JSON requests from a page of this service are accepted"
        )


def is_https(request: Request) -> bool:
    """Tell whether the browser came by HTTPS: to the service itself, or to the public origin in front of it."""
    return request.url.scheme == "https" or f"https://{request.headers.get('host', '')}".lower() == _public()


def _public() -> str:
    return os.environ.get("WANGGE_PUBLIC_ORIGIN", "").strip().rstrip("/").lower()
