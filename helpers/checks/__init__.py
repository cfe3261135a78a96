"""Exercises check themselves: each check returns one sentence, and never raises for a wrong answer."""

from helpers.checks import deeper, nb00_to_03, nb04_to_07, nb08_to_10
from helpers.checks.deeper import *
from helpers.checks.nb00_to_03 import *
from helpers.checks.nb04_to_07 import *
from helpers.checks.nb08_to_10 import *
from helpers.checks.verdict import NOT_YET, Verdict

_MODULES = (deeper, nb00_to_03, nb04_to_07, nb08_to_10)
__all__ = ["NOT_YET", "Verdict", *(name for module in _MODULES for name in module.__all__)]
