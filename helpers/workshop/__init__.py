"""The machinery behind `python -m helpers`: nothing in the rest of the package imports it but the door, `__main__`."""
