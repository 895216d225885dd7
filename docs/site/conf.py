# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How the pages of docs/ and the generated reference become a site that opens without a network (Sphinx)."""

project = "aiops.kubernetes"
author = "aiops.kubernetes contributors"
copyright = "2026, aiops.kubernetes contributors"
version = release = "0.1.0"

extensions = ["myst_parser", "sphinx_antsibull_ext"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
exclude_patterns = ["site"]

# `[text](page.md#heading)` works as it does where the repository is read.
myst_heading_anchors = 4
myst_enable_extensions = ["attrs_inline"]
# A Markdown viewer shows what these pages show; only the reference is built by Sphinx alone.
suppress_warnings = ["myst.header", "ref.python"]

html_theme = "furo"
html_title = "aiops.kubernetes"
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False
