"""Running the service: a port that is ours before anything is said, one link, a quiet end."""

from __future__ import annotations

import contextlib
import errno
import http.cookiejar
import signal
import socket
import threading
import urllib.request
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import uvicorn

from api.app import create_app
from api.auth import Principal
from api.jobs.desk import who
from api.routes.pages import prepare
from spatial.errors import SpatialError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from api.settings import ServiceState
    from api.store import Project

__all__ = ["PortError", "page_answers", "running", "serve_project"]


class PortError(SpatialError):
    """The address cannot be listened on."""


def serve_project(project: Project, *, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve until interrupted; `ready` gets the one link once the service answers, and its page is made meanwhile."""
    listener = _listen(host, port)
    server = _server(project, listener, host=host, ready=ready)
    threading.Thread(target=_prepare, args=(server,), daemon=True).start()
    server.run(sockets=[listener])


def _prepare(server: _Server) -> None:
    """Make the first page before anybody asks for it; should that fail, whoever asks is told why."""
    with contextlib.suppress(Exception):
        prepare(server.state, server.principal)


@contextlib.contextmanager
def running(project: Project, *, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve in a thread for as long as the block lasts; gives the link with its token.

    Raises `PortError` where the port is taken, or the service does not start within 60 s.
    """
    listener, link, up = _listen(host, port), [""], threading.Event()

    def ready(url: str) -> None:
        link[0] = url
        up.set()

    server = _server(project, listener, host=host, ready=ready)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        if not up.wait(timeout=60):
            raise PortError("服务没有在 60 秒内启动", "the service did not start within 60 seconds")
        yield link[0]
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()


def page_answers(project: Project) -> dict[str, Any]:
    """Serve for a moment on a free loopback port, sign in by the link as a browser does, read the page once."""
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    )
    with running(project) as link:
        base = link.partition("/?")[0]
        with opener.open(f"{base}/healthz", timeout=60) as answer:
            healthy = answer.status == HTTPStatus.OK
        with opener.open(link, timeout=120) as answer:
            page = answer.read()
            return {"healthz": healthy, "status": answer.status, "bytes": len(page)}


def _listen(host: str, port: int) -> socket.socket:
    """Take the port. `PortError` where another program has it, or the address is not this machine's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(100)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortError(
                f"端口 {port} 已被占用：换一个 --port，或用 --port 0 任选空闲端口",
                f"port {port} is in use: choose another --port, or --port 0 for any free one",
            ) from None
        raise PortError(
            f"不能在 {host}:{port} 上服务：{error.strerror}", f"cannot serve on {host}:{port}: {error.strerror}"
        ) from None
    return listener


def _server(project: Project, listener: socket.socket, *, host: str, ready: Callable[[str], None]) -> _Server:
    port = listener.getsockname()[1]
    app = create_app(project, host=host, port=port)
    principal = Principal(who(), "admin")
    token = app.state.service.doorkeeper.invite(principal)
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="off", server_header=False, timeout_graceful_shutdown=5
    )
    return _Server(
        config,
        lambda: ready(f"http://{_shown(host)}:{port}/?token={token}"),
        state=app.state.service,
        principal=principal,
    )


def _shown(host: str) -> str:
    """Give the host of the printed link: this machine where all addresses are listened on."""
    if host in {"0.0.0.0", "::"}:  # noqa: S104  # compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


class _Server(uvicorn.Server):
    """Says when it answers, and ends on SIGINT or SIGTERM without raising them again."""

    def __init__(
        self, config: uvicorn.Config, ready: Callable[[], None], *, state: ServiceState, principal: Principal
    ) -> None:
        super().__init__(config)
        self.state, self.principal = state, principal
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before: dict[int, Any] = {
            each: signal.signal(each, self.handle_exit) for each in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)
