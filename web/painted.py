"""What our scripts paint on a Folium map, as one element of it, and the data that they read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from branca.element import MacroElement
from folium.template import Template

from web.payload import script_json

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Painted", "with_data"]

_MARK = "wangge-data-goes-here"


class Painted(MacroElement):
    """A map painted by `wangge.<script>` from the data of the page.

    Branca renders what an element gives as a template once more, so names with braces in them would be run:
    the data therefore stand behind a mark that `with_data` replaces after all rendering is done.
    """

    def __init__(self, script: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca has no types
        self._name = "Painted"
        self._template = Template(
            "{% macro html(this, kwargs) %}"
            f'<script type="application/json" id="wangge-data">{_MARK}</script>'
            "{% endmacro %}"
            "{% macro script(this, kwargs) %}"
            f"wangge.{script}({{{{ this._parent.get_name() }}}}, "
            'JSON.parse(document.getElementById("wangge-data").textContent));'
            "{% endmacro %}"
        )


def with_data(page: str, data: Mapping[str, Any]) -> str:
    """Put the data into a rendered page."""
    return page.replace(_MARK, script_json(data), 1)
