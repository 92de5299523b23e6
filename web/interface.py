"""The page of the interface: every address of the service, its parameters and answers, to read and to try."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from string import Template

from web import assets

__all__ = ["interface_page"]

_WORDS: dict[str, tuple[str, str]] = {
    "title": ("接口说明", "Interface"),
    "back": ("← 返回规划台", "← Back to drawing"),
    "other": ("English", "中文"),
    "about": (
        "用您现在的账号、角色和范围试用；“Try it out”里的修改会真正保存，记入记录，可以撤销。",
        "You try it as the user you are, in your role and scope; changes made here are stored for good in the history.",
    ),
}


def interface_page(*, title: str, language: str = "zh", nonce: str | None = None) -> str:
    """Build the page; `title` names the county, `nonce` goes on every script and style element."""
    at = 1 if language == "en" else 0
    page = Template(files("web").joinpath("templates/interface.html").read_text(encoding="utf-8"))
    made = page.substitute(
        {f"word_{name}": escape(words[at]) for name, words in _WORDS.items()},
        language="en" if at else "zh-CN", lang="en" if at else "zh", other_lang="zh" if at else "en",
        county=escape(title), static=assets.PREFIX,
    )  # fmt: skip
    return assets.with_nonce(made, nonce)
