"""Drawn image sets, for those who have no photographs at hand: shapes, cats and dogs, X-ray phantoms.

Everything is drawn from a seed: the same seed, the same picture.

THE X-RAY PHANTOMS ARE NOT MEDICAL IMAGES: NO PATIENT, NO DISEASE, NO DIAGNOSIS.
"""

from helpers.drawing.cats_and_dogs import cat_or_dog
from helpers.drawing.hands import hand_image
from helpers.drawing.pen import pen_strokes
from helpers.drawing.phantoms import lungs, marker_for, phantom
from helpers.drawing.sets import draw_set
from helpers.drawing.shapes import shape_image

__all__ = ["cat_or_dog", "draw_set", "hand_image", "lungs", "marker_for", "pen_strokes", "phantom", "shape_image"]
