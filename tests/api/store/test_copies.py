"""Copies in all four directions lose nothing: every layer, every bit, every row id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.store import Project, StoreError, copy_project, open_project
from api.store.copying import _batches
from api.store.models import SETTINGS, table_of
from api.store.urls import with_schema
from spatial.layers import LAYERS, Column

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_DATABASE = pytest.mark.postgis
DIRECTIONS = [
    pytest.param("file", "file"),
    pytest.param("file", "database", marks=_DATABASE),
    pytest.param("database", "file", marks=_DATABASE),
    pytest.param("database", "database", marks=_DATABASE),
]
Place = Any


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str, str], str]:
    """Give a function from a kind of place and a name to where a project may be."""

    def at(kind: str, name: str) -> str:
        if kind == "file":
            return str(tmp_path / f"{name}.gpkg")
        return with_schema(str(request.getfixturevalue("postgis_url")), name)

    return at


def stored(target: str) -> dict[str, list[tuple[Any, ...]]]:
    """Give every value that a project stores, in the order of row ids; floats by their bits, shapes as WKB."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    with open_project(target) as project, project.backend.transaction(write=False) as connection:
        for name in (*LAYERS, SETTINGS):
            found[name] = []
            for columns, shapes in _batches(project.backend, connection, table_of(name)):
                wkb = [] if shapes is None else [[None if one is None else one.wkb for one in shapes]]
                exact = [
                    [one.hex() if isinstance(one, float) else one for one in values] for values in columns.values()
                ]
                found[name] += zip(*exact, *wkb, strict=True)
    return found


def _exact(value: Any) -> Any:
    return value.hex() if isinstance(value, float) else value


@pytest.mark.parametrize(("origin", "goal"), DIRECTIONS)
def test_a_copy_is_the_same_in_every_direction(
    place: Callable[[str, str], str], rows_of: Callable[..., Any], origin: str, goal: str
) -> None:
    source, target = place(origin, "source"), place(goal, "target")
    with open_project(source, create=True) as project:
        with project.change(who="张三", action="load") as change:
            for name in LAYERS:
                if name not in {"history", "zones"}:  # one layer stays empty
                    change.append(name, rows_of(name, 230 if name == "homes" else 9))
        with project.change(who="李四", action="edit", plan="p") as change:
            change.delete("homes", {"home_id": ["home_id-3", "home_id-229"]})  # holes, also at the end
            change.set("users", {"李四": {"link": None, "scope": []}})
            change.set("empty", None)
            change.record(before={"比例": [1, 1.0, None, "\\u0000"]}, after="")
    before = stored(source)
    counts = copy_project(source, target)
    assert stored(source) == before == stored(target)
    assert {name: len(rows) for name, rows in before.items() if name != SETTINGS} == counts
    back = place(origin, "back")
    copy_project(target, back)
    assert stored(back) == before
    for one in (target, back):
        with open_project(one) as project, project.change(who="a", action="load") as change:
            change.append("homes", rows_of("homes", 2, first=1000))
            change.append("zones", rows_of("zones", 1))
            assert project.read("homes", columns=["fid"])["fid"].tolist()[-3:] == [229, 230, 231]


@pytest.mark.parametrize(("origin", "goal"), DIRECTIONS[1:3])
def test_what_others_wrote_from_outside_is_carried_as_it_is(
    place: Callable[[str, str], str], origin: str, goal: str
) -> None:
    """Ids far apart, JSON as it was typed, numbers at the ends of their range, moments finer than ours."""
    source, target = place(origin, "source"), place(goal, "target")
    rows = {
        "incidents": {"incident_id": "x", "fid": 2**40, "geom": shapely.Point(121.123456789012345, -0.0)},
        "plans": {"plan": "p", "fid": 9, "made_at": pd.Timestamp("2026-01-01T00:00:00.5Z"), "status": "draft"},
        "poles": {"pole_id": "", "fid": 7, "kind": "light", "cost_yuan": float("-inf"), "geom": shapely.Point(1, 2)},
        "buildings": {
            "buildings": None, "building_id": "b", "fid": 1, "floors": -(2**63), "households": 2**63 - 1,
            "geom": shapely.MultiPolygon([shapely.box(121, 41, 122, 42)]),
        },
    }  # fmt: skip
    with open_project(source, create=True) as project:
        with project.backend.transaction(write=True) as connection:
            for name, row in rows.items():
                table = table_of(name)
                values = {key: value for key, value in row.items() if key in table.c}
                connection.execute(sa.insert(table).values(**values))
            text = sa.text("UPDATE plans SET settings = :typed")
            if not project.is_file:
                text = sa.text("UPDATE plans SET settings = CAST(:typed AS json)")
            connection.execute(text, {"typed": '{ "b":1.0,\n "a":[1e2] , "b":2}'})
        project.keep()
    copy_project(source, target)
    before = stored(source)
    assert stored(target) == before
    assert before["incidents"][0][0] == 2**40
    assert '{ "b":1.0,\n "a":[1e2] , "b":2}' in before["plans"][0]


@pytest.mark.postgis
def test_a_text_that_one_place_cannot_hold_is_refused_and_the_copy_taken_back(
    place: Callable[[str, str], str], rows_of: Callable[..., Any]
) -> None:
    source, target = place("file", "source"), place("database", "target")
    with open_project(source, create=True) as project, project.change(who="a", action="load") as change:
        change.append("homes", rows_of("homes", 3))
        change.append("overlays", rows_of("overlays", 1).assign(name="a\0b"))
    with pytest.raises(StoreError, match="refuses a value"):
        copy_project(source, target)
    with open_project(target) as copy:
        assert not any(copy.layers().values())


_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
_DEGREES = st.floats(-180, 180, allow_nan=False)
_ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | _TEXT | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=5,
)
_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "text": _TEXT,
    "integer": st.integers(-(2**63), 2**63 - 1),
    "double": st.floats(allow_nan=False),
    "boolean": st.booleans(),
    "datetime": st.datetimes(pd.Timestamp("1900-01-01"), pd.Timestamp("2200-01-01"))
    .map(lambda at: pd.Timestamp(at).floor("ms").tz_localize("UTC")),
    "json": _ANY,
}  # fmt: skip


def _column(draw: st.DrawFn, column: Column, count: int) -> Any:
    one = _VALUES[column.kind] if column.required else st.none() | _VALUES[column.kind]
    values = draw(st.lists(one, min_size=count, max_size=count))
    if column.kind in {"text", "json"}:
        array = np.empty(count, dtype=object)
        array[:] = values
        return array if column.kind == "json" else pd.array(array, dtype="str")
    kinds = {"integer": "int64" if column.required else "Int64", "double": "float64", "boolean": "boolean"}
    if column.kind == "datetime":
        return pd.DatetimeIndex(pd.to_datetime(values, utc=True)).as_unit("ms")
    return pd.array(values, dtype=kinds[column.kind])


def _shape(draw: st.DrawFn, kind: str, *, required: bool) -> Any:
    if not required and draw(st.booleans()):
        return draw(
            st.sampled_from([None, shapely.from_wkt(f"{'POINT' if kind == 'Geometry' else kind.upper()} EMPTY")])
        )
    x, y = draw(_DEGREES), draw(_DEGREES)
    if kind in {"Point", "Geometry"}:
        return shapely.Point(x, y)
    ring = [(x, y), (draw(_DEGREES), draw(_DEGREES)), (draw(_DEGREES), draw(_DEGREES)), (x, y)]
    if kind == "MultiLineString":
        return shapely.MultiLineString([ring])
    return shapely.MultiPolygon([shapely.Polygon(ring)])


@st.composite
def frames(draw: st.DrawFn, layer: str) -> Any:
    """Draw rows of a layer: any text, any number, any shape of the right kind."""
    form, count = LAYERS[layer], draw(st.integers(1, 4))
    data = {column.name: _column(draw, column, count) for column in form.columns}
    for name in form.key:
        data[name] = pd.array([f"{number}{draw(_TEXT)}" for number in range(count)], dtype="str")
    if form.geometry is None:
        return pd.DataFrame(data)
    shapes = [_shape(draw, form.geometry, required=form.geometry_required) for _ in range(count)]
    return gpd.GeoDataFrame(data, geometry=gpd.GeoSeries(shapes, crs="EPSG:4490"))


@pytest.fixture(scope="module")
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Give an open project on each backend, shared by all examples."""
    server = str(request.getfixturevalue("postgis_server")).format(name="template_postgis")
    with (
        open_project(tmp_path_factory.mktemp("pair") / "county.gpkg", create=True) as file,
        open_project(with_schema(server.replace("template_postgis", "postgres"), "pair"), create=True) as database,
    ):
        yield file, database


@pytest.mark.postgis
@pytest.mark.parametrize("layer", [name for name in LAYERS if name != "history"])
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_a_frame_holds_is_the_same_on_both_backends(
    pair: tuple[Project, Project], layer: str, data: st.DataObject
) -> None:
    frame = data.draw(frames(layer))
    seen = []
    for project in pair:
        with project.change(who="h", action="load") as change:
            change.replace(layer, frame)
        seen.append(project.read(layer))
    file, database = seen
    for name in frame.columns:
        if name == "geometry":
            assert (
                file.geometry.to_wkb().tolist()
                == database.geometry.to_wkb().tolist()
                == frame.geometry.to_wkb().tolist()
            )
        elif LAYERS[layer].column(name).kind == "double":
            numbers = [np.asarray(one[name], "float64") for one in (file, database, frame)]
            numbers[2] = numbers[2] + 0.0  # minus zero is stored as zero
            first, second, given_ = (one.view("uint64").tolist() for one in numbers)
            assert first == second == given_
        else:
            for one in (file, database):
                pd.testing.assert_series_equal(one[name], frame[name], check_exact=True)
