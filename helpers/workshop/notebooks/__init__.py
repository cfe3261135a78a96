"""Run notebooks: one in a fresh kernel, several at a time, and only those that are not done yet."""
