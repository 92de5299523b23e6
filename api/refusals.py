"""Refusals of the service, as one tree; which HTTP status each becomes stands in `api.errors`.

::

    SpatialError
    └── ServiceError
        ├── NotSignedInError      no session, or a token that is used up or over
        ├── NotAllowedError       the role or the scope does not reach so far
        ├── UnknownCodeError      a plan, cell, block, village or embed that is not there
        ├── PreconditionError     a change of a row without the version that was seen
        └── StaleRevisionError    the plan changed since the page read it
"""

from __future__ import annotations

from typing import Any

from spatial.errors import SpatialError

__all__ = [
    "NotAllowedError",
    "NotSignedInError",
    "PreconditionError",
    "ServiceError",
    "StaleRevisionError",
    "UnknownCodeError",
]


class ServiceError(SpatialError):
    """A refusal of the service."""


class NotSignedInError(ServiceError):
    """No session, or a token that is used up or over."""

    def __init__(self) -> None:
        super().__init__(
            "请用 wangge serve 打印的链接打开；链接只能用一次",
            "open the link that wangge serve printed; it works once",
        )


class NotAllowedError(ServiceError):
    """The role or the scope of this user does not reach so far."""


class UnknownCodeError(ServiceError):
    """A plan, cell, block, village or embed that is not there."""


class StaleRevisionError(ServiceError):
    """The plan changed since the page read it; `conflict` holds both versions of the village in question."""

    def __init__(self, revision: int, *, village: str | None = None) -> None:
        super().__init__(
            "别处刚改过这个方案，页面已更新，请再试一次",
            "the plan was just changed elsewhere; the page has been brought up to date, please try again",
        )
        self.revision = revision
        self.village = village
        self.conflict: dict[str, Any] | None = None


class PreconditionError(ServiceError):
    """A change of a row that does not say which version of it was seen."""

    def __init__(self) -> None:
        super().__init__(
            "修改一行需要 If-Match：填读取时得到的版本（ETag）",
            "changing a row needs If-Match: the version (ETag) that was read",
        )
