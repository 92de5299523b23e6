"""What keeps a county's work from being lost: words for backups, for what a load changes, and for carried plans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wangge.speech import said

if TYPE_CHECKING:
    import argparse

__all__ = ["backup_note", "backup_option", "backups", "carry", "carry_options", "differences", "replace_options"]

Answer = dict[str, Any]


def carry_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `wangge carry`, but for the plan."""
    parser.add_argument("--changes", metavar="FILE", help="村变更表 csv/xlsx · old_code, new_code, kind, date")
    parser.add_argument("--villages", metavar="FILE", help="先换成这些村界 · replace the village outlines first")
    parser.add_argument("--name", metavar="NAME", help="新方案名（默认编号） · name of the new plan")
    parser.add_argument("--out", metavar="FILE.xlsx", help="变更清单 · write the change list")
    backup_option(parser)


def backup_option(parser: argparse.ArgumentParser) -> None:
    """Add the option to do without a backup."""
    parser.add_argument("--no-backup", dest="backup", action="store_false", help="替换前不备份 · no backup before it")


def replace_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `wangge load` that replace a layer, tell what that changes, and keep what it was."""
    parser.add_argument("--replace", action="store_true", help="整层替换 · replace the whole layer")
    parser.add_argument("--preview", action="store_true", help="只看会改什么，不存 · say what would change")
    parser.add_argument("--changes", metavar="FILE", help="变更清单 .xlsx 或 .csv · write the full list of changes")
    backup_option(parser)


def backup_note(answer: Answer) -> list[str]:
    """Say where the project is kept as it was before, where it is."""
    if not answer["backup"]:
        return []
    return [said(f"替换前的备份 {answer['backup']}（wangge copy 可恢复）",
                 f"backup {answer['backup']} (wangge copy brings it back)")]  # fmt: skip


def differences(answer: Answer) -> list[str]:
    """Count what a replacement changes, with the first rows of each kind."""
    counts = answer["changes"]
    if not any(counts[kind] for kind in counts if kind != "added"):
        return []
    lines = [
        said(
            f"新增 {counts['added']}、删除 {counts['removed']}、移位 {counts['moved']}、改值 {counts['changed']}、"
            f"改号 {counts['renamed']}、不变 {counts['same']}",
            f"added {counts['added']}, removed {counts['removed']}, moved {counts['moved']}, changed "
            f"{counts['changed']}, renamed {counts['renamed']}, same {counts['same']}",
        )
    ]
    lines += [f"  {said(each['zh'], each['en'])}" for each in answer["examples"]]
    if answer["changes_file"]:
        lines.append(said(f"变更清单 {answer['changes_file']}", f"all changes in {answer['changes_file']}"))
    return lines


def carry(answer: Answer) -> list[str]:
    """Say what became of the villages and of the codes."""
    changes, inferred = answer["changes"], answer["inferred"]
    guess = said(f"，其中 {inferred} 项按村界推断", f", {inferred} of them inferred from outlines") if inferred else ""
    notes = [said(note["zh"], note["en"]) for note in answer["notes"]]
    return [
        said(f"方案 {answer['parent']} 已结转为 {answer['plan']}：村变更 {len(answer['village_changes'])} 项{guess}；"
             f"网格 {changes['cells_before']} → {changes['cells_after']} 个，{answer['cells_kept']} 个保留编码、"
             f"{answer['cells_recoded']} 个换了编码",
             f"plan {answer['parent']} carried to {answer['plan']}: {len(answer['village_changes'])} village changes"
             f"{guess}; cells {changes['cells_before']} → {changes['cells_after']}, {answer['cells_kept']} keep "
             f"their code, {answer['cells_recoded']} have a new one"),
        *([said(f"变更清单 {answer['out']}", f"changes in {answer['out']}")] if answer["out"] else []), *notes,
    ]  # fmt: skip


def backups(answer: Answer) -> list[str]:
    """List backups, newest first, and how to go back to one."""
    if not answer["backups"]:
        return [said("还没有备份", "no backups yet")]
    return [
        f"{each['at']}  {each['reason']}  {each['bytes'] / 1e6:.1f} MB  {each['target']}" for each in answer["backups"]
    ] + [said(f"保留最近 {answer['keep']} 份；恢复：wangge copy 备份 新项目",
              f"the newest {answer['keep']} are kept; to go back: wangge copy BACKUP NEW")]  # fmt: skip
