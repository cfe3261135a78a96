"""What one types: python -m helpers COMMAND. Each module of this folder is one command.

A command module holds ``add_arguments(parser)``, ``run(arguments) -> exit code`` and a docstring whose first
line is its help. Only the chosen one is imported, so that ``environment`` runs before anything is installed.
"""

import argparse
import ast
import difflib
import importlib
import os
import sys
from pathlib import Path

from helpers._shared.errors import CourseError

__all__ = ["command_names", "main"]


def command_names():
    """Return the names of all commands, sorted: the modules of this folder.

    Returns:
        A list of names.
    """
    return sorted(path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_"))


def _module_docstring(name):
    """The docstring of a command, read without importing it (its libraries may be missing)."""
    source = Path(__file__).with_name(f"{name}.py").read_text(encoding="utf-8")
    return ast.get_docstring(ast.parse(source))


def _overview():
    lines = [f"  {name:<13} {_module_docstring(name).splitlines()[0]}" for name in command_names()]
    return "commands:\n" + "\n".join(lines) + "\n\npython -m helpers COMMAND --help tells more."


def _parser_for(name):
    summary, _, more = _module_docstring(name).partition("\n")
    return argparse.ArgumentParser(
        prog=f"python -m helpers {name}",
        description=summary,
        epilog=more.strip(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _check_name(name):
    """End with the overview (exit 0) or one sentence (exit 2) where no command can run."""
    if name in ("", "-h", "--help"):
        print("usage: python -m helpers COMMAND [options]\n\n" + _overview())
        raise SystemExit(0)
    if name not in command_names():
        near = difflib.get_close_matches(name, command_names(), n=1)
        hint = f"did you mean {near[0]}? The" if near else "the"
        print(f"There is no command {name!r}; {hint} course has {', '.join(command_names())}.", file=sys.stderr)
        raise SystemExit(2)


def _import_command(name):
    """The command's module; a missing library becomes one sentence."""
    try:
        return importlib.import_module(f"{__name__}.{name}")
    except ModuleNotFoundError as error:
        raise SystemExit(
            f"{error.name} is not installed here: type .venv/bin/python -m helpers {name}, after make .venv."
        ) from None


def _is_told(error):
    """Whether an error is a sentence for the user: our own, or a file that is missing or cannot be read."""
    return isinstance(error, CourseError) or error.errno is None or error.filename is not None


def main(words=None):
    """Run one command.

    Args:
        words: the command's name and its options; the command line when None.

    Returns:
        The exit code: 0 done, 1 something failed, 2 not understood, 130 stopped by the user. Bad input and files that
        are missing or cannot be read are told in one line; anything else is a bug and shows its traceback.
    """
    name, *options = list(sys.argv[1:] if words is None else words) or [""]
    _check_name(name)
    command = _import_command(name)
    parser = _parser_for(name)
    command.add_arguments(parser)
    try:
        return command.run(parser.parse_args(options))
    except (CourseError, OSError) as error:
        if os.environ.get("COURSE_TRACEBACK") or not _is_told(error):
            raise
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
