"""How Sphinx builds the documentation; `nox -s docs` runs it."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path += [str(HERE), str(HERE / "extensions")]

import refutable  # noqa: E402

project = "refutable"
author = "The refutable authors"
project_copyright = author
version = release = refutable.__version__

extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.doctest",
    "command_pages",
    "gallery",
    "native_math",
]
exclude_patterns = ["_build", "README.md"]

myst_enable_extensions = ["dollarmath", "fieldlist"]
myst_heading_anchors = 3

nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 120
nb_merge_streams = True

autosummary_generate = True
autodoc_typehints = "none"  # the docstrings have them, with shapes and ranges
autodoc_preserve_defaults = True
autodoc_member_order = "bysource"
numpydoc_show_class_members = False  # the template lists them

html_math_renderer = "native"
html_theme = "furo"
html_title = f"refutable {release}"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_copy_source = False
templates_path = ["templates"]
