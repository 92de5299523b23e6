"""What a county gets back: ledgers, map sheets, layers for other programs."""

from files.writing.export import FORMATS, export_files
from files.writing.options import ExportOptions

__all__ = ["FORMATS", "ExportOptions", "export_files"]
