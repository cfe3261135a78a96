"""Formulas on the site: docutils turns LaTeX into MathML when a page is made, and the browser draws it offline."""

from docutils.writers.html5_polyglot import HTMLTranslator

__all__ = ["DOCUTILS_SETTINGS", "setup"]

DOCUTILS_SETTINGS = "[html writers]\nmath_output: MathML\n"  # becomes docutils.conf beside the pages


def setup(app):
    """Let docutils' own writer render formulas, in place of Sphinx's MathJax, which comes from another host.

    Args:
        app: the Sphinx application that loads this module as an extension.

    Returns:
        What Sphinx wants to know of an extension.
    """
    app.add_html_math_renderer(
        "mathml",
        inline_renderers=(HTMLTranslator.visit_math, HTMLTranslator.depart_math),
        block_renderers=(HTMLTranslator.visit_math_block, HTMLTranslator.depart_math_block),
    )
    return {"parallel_read_safe": True, "parallel_write_safe": True}
