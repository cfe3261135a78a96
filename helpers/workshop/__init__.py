"""The machinery behind `python -m helpers`: only the entry point, `__main__`, imports it."""
