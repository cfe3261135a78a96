"""Two digits that look alike: where can they be told apart, and by what does the network do it?

`choosing` picks images by a rule, `points` asks single values of a layer, `probes` asks all of a layer together,
`swapping` changes values and looks at the answer.
"""

from helpers.probing import choosing, points, probes, swapping
from helpers.probing.choosing import *
from helpers.probing.points import *
from helpers.probing.probes import *
from helpers.probing.swapping import *

__all__ = [*choosing.__all__, *points.__all__, *probes.__all__, *swapping.__all__]
