"""Numbers about layers and about answers: how much of the image is kept, how sure a score is."""

from helpers.measures import intervals, layers
from helpers.measures.intervals import *
from helpers.measures.layers import *

__all__ = [*intervals.__all__, *layers.__all__]
