"""The settings of the site, which Sphinx reads, and what it does to each page on its way."""

import json
from pathlib import Path

from docutils import nodes
from docutils.writers.html5_polyglot import HTMLTranslator
from PIL import Image
from sphinx.ext.autodoc.mock import mock

__all__ = ["project", "setup"]

# Signatures need none of these, and importing them takes long; never left, so that nothing imports them later.
_mocked = mock(["keras", "tensorflow", "sklearn", "scipy", "pandas", "h5py"])

project = "Inside a CNN"
html_title = project
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
templates_path = ["templates"]
html_static_path = ["static"]
html_css_files = ["course.css"]
html_js_files = [("site.js", {"defer": "defer"})]
html_favicon = "static/favicon.svg"

myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3  # the report links to its items
myst_dmath_allow_space = False  # "5 $ and 6 $" are prices, and so are
myst_dmath_allow_digits = False  # "$5 to $6"
html_math_renderer = "mathml"
nb_execution_mode = "off"
nb_merge_streams = True

add_module_names = False
napoleon_use_rtype = False

html_theme = "sphinx_book_theme"
html_sidebars = {"**": ["search-button-field.html", "explorer.html", "sbt-sidebar-nav.html"]}
html_context = {"default_mode": "auto"}
html_copy_source = html_show_sourcelink = html_show_copyright = html_show_sphinx = html_use_index = False
html_domain_indices = html_scaled_image_link = False
html_theme_options = {
    "navbar_persistent": [],
    "footer_content_items": [],
    "use_download_button": False,
    "use_fullscreen_button": False,
    "home_page_in_toc": True,
    "show_navbar_depth": 1,
    "show_toc_level": 2,
}


def setup(app):
    """Connect what follows.

    Args:
        app: the Sphinx application.

    Returns:
        What Sphinx wants to know of an extension.
    """
    # docutils' own writer renders formulas, in place of Sphinx's MathJax, which comes from another host.
    app.add_html_math_renderer(
        "mathml",
        inline_renderers=(HTMLTranslator.visit_math, HTMLTranslator.depart_math),
        block_renderers=(HTMLTranslator.visit_math_block, HTMLTranslator.depart_math_block),
    )
    _mocked.__enter__()
    texts, notes = {}, Path(app.srcdir, "in_the_course.json")
    notes = json.loads(notes.read_text(encoding="utf-8"))

    def add_note(app, what, name, thing, options, lines):
        """Below a docstring the figure that the function makes in the course, and where it is used."""
        if name in notes:
            lines += ["", ".. raw:: html", "", f"   {notes[name]}", ""]

    def note_page(app, page, template, context, document):
        """Short names for the pages before and after; summaries that say what they unfold; the explorer if there."""
        _, *around = app.builder.relations.get(page, (None, None, None))
        for way, name in zip(("prev", "next"), around):
            if name and context.get(way):
                context[way]["title"] = app.env.longtitles[name].astext()
        context["explorer"] = Path(app.outdir, "explorer.html").is_file()
        context["body"] = context.get("body", "").replace(' aria-label="Toggle hidden content"', "")
        if document is not None:
            blocks = document.findall(lambda node: isinstance(node, nodes.TextElement))
            texts[page] = " ".join(block.astext() for block in blocks if not isinstance(block, nodes.Inline))

    def write_texts(app, error):
        """The texts of all pages as a script: a search that is opened from disk may not fetch pages."""
        Path(app.outdir, "_static", "texts.js").write_text(f"const TEXTS = {json.dumps(texts)};\n", encoding="utf-8")

    app.connect("autodoc-process-docstring", add_note)
    app.connect("doctree-resolved", _sizes)
    app.connect("html-page-context", note_page)
    app.connect("build-finished", write_texts)
    return {"parallel_read_safe": True}


def _sizes(app, document, page):
    """Tell the size of each picture, so that nothing jumps when it comes."""
    for picture in document.findall(nodes.image):
        file = Path(app.srcdir, picture["uri"])
        if "width" not in picture and file.is_file():
            with Image.open(file) as image:
                picture["width"], picture["height"] = map(str, image.size)
