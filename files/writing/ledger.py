"""The ledger (网格台账): one workbook that is signed, printed and sent back with changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openpyxl import Workbook

from files.writing import coverage_tables as cameras
from files.writing import ledger_tables as rows
from files.writing.workbook import Table, add_notes, add_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

    from files.writing.options import ExportOptions

__all__ = ["write_ledger"]

_DATUM_NAMES = {"cgcs2000": ("国家大地坐标系 CGCS2000", "CGCS2000"), "wgs84": ("WGS 84", "WGS 84"),
                "gcj02": ("GCJ-02（互联网地图用）", "GCJ-02"), "bd09": ("BD-09（百度地图用）", "BD-09")}  # fmt: skip


def write_ledger(frames: Mapping[str, pd.DataFrame], path: Path, *, options: ExportOptions) -> None:
    """Write the workbook with the sheets that the frames allow; cameras and sites never for the public."""
    book = Workbook()
    if book.active is not None:
        book.remove(book.active)
    title = options.say("网格台账", "cell ledger")
    add_notes(book, title, _notes(options), options=options)
    for table in _tables(frames, options):
        add_table(book, table, options=options)
    book.properties.title = f"{options.county}{title}"
    book.properties.creator = options.issuer
    book.save(path)


def _tables(frames: Mapping[str, pd.DataFrame], options: ExportOptions) -> list[Table]:
    """Sheets in the order in which they are read."""
    say, line = options.say, _line(options)
    tables: list[Table] = []
    if "cells" in frames:
        tables += [
            Table(say("汇总", "Summary"), say("网格汇总表", "summary by town"), line, rows.town_rows(frames, options)),
            Table(
                say("台账", "Ledger"), say("网格台账", "cell ledger"), line, rows.cell_rows(frames, options), wide=True
            ),
        ]  # fmt: skip
    if options.changes is not None:
        tables.append(Table(say("变更", "Changes"), say("网格变更对照表", "changes of cells"), line,
                            rows.change_rows(options.changes, options)))  # fmt: skip
    if "cameras" in frames and not options.public:
        tables.append(Table(say("点位表", "Cameras"), say("视频监控点位表", "cameras"), _level_line(options),
                            cameras.camera_rows(frames, options), wide=True))  # fmt: skip
    if "sites" in frames and not options.public:
        tables.append(Table(say("拟建点位", "Sites"), say("拟建点位勘点表", "site survey"), line,
                            rows.site_rows(frames, options), wide=True))  # fmt: skip
        if options.turns:
            tables.append(Table(say("转动", "Turns"), say("现有摄像机转动建议表", "cameras to turn"), line,
                                rows.turn_rows(options.turns)))  # fmt: skip
        tables.append(Table(say("边际收益", "Gains"), say("新增覆盖边际收益表", "gain by number of cameras"), line,
                            rows.gain_rows(frames), curve=("cameras_added", "gain_total")))  # fmt: skip
    tables += _coverage_tables(frames, options)
    if "problems" in frames:
        tables.append(Table(say("问题", "Problems"), say("待核对问题", "problems to check"), line,
                            rows.problem_rows(frames, options)))  # fmt: skip
    return tables


def _coverage_tables(frames: Mapping[str, pd.DataFrame], options: ExportOptions) -> list[Table]:
    """Sheets of the latest coverage run: ratios and areas for everybody, details and blind areas for the house."""
    if "coverage" not in frames:
        return []
    say, line = options.say, _coverage_line(options)
    tables = [
        Table(say("四率", "Ratios"), say("视频监控指标对照表", "ratios against targets"), line,
              cameras.ratio_rows(frames, options), wide=True),
        Table(say("覆盖", "Coverage"), say("视频监控覆盖情况表", "camera coverage"), line,
              cameras.coverage_rows(frames, options), wide=True),
    ]  # fmt: skip
    if "coverage_details" in frames and not options.public:
        tables.append(Table(say("覆盖明细", "Details"), say("覆盖明细表", "coverage in detail"), _level_line(options),
                            cameras.detail_rows(frames, options)))  # fmt: skip
    if "gaps" in frames and not options.public:
        tables.append(Table(say("盲区", "Blind areas"), say("盲区清单", "blind areas"), _level_line(options),
                            cameras.gap_rows(frames, options), wide=True))  # fmt: skip
    return tables


def _line(options: ExportOptions) -> str:
    """Words below a title: who made it, when, of which plan."""
    parts = [
        options.say(f"编制单位：{options.issuer}", f"Issued by: {options.issuer}") if options.issuer else "",
        options.say(f"方案：{options.plan}", f"Plan: {options.plan}") if options.plan else "",
        options.say(f"日期：{options.today}", f"Date: {options.today}") if options.today else "",
    ]
    return "　".join(part for part in parts if part)


def _coverage_line(options: ExportOptions) -> str:
    """Say which ratio is counted in places and which in area."""
    zh = "点位计 = 已覆盖重点部位 ÷ 重点部位；面积计 = 可视面积 ÷ 应看面积，两者不可混用"
    words = options.say(zh, "places covered ÷ places is a count; area seen ÷ area of interest is an area; they differ")
    since = options.say(f"变化：与 {options.run_before} 相比", f"changes: since {options.run_before}")
    return "　".join(part for part in (_level_line(options), words, since if options.run_before else "") if part)


def _level_line(options: ExportOptions) -> str:
    """Words below the title of a table about views: the pixel level with its edition, too."""
    level = options.say(f"像素级别：{options.pixel_level}", f"Pixel level: {options.pixel_level}")
    return "　".join(part for part in (_line(options), level if options.pixel_level else "") if part)


_ABOUT = (
    ("编码", "Codes", "网格编码 = 村（社区）编码 + 3 位序号，基本网格自 001 起，专属网格自 901 起；编码均为文本",
     "cell code = village code + 3 digits, basic cells from 001, special ones from 901; codes are text"),
    ("四至", "Sides", "按该方向边界占比最大的道路、河流或相邻网格（村）填写",
     "the road, river or neighbour along most of the border that faces that way"),
    ("年走访量", "Visits", "一般户每年 2 次、重点户每年 12 次（规模标准可改）",
     "2 a year to an ordinary household, 12 to a special one (set in the profile)"),
    ("户数偏差", "Deviation", "（本网格户数 − 本村网格平均户数）÷ 平均户数",
     "(households − mean of the village's cells) ÷ mean"),
)  # fmt: skip


def _notes(options: ExportOptions) -> list[tuple[str, str]]:
    """Lines of the first sheet."""
    say = options.say
    notes = [
        (say("县区", "County"), options.county),
        (say("方案", "Plan"), options.plan),
        (say("日期", "Date"), str(options.today or "")),
        (say("编制单位", "Issued by"), options.issuer),
        (say("坐标", "Coordinates"), say(*_DATUM_NAMES[options.datum])),
        *((say(zh, en), say(zh_text, en_text)) for zh, en, zh_text, en_text in _ABOUT),
    ]
    if options.sample:
        words = say("本表数据为程序生成的示意数据，不是真实情况", "all data here was generated; it is not real")
        notes.insert(0, (say("示意", "Sample"), words))
    if options.public:
        words = say("不含人员、点位；1 至 4 的数不列出", "without people and cameras; counts from 1 to 4 are left out")
        notes.append((say("公开版", "Public"), words))
    return notes
