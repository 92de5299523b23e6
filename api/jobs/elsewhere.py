"""Where the arithmetic is done: on this machine, or on a worker of a Dask cluster (`--scheduler ADDRESS`).

Only pure functions travel, with the frames they need; the project is read and written here. The result is the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from spatial.errors import InfeasibleError

if TYPE_CHECKING:
    from collections.abc import Callable

    from distributed import Client

__all__ = ["done_at"]

_Answer = TypeVar("_Answer")
_PATIENCE_S = 10


def done_at(address: str | None, work: Callable[..., _Answer], /, *, progress: Any = None, **inputs: Any) -> _Answer:
    """Call `work(**inputs)` here, with `progress`, or on a worker of the scheduler at `address`, without.

    Raises `InfeasibleError` where Dask is not installed, where no scheduler answers, or where it has no worker;
    what `work` refuses comes back as it was raised there.
    """
    if address is None:
        return work(**inputs, progress=progress)
    with _client(address) as client:
        if not client.scheduler_info()["workers"]:
            raise InfeasibleError(
                f"调度器 {address} 没有工作进程：先在计算机上运行 dask worker {address}",
                f"the scheduler {address} has no workers: first run dask worker {address}",
            )
        held = client.scatter(inputs)
        answer: _Answer = client.submit(work, **held, pure=False).result()
    return answer


def _client(address: str) -> Client:
    try:
        from distributed import Client  # noqa: PLC0415 -- an extra that most machines lack
    except ImportError as error:
        raise InfeasibleError(
            "--scheduler 需要 Dask：pip install 'wangge[dask]'", "--scheduler needs Dask: pip install 'wangge[dask]'"
        ) from error
    try:
        return Client(address, timeout=_PATIENCE_S, set_as_default=False)  # type: ignore[no-untyped-call]  # theirs
    except (OSError, ValueError, TimeoutError) as error:
        raise InfeasibleError(
            f"--scheduler {address}：没有调度器应答，核对地址，或去掉 --scheduler 在本机计算，结果相同",
            f"--scheduler {address}: no scheduler answers; check the address, or leave it out, same result",
        ) from error
