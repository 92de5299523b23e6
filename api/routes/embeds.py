"""Maps for other people's pages: read-only, framable, with a token of their own, nothing sensitive on them."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import geopandas as gpd
import pandas as pd
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field

from api.auth import digest, new_token, within
from api.deps import Language, Nonce, ProjectDep, SignedIn, StateDep
from api.jobs.current import county_title, headline
from api.jobs.map import MAP_LAYERS, map_frames
from api.jobs.revisions import shown_revision
from api.refusals import NotSignedInError, UnknownCodeError
from api.routes.same_origin import same_origin
from api.store import Project
from spatial.errors import SchemaError
from spatial.layers import LAYERS
from web import MapFrames, embed_page, without_small_counts

__all__ = ["router"]

router = APIRouter(tags=["embeds"])

View = Literal["cells", "balance", "coverage", "gaps"]
_OPEN_LAYERS = tuple(name for name in MAP_LAYERS if not LAYERS[name].sensitive)
_HOLDER = secrets.token_urlsafe(16)


class EmbedRequest(BaseModel):
    """What an embed shows, to whom, and for how long."""

    model_config = ConfigDict(extra="forbid")

    view: View
    layers: Annotated[list[str], Field(min_length=1, max_length=len(MAP_LAYERS))]
    areas: Annotated[list[str], Field(max_length=500)] = []
    origin: (
        Annotated[str, Field(pattern=r"^https?://([A-Za-z0-9.\-]{1,200}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?$")]
        | None
    ) = None
    minutes: Annotated[int, Field(ge=1, le=527_040)] = 1440


@router.post("/api/v1/embeds", status_code=201, dependencies=[Depends(same_origin)])
def make_embed(request: Request, project: ProjectDep, principal: SignedIn, body: EmbedRequest) -> dict[str, Any]:
    """Make an embed; the token is given this once, the project keeps its hash."""
    _require_open(body.layers)
    _require_known(project, body.areas, principal.scope)
    token, until = new_token(), datetime.now(UTC) + timedelta(minutes=body.minutes)
    expires_at = until.isoformat(timespec="seconds").replace("+00:00", "Z")
    with project.change(who=principal.name, action="embed") as change:
        held: dict[str, Any] = project.settings.get("embeds", {})
        alive = {key: embed for key, embed in held.items() if _alive(embed)}
        terms = body.model_dump() | {"expires_at": expires_at, "areas": body.areas or list(principal.scope)}
        change.set("embeds", {**alive, digest(token): terms})
        change.record(after=terms)
    return {"url": f"{request.base_url}embed/{body.view}?token={token}", "token": token, "expires_at": expires_at}


@router.get("/embed/{view}", response_class=HTMLResponse)
def embed(
    *, request: Request, state: StateDep, nonce: Nonce, lang: Language, view: View, token: str | None = None
) -> HTMLResponse:
    """Show one view to whoever holds its token, or to a signed-in user."""
    project = state.project
    terms = _terms(request, state, view, token)
    request.state.frame_ancestors = terms["origin"] or ("*" if token else "'self'")
    key = ("embed", shown_revision(project), view, lang, tuple(terms["layers"]), tuple(terms["areas"]))

    def make() -> str:
        plan = project.current_plan()
        figures = {} if terms["areas"] else headline(project, plan=plan)
        return embed_page(
            MapFrames(**_public_frames(project, terms, plan=plan)), view=view, title=county_title(project),
            sample=bool(project.settings.get("sample")), language=lang, nonce=_HOLDER, figures=figures,
        )  # fmt: skip

    return HTMLResponse(state.kept.get(key, make).replace(_HOLDER, nonce))


def _terms(request: Request, state: StateDep, view: str, token: str | None) -> dict[str, Any]:
    """Give what was agreed for this token; a session stands for all open layers."""
    if token is None:
        principal = state.doorkeeper.known(request.cookies.get(state.cookie), state.project)
        if principal is None:
            raise NotSignedInError
        return {"layers": _OPEN_LAYERS, "areas": principal.scope, "origin": None}
    terms = state.project.settings.get("embeds", {}).get(digest(token))
    if terms is None or not _alive(terms) or terms["view"] != view:
        raise UnknownCodeError("嵌入链接无效或已过期", "this embed is not known, or is over")
    return dict(terms)


def _public_frames(project: Project, terms: dict[str, Any], *, plan: str | None) -> dict[str, pd.DataFrame]:
    """Read what an embed may show: never a sensitive layer, counts under 5 blanked, only its areas."""
    frames = map_frames(project, plan=plan)
    blanked = without_small_counts(frames.get("cells"), frames.get("villages"))  # first: two embeds may be compared
    frames |= {name: frame for name, frame in zip(("cells", "villages"), blanked, strict=True) if frame is not None}
    wanted = {*terms["layers"], "coverage"} & set(_OPEN_LAYERS)
    shown = {name: frame for name, frame in frames.items() if name in wanted}
    if not terms["areas"]:
        return shown
    codes = project.read("villages", columns=["village_code", "town_code", "county_code"])
    reach = [row[0] for row in codes.to_numpy().tolist() if within(row, tuple(terms["areas"]))]
    near = frames["villages"][frames["villages"]["village_code"].isin(reach)].union_all()
    for name, frame in shown.items():
        if "village_code" in frame and frame["village_code"].notna().any():
            keep = frame["village_code"].isin(reach)
        elif name == "coverage":
            keep = frame["code"].isin([*reach, *terms["areas"]]) | frame["code"].str[:-3].isin(reach)
        else:
            keep = gpd.GeoSeries(frame["geometry"]).intersects(near)
        shown[name] = frame[keep].reset_index(drop=True)
    return shown


def _require_open(layers: list[str]) -> None:
    for name in layers:
        if name not in _OPEN_LAYERS:
            raise SchemaError(
                f"图层 {name} 不能公开嵌入；可用：{'、'.join(_OPEN_LAYERS)}",
                f"layer {name} is not for embeds; choose of {', '.join(_OPEN_LAYERS)}",
            )


def _require_known(project: Project, areas: list[str], scope: tuple[str, ...]) -> None:
    table = project.read("villages", columns=["village_code", "town_code", "county_code"])
    rows = [row for row in table.to_numpy().tolist() if within(row, scope)]
    known = {code for row in rows for code in row} if not scope else {row[0] for row in rows} | set(scope)
    for code in areas:
        if code not in known:
            raise UnknownCodeError(f"没有编码为 {code} 的县、乡镇或村", f"there is no county, town or village {code}")


def _alive(terms: dict[str, Any]) -> bool:
    return datetime.fromisoformat(terms["expires_at"]) > datetime.now(UTC)
