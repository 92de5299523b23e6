"""Plans carried over to other villages: the same ground, the same households, the codes that may stay."""

from __future__ import annotations

import itertools
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.errors import SchemaError
from spatial.layers import LAYERS
from spatial.planning.carry import Carried, carry_plan
from spatial.planning.carry.changes import VillageChange, infer_changes, settle_changes
from spatial.planning.carry.declared import declared_now
from spatial.planning.cells import cells_from
from spatial.planning.compare import compare_plans
from spatial.planning.demand.scope import Previous
from spatial.planning.verify import verify_plan

CRS = "EPSG:4550"
A, B, C, D, N, M = (f"211122100{serial}" for serial in (201, 202, 203, 204, 298, 299))
SIDE, STEP = 800, 100


def outlines(**shapes: Any) -> gpd.GeoDataFrame:
    """Villages by code."""
    rows = {"village_code": list(shapes), "village": [f"村{code[-3:]}" for code in shapes]}
    return gpd.GeoDataFrame(
        rows, geometry=[shapely.multipolygons([s]) if s.geom_type == "Polygon" else s for s in shapes.values()], crs=CRS
    )


def square(place: int, *, right: float = SIDE) -> Any:
    return shapely.box(place * SIDE, 0, place * SIDE + right, SIDE)


REST = {B: square(1), C: square(2), D: square(3)}


def county(codes: tuple[str, ...] = (A, B, C, D)) -> tuple[Previous, gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Make a plan of square villages in a row: 64 blocks each, four cells each, a home of five in every block."""
    villages = outlines(**{code: square(place) for place, code in enumerate(codes)})
    rows, shapes, points = [], [], []
    for place, code in enumerate(codes):
        for i in range(8):
            for j in range(8):
                x, y = place * SIDE + i * STEP, j * STEP
                cell = f"{code}{1 + 2 * (i // 4) + (1 - j // 4):03d}"
                rows.append((f"{code}-{i}{j}", None, code, 5.0, 12.0, 1.0, 10.0, STEP * STEP, cell))
                shapes.append(shapely.multipolygons([shapely.box(x, y, x + STEP, y + STEP)]))
                points.append(shapely.Point(x + 37, y + 41))
    names = [*LAYERS["blocks"].names, "cell_code"]
    frame = gpd.GeoDataFrame(pd.DataFrame(rows, columns=names), geometry=shapes, crs=CRS)
    links = frame[["block_id", "cell_code"]].assign(plan="p001")
    blocks = frame.drop(columns="cell_code")
    cells = cells_from(links, blocks, villages, plan="p001", start_date="2025-01-01")
    homes = gpd.GeoDataFrame(
        {"home_id": [f"H{n}" for n in range(len(points))], "households": 5}, geometry=points, crs=CRS
    )
    return Previous(blocks, links, cells, frozenset(cells["cell_code"])), villages, homes


def carried(
    new: gpd.GeoDataFrame, *, changes: list[VillageChange] | None = None, **more: Any
) -> tuple[Carried, Previous]:
    previous, old, homes = county()
    names = dict(zip(old["village_code"], old["village"], strict=True))
    made = carry_plan(
        previous,
        new,
        names_before=names,
        changes=changes or infer_changes(old, new),
        homes=homes,
        plan="p002",
        start_date="2026-01-01",
        **more,
    )
    holds(made, previous, homes)
    return made, previous


def holds(made: Carried, previous: Previous, homes: gpd.GeoDataFrame) -> dict[str, Any]:
    """Hold a carried plan to the guarantees of a plan, and to losing nobody."""
    villages = made.villages[made.villages["village_code"].isin(made.cells["village_code"])].reset_index(drop=True)
    figures, problems = verify_plan(villages, made.cells, homes=homes)
    assert figures["exact_tiling"], problems.frame()["message_en"].tolist()
    assert figures["homes_once"]
    assert shapely.coverage_is_valid(made.blocks.geometry.to_numpy())
    assert figures["households"] == pytest.approx(previous.blocks["households"].sum(), abs=1e-6)
    assert made.blocks["block_id"].is_unique
    assert set(made.plan_blocks["block_id"]) == set(made.blocks["block_id"])
    new = set(made.cells["cell_code"])
    reused = new & set(previous.used_codes) - {code for code, then in made.codes.items() if code == then}
    assert not reused
    assert set(made.codes.values()) <= new
    assert len(set(made.codes.values())) == len(made.codes)
    exact = homes.set_geometry("geometry").sjoin(made.cells[["cell_code", "geometry"]], predicate="within")
    counted = exact.groupby("cell_code")["households"].sum()
    assert made.cells.set_index("cell_code")["households"].reindex(counted.index).to_numpy() == pytest.approx(
        counted.to_numpy()
    )
    return figures


def test_the_same_villages_give_the_same_plan() -> None:
    previous, old, _ = county()
    made, _ = carried(old)
    assert made.cells["cell_code"].tolist() == previous.cells["cell_code"].tolist()
    assert set(made.blocks["block_id"]) == set(previous.blocks["block_id"])
    assert made.changed == frozenset()
    assert made.problems.rows == []
    assert set(made.cells["start_date"]) == {"2025-01-01"}


def test_renaming_changes_only_names() -> None:
    _, old, _ = county()
    made, previous = carried(old.assign(village=["新名", *old["village"][1:]]))
    assert made.cells["cell_code"].tolist() == previous.cells["cell_code"].tolist()
    assert made.cells["cell"].iloc[0] == "新名01网格"
    assert made.cells["cell"].iloc[4] == previous.cells["cell"].iloc[4]


def test_a_name_given_by_hand_stays() -> None:
    previous, old, homes = county()
    cells = previous.cells.assign(cell=["幸福里", *previous.cells["cell"][1:]], note=["注", *[None] * 15])
    made = carry_plan(
        Previous(previous.blocks, previous.plan_blocks, cells, previous.used_codes),
        old.assign(village="别名", village_code=[N, B, C, D]), names_before={A: "村201"},
        changes=[VillageChange(A, N, "recoded", row=2)], homes=homes,
    )  # fmt: skip
    first = made.cells.set_index("cell_code").loc[f"{N}001"]
    assert (first["cell"], first["note"]) == ("幸福里", "注")


def test_a_recoded_village_keeps_its_serials_under_the_new_code() -> None:
    _, old, _ = county()
    made, _ = carried(old.assign(village_code=[N, B, C, D]))
    assert made.codes[f"{A}003"] == f"{N}003"
    assert [code for code in made.cells["cell_code"] if code.startswith(N)] == [f"{N}{n:03d}" for n in range(1, 5)]
    first = made.blocks[made.blocks["village_code"] == N]
    assert first["parent_id"].str.startswith(A).all()
    assert set(made.cells.loc[made.cells["village_code"] == N, "start_date"]) == {"2026-01-01"}


def test_a_recoded_village_does_not_reuse_serials_of_its_new_code() -> None:
    previous, old, homes = county()
    used = Previous(previous.blocks, previous.plan_blocks, previous.cells, previous.used_codes | {f"{N}002"})
    new = old.assign(village_code=[N, B, C, D])
    made = carry_plan(used, new, names_before={}, changes=infer_changes(old, new), homes=homes)
    mine = [code for code in made.cells["cell_code"] if code.startswith(N)]
    assert f"{N}002" not in mine
    assert len(mine) == 4


def test_two_villages_merged_into_a_new_one_get_new_serials_from_west_to_east() -> None:
    new = outlines(**{N: shapely.box(0, 0, 2 * SIDE, SIDE), C: square(2), D: square(3)})
    made, previous = carried(new)
    mine = made.cells[made.cells["village_code"] == N]
    assert mine["cell_code"].tolist() == [f"{N}{n:03d}" for n in range(1, 9)]
    assert mine.geometry.representative_point().x.is_monotonic_increasing
    assert made.codes[f"{C}002"] == f"{C}002"
    listed = compare_plans(
        previous.cells, previous.plan_blocks, made.cells, made.plan_blocks, pd.concat([previous.blocks, made.blocks])
        .drop_duplicates("block_id"),
    )  # fmt: skip
    assert dict(zip(listed.frame["old_code"], listed.frame["new_code"], strict=True)) == made.codes
    assert listed.totals["cells_unchanged"] == 8


def test_a_village_merged_into_its_neighbour_leaves_the_neighbours_codes() -> None:
    new = outlines(**{A: shapely.box(0, 0, 2 * SIDE, SIDE), C: square(2), D: square(3)})
    made, _ = carried(new)
    mine = [code for code in made.cells["cell_code"] if code.startswith(A)]
    assert mine == [f"{A}{n:03d}" for n in range(1, 9)]
    assert all(made.codes[f"{A}{n:03d}"] == f"{A}{n:03d}" for n in range(1, 5))
    assert sorted(made.codes[f"{B}{n:03d}"] for n in range(1, 5)) == [f"{A}{n:03d}" for n in range(5, 9)]


def test_a_village_split_between_cells_cuts_nothing() -> None:
    new = outlines(**{A: square(0, right=400), N: shapely.box(400, 0, SIDE, SIDE), **REST})
    made, previous = carried(new)
    assert len(made.blocks) == len(previous.blocks)
    assert made.codes[f"{A}001"] == f"{A}001"
    assert {made.codes[f"{A}003"], made.codes[f"{A}004"]} == {f"{N}001", f"{N}002"}


def test_a_border_through_blocks_cuts_them_into_children_and_counts_homes_exactly() -> None:
    """At 550 m the border runs between the homes (at 537 m) and the far side of their blocks."""
    new = outlines(**{A: square(0, right=550), N: shapely.box(550, 0, SIDE, SIDE), **REST})
    made, previous = carried(new)
    children = made.blocks[~made.blocks["block_id"].isin(previous.blocks["block_id"])]
    assert set(children["parent_id"]) <= set(previous.blocks["block_id"])
    per = made.cells.groupby("village_code")["households"].sum()
    assert (per[A], per[N]) == (5 * 8 * 6, 5 * 8 * 2)
    assert made.codes[f"{A}003"] in made.cells["cell_code"].tolist()


def test_less_than_a_quarter_of_a_cell_joins_its_neighbour() -> None:
    new = outlines(**{A: square(0, right=750), N: shapely.box(750, 0, 2 * SIDE, SIDE), C: square(2), D: square(3)})
    made, _ = carried(new)
    assert [row["problem"] for row in made.problems.rows].count("carry-part-joined") == 2
    assert len(made.cells) == 16


def test_an_abolished_village_goes_by_location() -> None:
    new = outlines(**{A: square(0, right=1200), C: shapely.box(1200, 0, 3 * SIDE, SIDE), D: square(3)})
    made, _ = carried(new, changes=[VillageChange(B, "", "abolished", row=2)])
    assert set(made.cells["village_code"]) == {A, C, D}
    assert {made.codes[f"{B}001"][:-3], made.codes[f"{B}003"][:-3]} == {A, C}


def test_a_border_drawn_anew_by_a_metre_changes_no_cell() -> None:
    wiggle = [(SIDE + (0.8 if n % 2 else -0.8), n * 100) for n in range(9)]
    left = shapely.Polygon([(0, 0), *wiggle, (0, SIDE)])
    right = shapely.Polygon([*wiggle, (2 * SIDE, SIDE), (2 * SIDE, 0)])
    made, previous = carried(outlines(**{A: left, B: right, C: square(2), D: square(3)}))
    assert made.cells["cell_code"].tolist() == previous.cells["cell_code"].tolist()
    assert all(code == then for code, then in made.codes.items())
    assert made.problems.rows == []


def test_ground_that_no_plan_held_joins_the_next_cell() -> None:
    new = outlines(**{A: shapely.box(-300, 0, SIDE, SIDE), B: square(1), C: square(2), D: square(3)})
    made, _ = carried(new)
    assert [row["problem"] for row in made.problems.rows] == ["carry-new-ground"]
    assert len(made.cells) == 16


def test_villages_without_ground_of_the_plan_stay_without_cells() -> None:
    _, old, _ = county()
    new = pd.concat([old, outlines(**{N: square(9)})], ignore_index=True)
    made, _ = carried(gpd.GeoDataFrame(new, crs=CRS))
    assert N not in set(made.cells["village_code"])
    assert N in set(made.villages["village_code"])


def test_households_outside_all_villages_are_said() -> None:
    previous, old, homes = county()
    made = carry_plan(previous, old.iloc[:3], names_before={}, homes=homes)
    lost = [row for row in made.problems.rows if row["problem"] == "carry-households-lost"]
    assert "320 of the plan's 1280" in lost[0]["message_en"]
    assert len([row for row in made.problems.rows if row["problem"] == "carry-cell-ended"]) == 4


def test_a_special_cell_stays_special_under_a_new_code() -> None:
    previous, old, homes = county()
    links = previous.plan_blocks.copy()
    links.loc[links["block_id"] == f"{A}-33", "cell_code"] = f"{A}901"
    cells = cells_from(links, previous.blocks, old, plan="p001", start_date="2025-01-01")
    new = outlines(**{N: shapely.box(0, 0, 2 * SIDE, SIDE), C: square(2), D: square(3)})
    made = carry_plan(
        Previous(previous.blocks, links, cells, frozenset(cells["cell_code"])), new, names_before={}, homes=homes
    )
    assert made.codes[f"{A}901"] == f"{N}901"
    assert (made.cells["kind"] == "special").sum() == 1


def test_row_order_does_not_matter() -> None:
    previous, old, homes = county()
    new = outlines(**{A: square(0, right=550), N: shapely.box(550, 0, 2 * SIDE, SIDE), C: square(2), D: square(3)})
    rng = np.random.default_rng(1)
    mixed = Previous(
        *(frame.iloc[rng.permutation(len(frame))] for frame in (previous.blocks, previous.plan_blocks, previous.cells)),
        previous.used_codes,
    )
    one = carry_plan(previous, new, names_before={}, changes=infer_changes(old, new), homes=homes)
    other = carry_plan(mixed, new.iloc[::-1], names_before={}, changes=infer_changes(old, new), homes=homes.iloc[::-1])
    assert one.cells["cell_code"].tolist() == other.cells["cell_code"].tolist()
    assert one.codes == other.codes
    assert one.plan_blocks["cell_code"].tolist() == other.plan_blocks["cell_code"].tolist()


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.floats(120, 4 * SIDE - 120), min_size=0, max_size=5, unique=True),
    st.permutations([A, B, C, D, N, M]),
)
def test_any_new_borders_are_tiled_and_lose_nobody(cuts: list[float], codes: list[str]) -> None:
    places = [0.0, *sorted(cuts), 4.0 * SIDE]
    places = [x for n, x in enumerate(places) if n == 0 or x - places[n - 1] > 1 or n == len(places) - 1]
    spans = list(itertools.pairwise(places))[:6]
    spans[-1] = (spans[-1][0], 4.0 * SIDE)
    shapes = {code: shapely.box(low, 0, high, SIDE) for code, (low, high) in zip(codes, spans, strict=False)}
    made, _ = carried(outlines(**shapes))
    assert set(made.cells["village_code"]) == set(shapes)


class TestTables:
    def settled(self, *rows: tuple[str, str, str, str], before: set[str], after: set[str]) -> dict[str, set[str]]:
        changes = [VillageChange(old, new, kind, date, row=n) for n, (old, new, kind, date) in enumerate(rows, 2)]
        ways, _ = settle_changes(changes, before=before, after=after)
        return {
            code: {way.new_code for way in ways if way.old_code == code}
            for code in before
            if any(w.old_code == code for w in ways)
        }

    def test_chains_are_followed_by_date(self) -> None:
        rows = [(B, C, "recoded", "2024-01-01"), (A, B, "recoded", "2023-01-01")]
        assert self.settled(*rows, before={A}, after={C}) == {A: {C}}

    def test_chains_of_one_day_are_followed_in_any_order(self) -> None:
        rows = [(B, C, "merged", ""), (A, B, "merged", "")]
        assert self.settled(*rows, before={A, B}, after={C}) == {A: {C}, B: {C}}

    def test_codes_moved_up_on_one_day_are_no_chain(self) -> None:
        rows = [(A, B, "recoded", "2024-01-01"), (B, C, "recoded", "2024-01-01")]
        assert self.settled(*rows, before={A, B}, after={B, C}) == {A: {B}, B: {C}}

    def test_a_village_there_and_back_is_where_it_was(self) -> None:
        rows = [(A, B, "recoded", "2020-01-01"), (B, A, "recoded", "2022-01-01")]
        assert self.settled(*rows, before={A}, after={A}) == {A: {A}}

    def test_a_split_of_what_was_recoded(self) -> None:
        rows = [(A, B, "recoded", "2020-01-01"), (B, C, "split", "2022-01-01"), (B, D, "split", "2022-01-01")]
        assert self.settled(*rows, before={A}, after={C, D}) == {A: {C, D}}

    def test_rows_of_other_counties_are_given_back(self) -> None:
        row = VillageChange("330000000001", "330000000002", "merged", row=7)
        ways, rest = settle_changes([row], before={A}, after={A})
        assert (ways, rest) == ([], [row])

    @pytest.mark.parametrize(
        ("rows", "after", "said"),
        [
            ([(A, B, "merged", ""), (A, C, "merged", "")], {B, C}, "row 3 new_code.*write split"),
            ([(A, B, "merged", ""), (B, A, "merged", "")], {A, B}, "rows 2、3.*circle"),
            ([(A, N, "merged", "")], {B}, "row 2 new_code.*no village of the project"),
            ([(A, B, "merged", "")], {A, B}, "row 2 old_code.*still among"),
        ],
    )
    def test_what_cannot_be_followed_is_refused(self, rows: list[Any], after: set[str], said: str) -> None:
        with pytest.raises(SchemaError, match=said):
            self.settled(*rows, before={A, B}, after=after)


class TestInference:
    def kinds(self, new: gpd.GeoDataFrame) -> set[tuple[str, str, str]]:
        return {(each.old_code, each.new_code, each.kind) for each in infer_changes(county()[1], new)}

    def test_nothing_happened(self) -> None:
        assert self.kinds(county()[1]) == set()

    def test_every_kind_is_told_by_outlines(self) -> None:
        rest = {C: square(2), D: square(3)}
        two = shapely.box(0, 0, 2 * SIDE, SIDE)
        assert self.kinds(outlines(**{N: two, **rest})) == {(A, N, "merged"), (B, N, "merged")}
        assert (B, A, "merged") in self.kinds(outlines(**{A: two, **rest}))
        assert self.kinds(outlines(**{N: square(0), B: square(1), **rest})) == {(A, N, "recoded")}
        halves = {N: square(0, right=400), M: shapely.box(400, 0, SIDE, SIDE)}
        assert self.kinds(outlines(**halves, **{B: square(1)}, **rest)) == {(A, N, "split"), (A, M, "split")}
        assert self.kinds(outlines(**{B: square(1), **rest})) == {(A, "", "abolished")}


def declared(codes: list[str | None], xy: list[tuple[float, float]], villages: Any, *changes: VillageChange) -> Any:
    rows = gpd.GeoDataFrame({"village_code": codes}, geometry=[shapely.Point(spot) for spot in xy], crs=CRS)
    return declared_now(rows, villages, changes).to_dict()


def test_rows_say_the_village_that_theirs_became_wherever_they_lie() -> None:
    villages = outlines(**{N: square(0), M: square(1)})
    changes = VillageChange(A, N, "recoded", row=2), VillageChange(B, M, "merged", row=3)
    assert declared([A, A, B, C, None], [(10, 10), (900, 10), (-50, 0), (10, 10), (10, 10)], villages, *changes) == {
        0: N, 1: N, 2: M,
    }  # fmt: skip


def test_codes_that_moved_up_by_one_do_not_end_in_one_village() -> None:
    villages = outlines(**{B: square(0), C: square(1)})
    changes = VillageChange(A, B, "recoded", row=2), VillageChange(B, C, "recoded", row=3)
    assert declared([A, B, B], [(10, 10), (900, 10), (10, 10)], villages, *changes) == {0: B, 1: C, 2: C}


def test_rows_of_a_village_in_parts_go_where_they_lie() -> None:
    villages = outlines(**{A: square(0, right=400), N: square(0, right=SIDE).difference(square(0, right=400)),
                           B: square(1)})  # fmt: skip
    part = VillageChange(A, N, "split", row=2)
    both = part, VillageChange(A, A, "split", row=3)
    for told in ((part,), both):
        assert declared([A] * 4, [(10, 10), (500, 10), (900, 10), (-9, 0)], villages, *told) == {1: N}
    guessed = VillageChange(A, N, "merged")
    assert declared([A] * 2, [(10, 10), (500, 10)], villages, guessed) == {1: N}
    ended = VillageChange(D, "", "abolished")
    assert declared([D] * 2, [(500, 10), (-9, 0)], villages, ended) == {0: N}
