"""`wangge serve`: the page on this machine, one printed link, until Ctrl-C."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["serve"]

_READ_S = 30.0
"""No page may keep the database busy for longer; `WANGGE_READ_S` says otherwise."""


def serve(
    project: str, *, host: str = "127.0.0.1", port: int = 8000, browser: bool = False, say: Callable[[str], None]
) -> None:
    """Serve a project until it is interrupted; `say` gets the link once the service answers."""
    from api.server import serve_project
    from api.store import open_project

    def ready(link: str) -> None:
        say(link)
        if browser:
            import webbrowser

            webbrowser.open(link)

    with open_project(project, read_s=_READ_S) as opened:
        serve_project(opened, host=host, port=port, ready=ready)
    sys.stdout.flush()
