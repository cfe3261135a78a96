"""Read the layers of a Keras network and draw them: the package behind the notebooks of "Inside a CNN".

Importing it loads no library, no data and draws nothing; each module is imported by name:
``from helpers import activations, datasets, plots``.
"""

__version__ = "0.1.0"
