"""What routes ask for: the project, the user, the page's nonce, the plan as it stands."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from api.auth import Principal
from api.reading import Reading
from api.refusals import NotSignedInError
from api.settings import ServiceState
from api.store import Project

__all__ = ["Language", "Nonce", "ProjectDep", "ReadingDep", "SignedIn", "StateDep"]


def _state(request: Request) -> ServiceState:
    state: ServiceState = request.app.state.service
    return state


StateDep = Annotated[ServiceState, Depends(_state)]


def _project(state: StateDep) -> Project:
    return state.project


ProjectDep = Annotated[Project, Depends(_project)]


def _signed_in(request: Request, state: StateDep) -> Principal:
    """Give the user of the session cookie; `NotSignedInError` without one."""
    principal = state.doorkeeper.known(request.cookies.get(state.cookie), state.project)
    if principal is None:
        raise NotSignedInError
    return principal


SignedIn = Annotated[Principal, Depends(_signed_in)]


def _reading(state: StateDep, principal: SignedIn) -> Reading:
    return Reading(state, principal)


ReadingDep = Annotated[Reading, Depends(_reading)]


def _nonce(request: Request) -> str:
    return str(request.state.nonce)


Nonce = Annotated[str, Depends(_nonce)]


def _language(lang: str = "zh") -> str:
    return "en" if lang.lower().startswith("en") else "zh"


Language = Annotated[str, Depends(_language)]
