"""Options of the service: its users, its database, its address."""

from __future__ import annotations

from typing import Any

from wangge.options.command import Parser, action, command
from wangge.options.values import port

__all__ = ["database", "serve", "user"]

ROLES = ("viewer", "planner", "security", "admin")


def user(commands: Any) -> None:
    """Add `wangge user`."""
    parser = command(commands, "user", "管理服务的用户 · users of the service")
    actions = parser.add_subparsers(dest="action", metavar="add", required=True, parser_class=Parser)
    add = action(actions, "add", "添加用户 · add a user")
    add.add_argument("name", metavar="NAME")
    add.add_argument("--role", required=True, choices=ROLES, help="角色 · viewer | planner | security | admin")
    add.add_argument("--scope", nargs="+", metavar="CODE", default=[], help="只管这些县、乡镇或村 · only these codes")


def serve(commands: Any) -> None:
    """Add `wangge serve`."""
    parser = command(commands, "serve", "打开网页服务 · serve the pages")
    parser.add_argument(
        "--host", default="127.0.0.1", metavar="ADDRESS", help="监听地址（默认只限本机） · loopback only"
    )
    parser.add_argument("--port", type=port, default=8000, metavar="N", help="端口（默认 8000，0 为任意空闲） · 0: any")
    parser.add_argument("--open", action="store_true", help="打开浏览器 · open a browser")


def database(commands: Any) -> None:
    """Add `wangge database`."""
    parser = command(commands, "database", "查看数据库，给账号授权 · a database: what it holds, rights of roles")
    for option, words in (
        ("--grant-reader", "只读账号，不含敏感图层 · may read, but no sensitive layer"),
        ("--grant-writer", "读写账号，服务和规划用，不能改表 · may read and write, not change tables"),
        ("--revoke", "收回全部权限 · loses every right"),
    ):
        parser.add_argument(option, action="append", default=[], metavar="ROLE", help=words)
    parser.add_argument("--sensitive", action="store_true", help="只读账号可读敏感图层 · readers see sensitive layers")
