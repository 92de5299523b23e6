"""Writes docs/commands.md, docs/layers.md and docs/problems.md from the code: `python docs/build.py`.

A test holds the pages to what this prints, so a new command, column or problem cannot stay undocumented.
"""

from __future__ import annotations

import argparse
import string
from pathlib import Path

from spatial.layers import LAYERS, Column
from spatial.problems import CATALOGUE
from wangge.parser import build_parser

__all__ = ["pages"]

FOLDER = Path(__file__).parent
MADE = "<!-- python docs/build.py -->\n"
RULES = """\
任何命令加 `--json` 输出一个 JSON 对象。退出码：0 完成；1 只来自 `check`，表示有错误；
2 输入或写法不对，项目不变；130 被 Ctrl-C 停止，项目不变。
"""
COLUMNS = """\
坐标 EPSG:4490；单位写在字段名里；★ 为必填。编码一律为文本。敏感图层不进入公开嵌入和 `--public` 导出。
"""
KINDS = """\
`wangge check` 与各命令列出的每一种问题。error 须处理，warning 供判断；… 为具体数字。
"""
TYPES = {
    "text": "文本 text",
    "integer": "整数 integer",
    "double": "小数 double",
    "boolean": "是否 boolean",
    "datetime": "时间 date-time",
    "json": "JSON",
}


def pages() -> dict[str, str]:
    """Give every generated page by its file name."""
    return {"commands.md": _commands(), "layers.md": _layers(), "problems.md": _problems()}


def _commands() -> str:
    parser = build_parser()
    lines = [MADE, "# 命令 · Commands\n", RULES]
    for action in parser._actions:  # noqa: SLF001 -- argparse offers no public way to list its commands
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for name, command in action.choices.items():
                lines += _command(name, command)
    return "\n".join(lines).rstrip() + "\n"


def _command(name: str, command: argparse.ArgumentParser) -> list[str]:
    lines = [f"## wangge {name}\n", f"{command.description or ''}\n", "| 参数 | 含义 |", "|---|---|"]
    for action in command._actions:  # noqa: SLF001
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            nested = [line for key, inner in action.choices.items() for line in _command(f"{name} … {key}", inner)]
            return [*lines, "", *nested]
        if action.dest != "help":
            shown = ", ".join(action.option_strings) or action.metavar or action.dest
            takes = f" {action.metavar or action.dest.upper()}" if action.option_strings and action.nargs != 0 else ""
            words = action.help or ""
            listed = action.choices and not all(str(choice) in words for choice in action.choices)
            words += f"（{' | '.join(map(str, action.choices))}）" if listed else ""
            lines.append(f"| `{shown}{takes}` | {words.replace('|', chr(92) + '|')} |")
    return [*lines, ""]


def _layers() -> str:
    lines = [MADE, "# 图层与字段 · Layers and columns\n", COLUMNS]
    for layer in LAYERS.values():
        marks = [layer.geometry or "无几何 no geometry", "可导入 load" if layer.input else "由程序生成 made here"]
        marks += ["敏感 sensitive"] if layer.sensitive else []
        lines += [
            f"## {layer.name}\n",
            " · ".join(marks) + (f" · 唯一 key: {', '.join(layer.key)}" if layer.key else ""),
        ]
        lines += ["", "| 字段 | 类型 | 取值 |", "|---|---|---|", *(_column(column) for column in layer.columns), ""]
    return "\n".join(lines).rstrip() + "\n"


def _column(column: Column) -> str:
    span = f"{column.low:g} 以上" if column.low is not None and column.high is None else ""
    if column.low is not None and column.high is not None:
        span = f"{column.low:g} – {column.high:g}"
    name = f"{column.name} ★" if column.required else column.name
    return f"| {name} | {TYPES[column.kind]} | {', '.join(column.choices) or span} |"


def _problems() -> str:
    lines = [MADE, "# 问题 · Problems\n", KINDS, "| 问题 | 级别 | 图层 | 说明 | In English | 处理 · Remedy |"]
    lines.append("|---|---|---|---|---|---|")
    for kind in sorted(CATALOGUE.values(), key=lambda kind: (kind.layer, kind.problem)):
        cells = [kind.problem, kind.severity, kind.layer, _blank(kind.zh), _blank(kind.en), _blank(kind.remedy)]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _blank(template: str) -> str:
    """Show a format string with … where its figures go."""
    return "".join(text + ("…" if name is not None else "") for text, name, *_ in string.Formatter().parse(template))


if __name__ == "__main__":
    for file, text in pages().items():
        (FOLDER / file).write_text(text, encoding="utf-8")
