"""Drawn image sets, for those who have no photographs at hand: shapes, cats and dogs, X-ray phantoms.

Everything is drawn from a seed: the same seed, the same picture.

THE X-RAY PHANTOMS ARE NOT MEDICAL IMAGES: NO PATIENT, NO DISEASE, NO DIAGNOSIS.
"""

from helpers.drawing.pen_and_brush import pen_strokes
from helpers.drawing.phantoms import marker_for, phantom
from helpers.drawing.sets import draw_set

__all__ = ["draw_set", "marker_for", "pen_strokes", "phantom"]
