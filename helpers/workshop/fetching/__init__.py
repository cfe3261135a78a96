"""Fetch the real data sets: the table of sources, downloads, safe unpacking, and renaming into place."""
