"""One small function per command: options from the call, the job behind it, its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from api.jobs.progress import Progress

__all__ = ["COMMANDS"]

Answer = dict[str, Any]


def _demo(args: argparse.Namespace, progress: Progress | None) -> Answer:
    from api.jobs.demo import DemoOptions, run_demo

    return run_demo(DemoOptions(folder=args.dir, county=args.county), progress)


def _load(args: argparse.Namespace, progress: Progress | None) -> Answer:
    from api.jobs.load import LoadOptions, run_load

    options = LoadOptions(
        layer=args.layer, file=args.file, datum=args.datum, crs=args.crs, encoding=args.encoding,
        columns=args.columns, replace=args.replace, accept_good=args.accept_good, preview=args.preview,
        changes=args.changes, backup=args.backup,
    )  # fmt: skip
    return run_load(args.project, options, progress)


def _check(args: argparse.Namespace, progress: Progress | None) -> Answer:
    from api.jobs.check import CheckOptions, run_check

    return run_check(args.project, CheckOptions(args.profile), progress)


def _plan(args: argparse.Namespace, progress: Progress | None) -> Answer:
    from api.jobs.plan import PlanJob, run_plan

    options = PlanJob(
        households=args.households, cells=args.cells, cells_by=args.cells_by, balance=args.balance,
        tolerance=args.tolerance, unit=args.unit, profile=args.profile, scope=tuple(args.scope or ()),
        from_plan=args.from_plan, keep=args.keep, name=args.name, seed=args.seed, scheduler=args.scheduler,
        barriers=args.barriers, split_blocks=args.split_blocks,
    )  # fmt: skip
    return run_plan(args.project, options, progress)


def _assign(args: argparse.Namespace, progress: Progress | None) -> Answer:
    from api.jobs.assign import AssignOptions, run_assign

    return run_assign(args.project, AssignOptions(args.plan, args.contacts, args.micro, args.backup), progress)


def _coverage(args: argparse.Namespace, progress: Progress | None) -> Answer:
    from api.jobs.coverage import CoverageJob, run_coverage

    options = CoverageJob(
        plan=args.plan, pixels=args.pixels, resolution=args.resolution, without=tuple(args.without),
        scheduler=args.scheduler,
    )  # fmt: skip
    return run_coverage(args.project, options, progress)


def _site(args: argparse.Namespace, progress: Progress | None) -> Answer:
    from api.jobs.site import SiteJob, run_site

    options = SiteJob(
        args.cameras, args.budget, args.reach, args.phases, args.prove, headings=args.headings,
        per_pole=args.per_pole, turn=args.turn, weights=args.weights,
    )  # fmt: skip
    return run_site(args.project, options, progress)


def _compare(args: argparse.Namespace, progress: Progress | None) -> Answer:
    from api.jobs.compare import CompareOptions, run_compare

    return run_compare(args.project, CompareOptions(args.plan_a, args.plan_b, args.out), progress)


def _crosswalk(args: argparse.Namespace, progress: Progress | None) -> Answer:
    from api.jobs.crosswalk import CrosswalkOptions, run_crosswalk

    return run_crosswalk(args.project, CrosswalkOptions(args.plan, args.system, args.out), progress)


def _export(args: argparse.Namespace, progress: Progress | None) -> Answer:
    from api.jobs.export import ExportJob, run_export

    options = ExportJob(args.out, tuple(args.format), args.plan, args.datum, args.public)
    return run_export(args.project, options, progress)


def _map(args: argparse.Namespace, progress: Progress | None) -> Answer:
    from api.jobs.map import MapOptions, run_map

    return run_map(args.project, MapOptions(args.out, args.view), progress)


def _copy(args: argparse.Namespace, progress: Progress | None) -> Answer:
    from api.jobs.copy import CopyOptions, run_copy

    return run_copy(args.project, CopyOptions(args.target), progress)


def _carry(args: argparse.Namespace, progress: Progress | None) -> Answer:
    from api.jobs.carry import CarryOptions, run_carry

    options = CarryOptions(args.plan, args.changes, args.villages, args.name, args.out, args.backup)
    return run_carry(args.project, options, progress)


def _backups(args: argparse.Namespace, progress: Progress | None) -> Answer:
    from api.jobs.backups import BackupOptions, run_backups

    return run_backups(args.project, BackupOptions(args.keep), progress)


def _database(args: argparse.Namespace, progress: Progress | None) -> Answer:
    from api.jobs.database import DatabaseOptions, run_database

    given = (tuple(args.grant_reader), tuple(args.grant_writer), tuple(args.revoke))
    return run_database(args.project, DatabaseOptions(*given, sensitive=args.sensitive), progress)


def _user(args: argparse.Namespace, progress: Progress | None) -> Answer:
    from api.jobs.user import UserOptions, run_user

    return run_user(args.project, UserOptions(args.name, args.role, tuple(args.scope)), progress)


def _plans(args: argparse.Namespace, progress: Progress | None) -> Answer:
    from api.jobs.plans_call import PlansCall, run_plans

    del progress
    given = {name: getattr(args, name, None) for name in ("plan", "name", "at", "note", "cell", "cells", "text")}
    return run_plans(args.project, PlansCall(args.action or "list", **given))


def _history(args: argparse.Namespace, progress: Progress | None) -> Answer:
    from api.jobs.plans_call import run_history

    del progress
    return run_history(args.project, plan=args.plan, limit=args.limit)


def _sees(args: argparse.Namespace, progress: Progress | None) -> Answer:
    from api.jobs.sees import SeesOptions, run_sees

    return run_sees(args.project, SeesOptions(args.lon, args.lat), progress)


COMMANDS: dict[str, Callable[[argparse.Namespace, Progress | None], Answer]] = {
    "demo": _demo, "load": _load, "check": _check, "plan": _plan, "assign": _assign, "coverage": _coverage,
    "site": _site, "compare": _compare, "crosswalk": _crosswalk, "plans": _plans, "history": _history,
    "export": _export, "map": _map, "copy": _copy, "carry": _carry, "backups": _backups, "user": _user,
    "database": _database, "sees": _sees,
}  # fmt: skip
"""What each command does, by its name; `serve` gives no answer and is in `wangge.serving`."""
