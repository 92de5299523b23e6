"""The CSRF check of everything that writes: a JSON body from a page of this very service."""

from __future__ import annotations

from fastapi import Request

from api.errors import NotAllowedError

__all__ = ["same_origin"]


def same_origin(request: Request) -> None:
    """Raise `NotAllowedError` unless Origin is this service and the body is JSON.

    Browsers set Origin themselves, and ask before they send JSON across origins; a form can do neither.
    """
    origin = request.headers.get("origin", "")
    own = f"{request.url.scheme}://{request.headers.get('host', '')}"
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if origin != own or kind != "application/json":
        raise NotAllowedError(
            "只接受本服务页面发来的 JSON 请求", "only JSON requests from a page of this service are accepted"
        )
