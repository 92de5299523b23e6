"""Is it alive, is it ready: open to everyone, saying nothing about the project."""

from __future__ import annotations

from fastapi import APIRouter

from api.deps import ProjectDep

__all__ = ["router"]

router = APIRouter(tags=["health"])


@router.get("/healthz")
def alive() -> dict[str, str]:
    """Answer as long as the process runs."""
    return {"status": "ok"}


@router.get("/readyz")
def ready(project: ProjectDep) -> dict[str, str]:
    """Answer once the project can be read."""
    project.count("plans")
    return {"status": "ready"}
