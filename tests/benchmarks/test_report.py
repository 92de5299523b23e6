"""A section of the page of figures is replaced, and nothing else."""

from __future__ import annotations

from benchmarks.report import write_section


def test_a_section_is_replaced_between_its_markers_only(tmp_path) -> None:
    page = tmp_path / "figures.md"
    write_section("one", ["## One", "old"], page=page)
    write_section("two", ["## Two"], page=page)
    written = page.read_text(encoding="utf-8")
    page.write_text(written.replace("<!-- begin two -->", "By hand.\n<!-- begin two -->"), encoding="utf-8")
    write_section("one", ["## One", "new  "], page=page)
    text = page.read_text(encoding="utf-8")
    assert "old" not in text
    assert "new\n<!-- end one -->" in text
    assert "By hand.\n<!-- begin two -->\n## Two\n<!-- end two -->" in text
    assert text.startswith("# ")
