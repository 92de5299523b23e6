"""Options of `wangge plans` and `wangge history`."""

from __future__ import annotations

from typing import Any

from wangge.options.command import Parser, action, command, plan_option
from wangge.options.values import positive

__all__ = ["history", "plans"]


def plans(commands: Any) -> None:
    """Add `wangge plans`."""
    parser = command(commands, "plans", "方案的版本：列出、另开、送审、定稿、恢复、备注 · plans as versions")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", parser_class=Parser)

    branch = action(actions, "branch", "从一个方案另开一个草稿 · copy a plan to a new draft")
    restore = action(actions, "restore", "把方案恢复到某条记录时的样子，存为新方案 · an earlier state as a new plan")
    restore.add_argument(
        "--at", required=True, metavar="ID", help="记录编号或时间 · row of `wangge history`, or a time"
    )
    for each in (branch, restore):
        each.add_argument("name", metavar="NAME", nargs="?", help="新方案名（默认编号） · name of the new plan")
        each.add_argument("--from", dest="plan", metavar="PLAN", help="从哪个方案（默认最近一个） · of which plan")
        each.add_argument("--note", metavar="TEXT", help="说明 · a note")
    for name, words in (
        ("review", "送审 · send to review"), ("final", "定稿，此后不能再改 · make final, for good"),
        ("draft", "退回草稿 · back to draft"), ("changes", "定稿以来的变化 · what changed since the final plan"),
        ("undo", "撤销自己在方案里的最后一步 · take back your last edit"), ("redo", "重做 · make it again"),
    ):  # fmt: skip
        action(actions, name, words).add_argument(
            "plan", metavar="PLAN", nargs="?", help="方案名（默认最近一个） · plan"
        )
    for name, words in (
        ("remark", "给网格写备注 · write a remark on a cell"),
        ("rename", "给网格改名 · rename a cell"),
    ):
        inner = action(actions, name, words)
        inner.add_argument("cell", metavar="CELL", help="网格编码 · code of the cell")
        inner.add_argument("text", metavar="TEXT", help="文字；备注为空即删除 · an empty remark is taken away")
        plan_option(inner)
    for name, words in (("lock", "锁定网格的范围 · keep cells as they are"), ("unlock", "解锁 · unlock cells")):
        inner = action(actions, name, words)
        inner.add_argument("cells", metavar="CELL", nargs="+", help="同一个村的网格编码 · cells of one village")
        plan_option(inner)


def history(commands: Any) -> None:
    """Add `wangge history`."""
    parser = command(commands, "history", "谁在什么时候改了什么，从什么改成什么 · who changed what, when")
    parser.add_argument("--plan", metavar="NAME", help="只看一个方案 · of one plan only")
    parser.add_argument("--limit", type=positive, default=50, metavar="N", help="最近几条（默认 50） · newest rows")
