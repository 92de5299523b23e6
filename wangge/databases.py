"""What `wangge database` says to a person."""

from __future__ import annotations

from typing import Any

from wangge.speech import said

__all__ = ["database_lines"]


def database_lines(answer: dict[str, Any]) -> list[str]:
    """List server, schema and roles."""
    size = answer["bytes"] / 1e6
    lines = [
        f"{answer['project']}  PostgreSQL {answer['server']}  PostGIS {answer['postgis']}  {size:.1f} MB",
        said(f"模式 {answer['schema']}，版本 {answer['revision']}；库里的项目：{'、'.join(answer['projects'])}",
             f"schema {answer['schema']}, revision {answer['revision']}; projects: {', '.join(answer['projects'])}"),
    ]  # fmt: skip
    for each in answer["roles"]:
        all_seen = each["sensitive"]
        seen = said("含敏感图层", "every layer") if all_seen else said("不含敏感图层", "no sensitive layer")
        kind = said("读写", "writer") if each["rights"] == "writer" else said("只读", "reader")
        lines.append(f"{each['role']}  {kind}  {seen}")
    return lines
