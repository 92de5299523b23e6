"""Who may do what: one-time links, sessions, users with role and scope, tokens of embeds.

Tokens are 256 random bits. Only their SHA-256 is kept, which for random tokens is as good as a slow hash:
there is nothing to guess. Sessions live in memory and end with the service.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from api.refusals import NotAllowedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from api.store import Project

__all__ = ["ROLES", "Doorkeeper", "Principal", "Role", "digest", "new_token"]

Role = Literal["viewer", "planner", "security", "admin"]
ROLES: tuple[Role, ...] = ("viewer", "planner", "security", "admin")
SESSION_S = 12 * 3600


@dataclass(frozen=True)
class Principal:
    """A signed-in user: name, role, and the codes of counties, towns or villages in reach (empty: all)."""

    name: str
    role: Role
    scope: tuple[str, ...] = ()
    link: str | None = None
    """What the project keeps of the link this user signed in with; None for the link that the service printed."""

    @property
    def can_edit(self) -> bool:
        """Planners and admins draw cells."""
        return self.role in {"planner", "admin"}

    @property
    def sees_cameras(self) -> bool:
        """Security officers and admins see where cameras stand."""
        return self.role in {"security", "admin"}

    def require_edit(self) -> None:
        """Raise `NotAllowedError` unless this user may draw."""
        if not self.can_edit:
            raise NotAllowedError("您的角色只能查看，不能修改方案", "your role may look but not change the plan")

    def require_cameras(self) -> None:
        """Raise `NotAllowedError` unless this user may see cameras."""
        if not self.sees_cameras:
            raise NotAllowedError("摄像机位置只对安保人员开放", "camera positions are for security officers only")


def new_token() -> str:
    """Make a token of 256 random bits, fit for an address."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """Give what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass
class Doorkeeper:
    """Exchanges one-time tokens for sessions, and knows the sessions that are open."""

    _links: dict[str, Principal] = field(default_factory=dict)
    _sessions: dict[str, tuple[Principal, float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def invite(self, principal: Principal) -> str:
        """Make a one-time token for `principal`."""
        token = new_token()
        with self._lock:
            self._links[digest(token)] = principal
        return token

    def exchange(self, token: str, project: Project) -> str | None:
        """Give a session for a one-time token and use it up; None for a token that is not, or no longer, good."""
        key = digest(token)
        with self._lock:
            principal = self._links.pop(key, None)
        if principal is None:
            principal = _used_up(project, key)
        if principal is None:
            return None
        session = new_token()
        with self._lock:
            self._sessions[digest(session)] = (principal, time.monotonic() + SESSION_S)
        return session

    def known(self, session: str | None, project: Project) -> Principal | None:
        """Give the user of an open session; a session ends when its user is given another role, scope or link."""
        if not session:
            return None
        key = digest(session)
        with self._lock:
            principal, until = self._sessions.get(key, (None, 0.0))
            if principal is not None and until < time.monotonic():
                del self._sessions[key]
                return None
        if principal is not None and principal.link is not None:
            user = project.settings.get("users", {}).get(principal.name, {})
            if user.get("signed_in") != principal.link:
                with self._lock:
                    self._sessions.pop(key, None)
                return None
        return principal


def _used_up(project: Project, key: str) -> Principal | None:
    """Take the one-time token that `wangge user add` left in the project, in one transaction."""
    if not any(user.get("link") == key for user in project.settings.get("users", {}).values()):
        return None
    with project.change(who="service", action="sign in") as change:
        users: dict[str, dict[str, Any]] = project.settings.get("users", {})
        found = next((name for name, user in users.items() if user.get("link") == key), None)
        if found is None:  # another process was faster
            return None
        user = users[found]
        change.set("users", {**users, found: {**user, "link": None, "signed_in": key}})
        change.record(after={"user": found})
        return Principal(found, user["role"], tuple(user["scope"]), key)


def within(codes: Iterable[str], scope: tuple[str, ...]) -> bool:
    """Tell whether one of a village's codes (village, town, county) is in a scope; an empty scope holds all."""
    return not scope or any(code in scope for code in codes)
