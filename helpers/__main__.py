"""The one entry point to every command: python -m helpers COMMAND (the Makefile calls the same)."""

# Kept readable by any Python, down to 2.7, so that a wrong one gets a sentence and not a SyntaxError.
import sys

SUPPORTED = ((3, 11), (3, 13))


def refuse_wrong_python():
    """End with one sentence where this Python cannot run the course."""
    version = sys.version_info[:2]
    if not SUPPORTED[0] <= version <= SUPPORTED[1]:
        sys.exit(
            "The course needs Python 3.11, 3.12 or 3.13, and this is Python %d.%d: install one of them, "
            "then say which one to use, for example: make course PYTHON=python3.12" % version
        )


if __name__ == "__main__":
    refuse_wrong_python()
    from helpers.workshop.commands import main

    sys.exit(main())
