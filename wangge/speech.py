"""Which language the command line speaks: Chinese, or English with WANGGE_LANG=en."""

from __future__ import annotations

import os

__all__ = ["english", "said"]


def english() -> bool:
    """Tell whether WANGGE_LANG asks for English."""
    return os.environ.get("WANGGE_LANG", "zh").lower().startswith("en")


def said(zh: str, en: str) -> str:
    """Give the words in the language of this call."""
    return en if english() else zh
