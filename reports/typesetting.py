"""Typst on virtual files: no fonts, files or packages of the machine take part."""

from __future__ import annotations

from collections.abc import Mapping
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
        made: bytes = compiler(dict(files), format=format, ignore_system_fonts=True)
    except RuntimeError as error:  # typst.TypstError is one
        raise DoesNotCompile(str(error)) from error
    return made
