"""What one running service holds: the project, who is signed in, and pages kept until the project changes."""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from api.auth import Doorkeeper

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.store import Project

__all__ = ["Kept", "ServiceState"]


class Kept:
    """Finished strings by key, oldest out first; a key holds the revision, so nothing is stale.

    Parameters
    ----------
    size
        Characters to keep at most; what is longer than that by itself is not kept.
    """

    def __init__(self, size: int = 40_000_000) -> None:
        self._size = size
        self._kept: OrderedDict[Any, str] = OrderedDict()
        self._lock = threading.Lock()
        self._making: defaultdict[Any, threading.Lock] = defaultdict(threading.Lock)

    def get(self, key: Any, make: Callable[[], str]) -> str:
        """Give what is kept under `key`, or make and keep it; who asks meanwhile waits for the first to finish."""
        with self._lock:
            making = self._making[key]
        try:
            with making:
                found = self._found(key)
                return self._keep(key, make()) if found is None else found
        finally:
            with self._lock:
                self._making.pop(key, None)

    def _found(self, key: Any) -> str | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def _keep(self, key: Any, made: str) -> str:
        with self._lock:
            self._kept[key] = made
            while sum(map(len, self._kept.values())) > self._size:
                self._kept.popitem(last=False)
        return made


@dataclass(frozen=True)
class ServiceState:
    """One running service."""

    project: Project
    port: int = 0
    doorkeeper: Doorkeeper = field(default_factory=Doorkeeper)
    kept: Kept = field(default_factory=Kept)

    @property
    def cookie(self) -> str:
        """Name of the session cookie: cookies know no ports, so the name holds it."""
        return f"wangge-{self.port}"
