"""`wangge user add`: a user of the service, with a role, a scope and a one-time link to sign in with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.auth import ROLES, digest, new_token
from api.jobs.desk import Target, now, opened, who
from spatial.errors import SchemaError

if TYPE_CHECKING:
    from api.jobs.progress import Progress

__all__ = ["UserOptions", "run_user"]


@dataclass(frozen=True)
class UserOptions:
    """Name, role, and the codes of counties, towns or villages in reach (empty: all)."""

    name: str
    role: str
    scope: tuple[str, ...] = ()


def run_user(project: Target, options: UserOptions, progress: Progress | None = None) -> dict[str, Any]:
    """Add a user, or give one that exists a new role, scope and link; links made before end.

    The project keeps a hash of the token only; the token is given this once. Raises `SchemaError` for an unknown role
    or a code of the scope that is no county, town or village of the project.
    """
    del progress
    if options.role not in ROLES:
        raise SchemaError(
            f"没有角色 {options.role}；可选：{'、'.join(ROLES)}", f"no role {options.role}: {', '.join(ROLES)}"
        )
    with opened(project) as store:
        villages = store.read("villages", columns=["village_code", "town_code", "county_code"])
        known = set(villages.to_numpy().ravel())
        unknown = [code for code in options.scope if code not in known]
        if unknown:
            raise SchemaError(
                f"--scope {unknown[0]}：项目里没有这个县、乡镇或村的编码",
                f"--scope {unknown[0]}: no county, town or village in the project has this code",
            )
        token = new_token()
        with store.change(who=who(), action="user") as change:
            users = store.settings.get("users", {})
            user = {
                "role": options.role, "scope": list(options.scope), "link": digest(token),
                "made_at": now().isoformat(),
            }  # fmt: skip
            change.set("users", {**users, options.name: user})
            change.record(after={"user": options.name, "role": options.role, "scope": list(options.scope)})
        return {
            "project": store.target, "user": options.name, "role": options.role, "scope": list(options.scope),
            "path": f"/?token={token}",
        }  # fmt: skip
