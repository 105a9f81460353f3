"""Typst on virtual files: no fonts, files or packages of the machine take part.

Figures are measured in the DejaVu Sans that matplotlib brings; the PDF sets their texts in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

Format = Literal["html", "pdf"]


class DoesNotCompile(ValueError):
    """The document is not valid Typst."""


def compiled(files: Mapping[str, bytes], format: Format) -> bytes:
    """Return `main.typ` of these files, compiled.

    Parameters
    ----------
    files : mapping of str to bytes
        By path; `main.typ` is the document.
    format : "html" or "pdf"

    Raises
    ------
    DoesNotCompile
        With the compiler's message.
    """
    import typst

    compiler: Any = typst.compile  # its stubs do not know that several files can be given
    try:
        made: bytes = compiler(
            dict(files), format=format, ignore_system_fonts=True, font_paths=_fonts(format)
        )
    except RuntimeError as error:  # typst.TypstError is one
        raise DoesNotCompile(str(error)) from error
    return made


def _fonts(format: Format) -> list[str]:
    if format != "pdf":
        return []
    import matplotlib

    return [str(Path(matplotlib.get_data_path()) / "fonts" / "ttf")]
