"""`wangge load`: one layer from a file into the project, all or nothing."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from api.jobs.desk import Stopwatch, Target, counted, opened, who
from api.jobs.listed import list_of_data
from api.jobs.progress import Progress, part
from api.jobs.reload import compared_with_stored, repeats
from api.store import RepeatedKeyError, is_database, refuse_project_as_input
from api.store.backups import backed_up, prune_backups
from api.store.errors import repeated_key
from data.boundaries import COUNTIES, county
from files.reading import read_layer, write_rejected
from files.writing.differences import require_list_place, write_differences
from spatial.codes import CodeTables
from spatial.crs import STORAGE, measuring_crs
from spatial.errors import SchemaError
from spatial.layers import LAYERS

if TYPE_CHECKING:
    from api.store import Change, Project, StoreError
    from api.store.backups import Backup
    from files.reading.incoming import Incoming

__all__ = ["LoadOptions", "read_for", "run_load", "shipped_tables", "store_layer"]


@dataclass(frozen=True)
class LoadOptions:
    """What to load, and how to read it; the defaults find out by themselves.

    `preview` does everything but store; `changes` is where the list of differences goes (.xlsx or .csv);
    `backup` keeps the project as it is before a layer with rows is replaced.
    """

    layer: str
    file: str
    datum: str = "auto"
    crs: str | None = None
    encoding: str = "auto"
    columns: str | None = None
    replace: bool = False
    accept_good: bool = False
    preview: bool = False
    changes: str | None = None
    backup: bool = True


def run_load(project: Target, options: LoadOptions, progress: Progress | None = None) -> dict[str, Any]:
    """Load one layer; make the project where there is none.

    Raises the refusal of the reader (nothing is stored), `RepeatedKeyError` for a key that is stored
    already, `ProjectAsInputError` where the file is the project itself, `StoreError` where no backup can be made.
    """
    watch = Stopwatch()
    tell = part(progress, "导入", "loading")
    layer = _input_layer(options.layer)
    if options.changes is not None:
        require_list_place(Path(options.changes))
    tell(0, 3, "")
    with opened(project, create=not (options.preview and is_database(str(project)))) as store:
        incoming = read_for(store, options)
        tell(1, 3, "")
        done = _previewed(store, options, incoming) if options.preview else _stored(store, options, incoming)
        tell(2, 3, "")
        rejected = None if options.preview else _write_rejected(options.file, incoming.rejected)
        tell(3, 3, "")
        notes = [*incoming.notes, *done.notes]
        return {
            "project": store.target, "layer": layer, "file": options.file, "rows": len(incoming.frame),
            "total": store.count(layer), "datum": incoming.datum, "crs": STORAGE, "measuring_crs": done.crs,
            "notes": [{"zh": zh, "en": en} for zh, en in notes], **done.compared, "changes_file": options.changes,
            "preview": options.preview, "backup": None if done.backup is None else done.backup.target,
            "rejected": len(incoming.rejected), "rejected_file": rejected,
            **counted(incoming.problems), "seconds": watch.seconds,
        }  # fmt: skip


def read_for(store: Project, options: LoadOptions) -> Incoming:
    """Read a file for a layer of a project, against what the project holds; nothing is stored."""
    refuse_project_as_input(store, options.file)
    return read_layer(
        options.layer, Path(options.file), datum=options.datum, crs=options.crs, encoding=options.encoding,
        columns=None if options.columns is None else Path(options.columns), accept_good=options.accept_good,
        tables=shipped_tables() if options.layer == "villages" else None, **_context(store, options),
    )  # fmt: skip


@dataclass(frozen=True)
class _Done:
    """What came of the rows that were read."""

    crs: str | None
    compared: dict[str, Any]
    notes: list[tuple[str, str]]
    backup: Backup | None = None


def _stored(store: Project, options: LoadOptions, incoming: Incoming) -> _Done:
    """Store what was read, as one change; what it changes is found and listed before the first row goes."""
    layer = options.layer
    try:
        with store.change(who=who(), action=f"load {layer}") as change, ExitStack() as kept:
            destroys = options.replace and bool(store.count(layer))
            backup = None
            if destroys and options.backup:
                backup = kept.enter_context(backed_up(store.backend, change.connection, reason=f"load {layer}"))
            compared, notes = _compared(store, options, incoming)
            crs = store_layer(store, change, layer, incoming.frame, replace=options.replace)
            if options.replace:
                change.delete("problems", {"layer": layer, "plan": None, "run": None})
            list_of_data(change, incoming.problems.frame(STORAGE))
            change.record(after={
                "file": Path(options.file).name, "rows": len(incoming.frame), "datum": incoming.datum,
                "replaced": options.replace, "changes": compared["changes"],
                "backup": None if backup is None else backup.name,
            })  # fmt: skip
    except RepeatedKeyError as error:
        raise _told_apart(store, options, incoming, error) from error
    if destroys and backup is None:
        notes.append(
            ("没有做备份（--no-backup）：替换前的内容找不回来", "no backup was made: what was replaced is gone")
        )
    if backup is not None:
        prune_backups(store.backend)
    return _Done(crs, compared, notes, backup)


def _previewed(store: Project, options: LoadOptions, incoming: Incoming) -> _Done:
    """Say what storing would do, and write nothing but the list of changes."""
    with store.reading():
        if not options.replace:
            key = LAYERS[options.layer].key[0]
            again = store.read(options.layer, columns=[key])[key].isin(incoming.frame[key])
            if again.any():
                codes = store.read(options.layer, columns=[key])[key][again].tolist()
                error = repeated_key(options.layer, [key], codes[:5], len(codes), stored=True)
                raise _told_apart(store, options, incoming, error)
        compared, notes = _compared(store, options, incoming)
        crs = _measuring(store, options.layer, incoming.frame) or store.settings.get("measuring_crs")
    return _Done(crs, compared, [*notes, ("只是预演，没有存入项目", "a preview: nothing was stored")])


def _compared(store: Project, options: LoadOptions, incoming: Incoming) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Compare with what is there, and write the list where one was asked for; rows that are added are all new."""
    layer, frame = options.layer, incoming.frame
    crs = _measuring(store, layer, frame) or store.settings.get("measuring_crs")
    if not options.replace:
        frame = frame.iloc[:0] if options.changes is None else frame
    found = compared_with_stored(store, layer, frame, crs=crs, replace=options.replace)
    answer = found.answer()
    if not options.replace:
        answer["changes"] = {**dict.fromkeys(answer["changes"], 0), "added": len(incoming.frame)}
    if options.changes is not None:
        refuse_project_as_input(store, options.changes)
        write_differences(found.found.frame, Path(options.changes), effects=found.effects)
    return answer, [*found.notes, *(_lost_by_rejection(store, layer, incoming) if options.replace else [])]


def _lost_by_rejection(store: Project, layer: str, incoming: Incoming) -> list[tuple[str, str]]:
    """Say which stored rows a replacement takes away because their new rows were rejected."""
    key = LAYERS[layer].key[0]
    gone = set(incoming.rejected_keys) - set(incoming.frame[key].astype(str))
    stored = store.read(layer, columns=[key])[key].astype(str)
    lost = stored[stored.isin(gone)].tolist()
    if not lost:
        return []
    some, more = lost[:5], len(lost) > 5
    zh = (
        f"有 {len(lost)} 行未收、而项目里原有：随替换一起删除（{'、'.join(some)}{'……' if more else ''}）；"
        "要保留，请改正这些行后重新导入"
    )
    en = (
        f"{len(lost)} rows that were rejected are stored: they go with the replacement "
        f"({', '.join(some)}{' …' if more else ''}); to keep them, correct them and load again"
    )
    return [(zh, en)]


def _told_apart(store: Project, options: LoadOptions, incoming: Incoming, error: StoreError) -> StoreError:
    """Add to a refusal how many of the rows are stored as they are, and how many differently."""
    crs = _measuring(store, options.layer, incoming.frame) or store.settings.get("measuring_crs")
    more = repeats(store, options.layer, incoming.frame, crs=crs)
    return error if more is None else RepeatedKeyError(f"{error.zh}；{more[0]}", f"{error.en}; {more[1]}")


def store_layer(
    store: Project, change: Change, layer: str, frame: pd.DataFrame, *, replace: bool = False
) -> str | None:
    """Write a checked frame within an open change; gives the measuring CRS of the project."""
    crs = _measuring(store, layer, frame)
    if crs is not None:
        change.set("measuring_crs", crs)
        change.set("measuring_from", layer)
    if layer == "blocks":
        _store_blocks(store, change, frame, replace=replace)
    elif replace:
        change.replace(layer, frame)
    else:
        change.append(layer, frame)
    return crs or store.settings.get("measuring_crs")


def _input_layer(name: str) -> str:
    inputs = [layer.name for layer in LAYERS.values() if layer.input]
    if name not in inputs:
        raise SchemaError(
            f"没有名为 {name} 的图层；可导入：{'、'.join(inputs)}",
            f"there is no layer {name}; choose {', '.join(inputs)}",
        )
    return name


def _context(store: Project, options: LoadOptions) -> dict[str, gpd.GeoDataFrame | None]:
    """Give what the project holds already, for the reader to compare with."""
    names = {"villages": "villages", "roads": "barriers", "buildings": "buildings", "homes": "homes"}
    held = store.layers()
    return {
        argument: store.read(layer)
        if held.get(layer) and not (options.replace and layer == options.layer) and _compares(options.layer, layer)
        else None
        for argument, layer in names.items()
    }


def _compares(incoming: str, held: str) -> bool:
    """Tell whether a layer is compared with a stored one: all with villages, points and lines with the rest."""
    return held == "villages" or incoming in _COMPARED


_COMPARED = frozenset({"villages", "cameras", "places", "poles", "homes", "members", "incidents", "buildings"})
"""Layers whose datum shows when they are held against roads, buildings and homes, too."""


def _measuring(store: Project, layer: str, frame: pd.DataFrame) -> str | None:
    """Choose the measuring CRS by the first layer; villages decide anew as long as there is no plan."""
    if not isinstance(frame, gpd.GeoDataFrame) or frame.empty or frame.geometry.isna().all():
        return None
    settings = store.settings
    provisional = settings.get("measuring_from") not in {None, "villages"} and layer == "villages"
    if "measuring_crs" in settings and not (provisional and not store.count("plans")):
        return None
    west, south, east, north = frame.total_bounds
    epsg = measuring_crs((west + east) / 2, (south + north) / 2).to_epsg()
    return f"EPSG:{epsg}"


def _store_blocks(store: Project, change: Change, frame: gpd.GeoDataFrame, *, replace: bool) -> None:
    """Store a user's own blocks, and remember which rows they are: plans add blocks of their own."""
    loaded: list[str] = [] if replace else store.settings.get("loaded_blocks", [])
    if replace:
        for start in range(0, len(old := store.settings.get("loaded_blocks", [])), 5000):
            change.delete("blocks", {"block_id": old[start : start + 5000]})
    change.append("blocks", frame)
    change.set("loaded_blocks", [*loaded, *frame["block_id"].tolist()])


def _write_rejected(file: str, rejected: pd.DataFrame) -> str | None:
    return None if rejected.empty else str(write_rejected(Path(file), rejected))


def shipped_tables() -> CodeTables:
    """Give the town and village codes of the counties that are shipped."""
    shipped = [county(name) for name in COUNTIES if name != "tiny"]
    return CodeTables(
        pd.concat([each.towns for each in shipped], ignore_index=True),
        pd.concat([each.villages for each in shipped], ignore_index=True),
    )
