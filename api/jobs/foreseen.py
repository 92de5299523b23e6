"""What an edit of blocks comes to: worked out from what is stored, and shown before anything is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.jobs.desk import Desk
from api.jobs.listed import once
from api.jobs.rewrite import NEAR, Village
from api.jobs.wishes import Split, made, said

if TYPE_CHECKING:
    import geopandas as gpd

    from api.jobs.wishes import BlockWish
    from api.store import Project
    from spatial.planning.edits import Edit
    from spatial.problems import Problems

__all__ = ["Foreseen", "foreseen", "told", "worked_out"]


@dataclass(frozen=True)
class Foreseen:
    """What an edit would do; `cells` are those it touches, in degrees, as they would be.

    `households` gives cell code, households before and after (None: no such cell); `moved` how many households
    would change their cell.
    """

    cells: gpd.GeoDataFrame
    households: tuple[tuple[str, float | None, float | None], ...]
    moved: float
    problems: tuple[dict[str, Any], ...]
    zh: str
    en: str


def worked_out(project: Project, plan: str, village: str, wish: BlockWish) -> tuple[Village, Edit]:
    """Read a village with what an edit looks at, and call the pure edit."""
    more = ("buildings", "homes") if isinstance(wish, Split) else ()
    near = (*NEAR, *more)
    read = Village.read(Desk(project), plan, village, near=near)
    return read, made(read, wish)


def foreseen(village: Village, wish: BlockWish, edit: Edit) -> Foreseen:
    """Put what an edit would do into figures and degrees."""
    desk, cells = village.desk, edit.cells
    touched = cells[cells["cell_code"].isin(edit.households)].reset_index(drop=True)
    blocks = village.state.blocks.set_index("block_id")["households"]
    old, new = edit.before.set_index("block_id")["cell_code"], edit.after.set_index("block_id")["cell_code"]
    same = old.index.intersection(new.index)
    moved = blocks.loc[same[(old[same] != new[same]).to_numpy()]].sum()
    if isinstance(wish, Split):
        moved = sum(now for code, (_, now) in edit.households.items() if code in edit.created and now is not None)
    codes = sorted(edit.households)
    return Foreseen(
        desk.back(touched), tuple((code, *edit.households[code]) for code in codes), float(moved),
        told(desk, edit.problems, plan=village.plan), *said(wish, edit, edit.retired),
    )  # fmt: skip


def told(desk: Desk, problems: Problems, *, plan: str) -> tuple[dict[str, Any], ...]:
    """Give what an edit found as rows without their places."""
    columns = ["problem", "severity", "layer", "code", "message_zh", "message_en", "remedy"]
    frame = once(desk.problems(problems, plan=plan))[columns].astype(object)
    return tuple(frame.where(frame.notna(), None).to_dict("records"))
