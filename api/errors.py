"""Which refusal is which HTTP status, in one table; everything else is an internal error with an id."""

from __future__ import annotations

import logging
import secrets
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.exceptions import HTTPException

from api.jobs.rows import shown_rows
from api.refusals import NotAllowedError, NotSignedInError, PreconditionError, StaleRevisionError, UnknownCodeError
from api.store import StoreError, row_versions
from api.store.errors import (
    BusyProjectError,
    MissingProjectError,
    NotAProjectError,
    RepeatedKeyError,
    RowConflictError,
    StaleInputError,
    UnknownKeyError,
    UnsupportedError,
)
from spatial.errors import BoundaryError, CrsError, InfeasibleError, SchemaError, SpatialError

if TYPE_CHECKING:
    from fastapi import FastAPI, Request, Response

__all__ = ["STATUS", "add_error_handlers", "fault_answer", "sign_in_page"]

_LOG = logging.getLogger("wangge.service")


STATUS: dict[type[Exception], int] = {
    NotSignedInError: 401,
    NotAllowedError: 403,
    UnknownCodeError: 404,
    StaleRevisionError: 409,
    InfeasibleError: 409,
    BoundaryError: 409,
    SchemaError: 422,
    CrsError: 422,
    SpatialError: 422,
    BusyProjectError: 503,
    MissingProjectError: 503,
    StoreError: 503,
    RepeatedKeyError: 409,
    UnknownKeyError: 409,
    StaleInputError: 409,
    RowConflictError: 412,
    PreconditionError: 428,
}
"""Status of each refusal; the nearest class in the tree counts."""


_OUTSIDE: dict[type[Exception], tuple[str, str]] = {
    BusyProjectError: (
        "项目正在被别的程序写入，请稍后再试",
        "another program is writing to the project, please try again",
    ),
    MissingProjectError: ("项目暂时打不开，请联系管理员", "the project cannot be opened now, please tell its keeper"),
    NotAProjectError: ("项目暂时打不开，请联系管理员", "the project cannot be opened now, please tell its keeper"),
    UnsupportedError: ("项目暂时打不开，请联系管理员", "the project cannot be opened now, please tell its keeper"),
    StoreError: ("项目读写失败，请联系管理员", "the project cannot be read or written now, please tell its keeper"),
}
"""What the client learns where the store's own words name paths and servers; those go to the log."""


def add_error_handlers(app: FastAPI) -> None:
    """Answer refusals with their status and both languages, faults with an id and nothing else."""
    app.add_exception_handler(SpatialError, _refused)
    app.add_exception_handler(StoreError, _refused)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http)


def status_of(error: Exception) -> int:
    """Give the HTTP status of a refusal."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def _answer(status: int, kind: str, zh: str, en: str, **more: Any) -> JSONResponse:
    words = [text.encode("utf-8", "replace").decode() for text in (zh, en)]  # what was sent may not be text
    return JSONResponse({"error": {"kind": kind, "zh": words[0], "en": words[1]}, **more}, status_code=status)


def sign_in_page() -> HTMLResponse:
    """Tell a person how to come in: links work once, and sessions end."""
    said = NotSignedInError()
    return HTMLResponse(
        "<!doctype html><html lang=zh-CN><meta charset=utf-8><title>网格 · 请先登录</title>"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel=icon href="data:,"><link rel=stylesheet href="/static/map.css">'
        f"<body><main class=wg-door><h1>请先登录</h1><p>{said.zh}。登录 12 小时有效，服务重启后也要重新登录。"
        "<p>链接用过了：在运行服务的电脑上重新运行 wangge serve，或请管理员用 wangge user 再发一个。"
        f"<hr><p lang=en>Please sign in: {said.en}. A session lasts 12 hours and ends with the service."
        " Start wangge serve again, or ask for a new link made by wangge user.</main></html>",
        status_code=401,
    )


def _refused(request: Request, error: Exception) -> Response:
    if isinstance(error, NotSignedInError) and "text/html" in request.headers.get("accept", ""):
        return sign_in_page()
    more: dict[str, Any] = {}
    if isinstance(error, StaleRevisionError):
        more = {"revision": error.revision, "conflict": error.conflict}
    if isinstance(error, RowConflictError):
        more = _both_versions(error)
    status = status_of(error)
    if type(error) in _OUTSIDE:
        _LOG.warning("%s: %s", type(error).__name__, error)
        zh, en = _OUTSIDE[type(error)]
    else:
        zh, en = getattr(error, "zh", str(error)), getattr(error, "en", str(error))
    return _answer(status, type(error).__name__, zh, en, **more)


def _both_versions(error: RowConflictError) -> dict[str, Any]:
    """Give what one wanted to write and what is stored now, row by row, for a person to choose."""
    versions = row_versions(error.theirs, error.layer)
    return {
        "yours": [] if error.yours is None else shown_rows(error.yours), "theirs": shown_rows(error.theirs),
        "versions": dict(zip(map(str, versions.index), versions, strict=True)),
    }  # fmt: skip


def _malformed(request: Request, error: Exception) -> JSONResponse:
    """Name the first field at fault; what was sent is not repeated."""
    del request
    faults = error.errors() if isinstance(error, RequestValidationError) else []
    first = faults[0] if faults else {"loc": (), "msg": ""}
    where = ".".join(str(step) for step in first["loc"])
    return _answer(422, "Malformed", f"请求有误：{where}：{first['msg']}", f"{where}: {first['msg']}")


def _http(request: Request, error: Exception) -> JSONResponse:
    del request
    status = error.status_code if isinstance(error, HTTPException) else 500
    words = {404: ("没有这个地址", "there is no such address"), 405: ("不支持这种请求", "method not allowed")}
    zh, en = words.get(status, ("请求被拒绝", "refused"))
    return _answer(status, "Http", zh, en)


def fault_answer(path: str, error: Exception) -> JSONResponse:
    """Log a fault with an id; the client learns the id only. `path` is the address without its query."""
    fault = secrets.token_hex(4)
    _LOG.error("fault %s at %r", fault, path, exc_info=error)
    return _answer(500, "Internal", f"内部错误，编号 {fault}", f"internal error, id {fault}", id=fault)
