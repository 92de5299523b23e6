"""Names of columns: what a county calls them, and which column of ours they are."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from files.reading.errors import ReadError
from spatial.layers import LAYERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["COORDINATES", "Mapped", "known_names", "map_columns", "plain", "read_mapping", "synonyms_of", "words_of"]

COORDINATES = ("lon", "lat", "both", "wkt")


@dataclass(frozen=True)
class Mapped:
    """Which file column feeds which of ours, and what became of the others.

    `codes` names, for a column of ours, the code list that its numbers are in (`gbt28181`, `gat1400`, `degrees`).
    """

    sources: dict[str, str]
    explicit: frozenset[str] = frozenset()
    codes: dict[str, str] = field(default_factory=dict)
    personal: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def plain(name: object) -> str:
    """Reduce a name to what synonyms are compared by: half-width, lower case, without spaces, signs and units.

    >>> plain("户数（户）"), plain(" Camera_Type "), plain("ＸＺＱＭＣ"), plain("方位角(°)")
    ('户数', 'cameratype', 'xzqmc', '方位角')
    """
    text = unicodedata.normalize("NFKC", str(name)).casefold().strip()
    short = re.sub(r"[\(\[【<][^\)\]】>]*[\)\]】>]\s*$", "", text)
    return re.sub(r"[\s_\-:*.@()/\[\]【】]+", "", short or text)


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("files.reading").joinpath("synonyms.toml").read_text(encoding="utf-8"))


def synonyms_of(layer: str) -> dict[str, list[str]]:
    """List, for every column of a layer and for its coordinates, the names it goes by, the own one first."""
    table = _table()
    own, common = table.get(layer, {}), table["common"]
    found = {name: [name, *own.get(name, []), *common.get(name, [])] for name in LAYERS[layer].names}
    for name, listed in found.items():
        if len(name) > 10:  # as a shapefile cuts it
            listed.append(name[:10])
    if layer == "members":
        return found | {name: table["coordinates"][name] for name in COORDINATES}
    return found | {name: list(table["coordinates"][name]) for name in COORDINATES}


def words_of(layer: str, column: str, source: str) -> dict[str, str]:
    """Map the words (lower case) found in a column to the values of ours; codes of a standard by the source's name."""
    table = _table()
    listed = table["values"].get(layer, {}).get(column, {})
    coded = table["codes"].get(layer, {}).get(plain(source), {})
    pairs = [(word, value) for value, words in {**listed}.items() for word in words]
    pairs += [(word, value) for value, words in coded.items() for word in words]
    return {unicodedata.normalize("NFKC", word).casefold(): value for word, value in pairs}


def known_names(layer: str) -> set[str]:
    """Give every name, in its plain form, that some column of the layer goes by."""
    names = {plain(name) for listed in synonyms_of(layer).values() for name in listed}
    return names | {plain(name) for name in _table()["keys"]["any"]}


def read_mapping(columns: Mapping[str, Any] | Path | str | None, layer: str) -> tuple[dict[str, str], dict[str, str]]:
    """Read the user's own mapping: column of ours = column of the file, and the code list of its numbers.

    Either way round is understood; a table named after the layer wins over the top level. Raises `ReadError` for a file
    that cannot be read, and for a line of which neither side is a column of the layer.

    >>> read_mapping({"cameras": {"azimuth_deg": {"column": "方向码", "codes": "gbt28181"}}}, "cameras")
    ({'azimuth_deg': '方向码'}, {'azimuth_deg': 'gbt28181'})
    """
    if columns is None:
        return {}, {}
    if not isinstance(columns, str | Path):
        table = dict(columns)
    else:
        path = Path(columns)
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        except OSError:
            raise ReadError(f"找不到列对照文件 {path.name}", f"no such column mapping: {path.name}") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
            zh, en = f"{path.name} 不是有效的 TOML：{fault}", f"{path.name} is not valid TOML: {fault}"
            raise ReadError(zh, en) from None
    table = dict(table.get(layer, table))
    ours = {*LAYERS[layer].names, *COORDINATES}
    sources: dict[str, str] = {}
    codes: dict[str, str] = {}
    for left, right in table.items():
        name = right.get("column", left) if isinstance(right, dict) else str(right)
        if left in ours:
            sources[left] = name
            if isinstance(right, dict) and "codes" in right:
                codes[left] = str(right["codes"])
        elif name in ours:
            sources[name] = left
        elif not isinstance(right, dict):
            listed = ", ".join([*LAYERS[layer].names, "lon", "lat"])
            raise ReadError(
                f"列对照“{left} = {right}”中没有一个是 {layer} 的列；可用：{listed}",
                f"column mapping '{left} = {right}': neither is a column of {layer}; known: {listed}",
            )
    return sources, codes


def map_columns(
    names: Sequence[str],
    layer: str,
    *,
    columns: Mapping[str, Any] | Path | str | None = None,
    crowded: Iterable[str] = (),
) -> Mapped:
    """Decide which file column feeds which of ours.

    The user's mapping wins, then the exact name of ours, then synonyms in their order. `crowded` names columns
    whose values repeat, which are taken as a key only by their own name. Columns about persons are named apart;
    a member's name is kept, a phone number only where the mapping asks for it.

    Raises
    ------
    ReadError
        The mapping names a column that the file lacks.
    """
    wanted, codes = read_mapping(columns, layer)
    missing = [source for source in wanted.values() if source not in names]
    if missing:
        raise ReadError(
            f"文件中没有列“{missing[0]}”（列对照要求）；文件的列：{'、'.join(names)}",
            f"the file has no column '{missing[0]}' (asked for by the mapping); it has: {', '.join(names)}",
        )
    personal = [name for name in names if _is_personal(name) and not (layer == "members" and _names_member(name))]
    free = [name for name in names if name not in wanted.values() and name not in personal]
    sources = dict(wanted)
    known = {column: listed for column, listed in synonyms_of(layer).items() if column != "phone"}
    for take in (1, None):  # our own names first, so that no synonym takes them away
        for column, listed in known.items():
            if column not in sources:
                found = _first(listed[:take], [name for name in free if name not in sources.values()])
                if found is not None:
                    sources[column] = found
    key = LAYERS[layer].key[-1] if LAYERS[layer].key else ""
    if key and key not in sources:
        unique = [name for name in free if name not in sources.values() and name not in set(crowded)]
        found = _first(_table()["keys"]["any"], unique)
        if found is not None:
            sources[key] = found
    used = set(sources.values())
    unknown = tuple(name for name in names if name not in used and name not in personal)
    dropped = tuple(name for name in personal if name not in used)
    return Mapped(sources, frozenset(wanted), codes, dropped, unknown)


def _first(listed: Iterable[str], names: Sequence[str]) -> str | None:
    by_plain: dict[str, str] = {}
    for name in names:
        by_plain.setdefault(plain(name), name)
    for word in listed:
        if word in names:
            return word
        if plain(word) in by_plain:
            return by_plain[plain(word)]
    return None


def _is_personal(name: str) -> bool:
    text, table = plain(name), _table()["personal"]
    return any(plain(word) in text for word in table["contains"]) or text in {plain(word) for word in table["secret"]}


def _names_member(name: str) -> bool:
    return plain(name) in {plain(word) for word in _table()["members"]["member"]}
