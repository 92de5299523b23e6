"""`wangge backups`: the backups of a project, and how many of them are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.jobs.desk import Target, opened, who
from api.jobs.progress import Progress, part
from api.store.backups import KEEP, KEEP_SETTING, list_backups, prune_backups

if TYPE_CHECKING:
    from api.store.backups import Backup

__all__ = ["BackupOptions", "run_backups"]


@dataclass(frozen=True)
class BackupOptions:
    """How many backups to keep from now on; None leaves that as it is."""

    keep: int | None = None


def run_backups(project: Target, options: BackupOptions, progress: Progress | None = None) -> dict[str, Any]:
    """List the backups of a project, newest first; with `keep`, the number kept is set and older ones go."""
    tell = part(progress, "备份", "backups")
    tell(0, 1, "")
    removed: list[str] = []
    with opened(project) as store:
        if options.keep is not None:
            with store.change(who=who(), action="keep backups") as change:
                change.set(KEEP_SETTING, options.keep)
            removed = prune_backups(store.backend)
        backups = [_row(backup) for backup in list_backups(store.backend)]
        keep = store.settings.get(KEEP_SETTING, KEEP)
        tell(1, 1, "")
        return {"project": store.target, "backups": backups, "keep": keep, "removed": removed}


def _row(backup: Backup) -> dict[str, Any]:
    return {
        "name": backup.name, "target": backup.target, "at": backup.at, "reason": backup.reason,
        "bytes": backup.bytes,
    }  # fmt: skip
