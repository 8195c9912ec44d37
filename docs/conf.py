"""How the documentation is built: ``make docs``."""

import sys
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_extensions"), str(HERE.parent)]

import cortical_bcpnn  # noqa: E402

project = "cortical_bcpnn"
author = copyright = "The cortical_bcpnn authors"
version = release = cortical_bcpnn.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.viewcode",
    "numpydoc",
    "sphinx_gallery.gen_gallery",
    "repository_pages",
]
exclude_patterns = ["_build", "_extensions", "examples", "gallery/*.py",
                    "gallery/*.ipynb", "gallery/*.md5", "gallery/*.zip"]  # fmt: skip
templates_path = ["_templates"]
default_role = "literal"  # docstrings name arguments and functions `like this`

myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence", "deflist"]
# Unfenced blocks are command lines and output.
highlight_language = "none"

autosummary_generate = True
autodoc_mock_imports = ["torch"]  # of an extra that is large
autosummary_context = {
    "exported": {
        name: [exported for exported in import_module(name).__all__ if exported[0] != "_"]
        for name in ("cortical_bcpnn", "cortical_bcpnn.biophysical", "cortical_bcpnn.data.encoders",
                     "cortical_bcpnn.experiments")
    },  # fmt: skip
    "scripts": ["cortical_bcpnn.experiments.speed"],  # cannot be imported: programs of their own
}
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # numpydoc says types, shapes and units
toc_object_entries_show_parents = "hide"
numpydoc_show_class_members = False

sphinx_gallery_conf = {
    "examples_dirs": "examples",
    "gallery_dirs": "gallery",
    "filename_pattern": r"\.py$",
    "within_subsection_order": "FileNameSortKey",
    "image_scrapers": ("repository_pages.figures_of",),
    "reset_modules": (),
    "reference_url": {},
    "download_all_examples": False,
    "show_signature": False,
    "write_computation_times": False,  # their page loads scripts from elsewhere
    "show_memory": False,
    "capture_repr": ("_repr_html_", "__repr__"),
    "abort_on_example_error": False,
}

html_theme = "pydata_sphinx_theme"
html_title = "cortical_bcpnn"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_sidebars = {"glossary": [], "figures": []}
html_show_sourcelink = False
html_theme_options = {
    "logo": {"text": "cortical_bcpnn"},
    "header_links_before_dropdown": 7,
    "navigation_with_keys": False,
    "show_toc_level": 2,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
    "footer_start": ["copyright"],
    "footer_end": [],
}
