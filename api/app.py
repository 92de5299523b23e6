"""The service as one FastAPI application over one project."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING

from fastapi import Depends, FastAPI
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from api.deps import _signed_in
from api.errors import add_error_handlers
from api.headers import GuardHeaders, is_loopback
from api.routes import collections, edits, embeds, health, pages, plans, rows
from api.settings import ServiceState
from web import STATIC

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response
    from starlette.types import Scope

    from api.store import Project

__all__ = ["create_app"]

_SERVED = (".js", ".css", ".png", ".woff2")
"""What a page loads; the scripts that rebuild the folder stay in it."""


def create_app(project: Project, *, host: str = "127.0.0.1", port: int = 0) -> FastAPI:
    """Build the service over an open project.

    `host` and `port` are where it will listen: on loopback foreign Host headers are refused, and the port
    is part of the session cookie's name. FastAPI's own page of the interface is off, because it loads from other
    hosts; ours is at `/docs`, from the description at `/api/v1/openapi.json`, both for signed-in users.
    """
    app = FastAPI(title="网格 wangge", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.service = ServiceState(project, port=port)
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)
    app.add_middleware(GuardHeaders, loopback=is_loopback(host))
    add_error_handlers(app)
    for module in (health, pages, embeds, edits, plans, rows):
        app.include_router(module.router)
    app.add_api_route(
        "/api/v1/openapi.json", _description(app), include_in_schema=False, dependencies=[Depends(_signed_in)]
    )
    app.include_router(collections.router)
    app.mount("/static", _PageFiles(directory=STATIC), name="static")
    return app


class _PageFiles(StaticFiles):
    """The static folder, only what pages load; browsers keep it and ask whether it changed."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        if not path.endswith(_SERVED):
            raise HTTPException(status_code=404)
        answer = await super().get_response(path, scope)
        answer.headers["Cache-Control"] = "no-cache"
        return answer


def _description(app: FastAPI) -> Callable[[], JSONResponse]:
    def description() -> JSONResponse:
        """Give the OpenAPI description of this service; the first words of each description name it in lists."""
        told = copy.deepcopy(app.openapi())
        for asked in (one for path in told["paths"].values() for one in path.values()):
            asked["summary"] = re.split(r"[.;:]", asked.get("description", asked.get("summary", "")))[0]
        return JSONResponse(told)

    return description
