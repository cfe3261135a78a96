"""Join modules of JavaScript into one script, because a page on the disk may not load files beside it."""

import re

__all__ = ["join_modules"]

IMPORT = re.compile(r'^import (\{[^}]*\}|\* as \w+) from "(\.|\.\./\w+)/(\w+)\.js";\n', re.M)
EXPORT = re.compile(r"^export (?=(?:const|let|function|async function|class) (\w+))", re.M)


def join_modules(folder, name):
    """Join a module with all that it imports.

    Each keeps a scope of its own: it becomes a function that gives back what the module exports.

    Args:
        folder: Path of the folder with the module; imports stand at a line's beginning as ``from "./name.js"``, or as
            ``from "../engine/name.js"`` for a folder beside it. No two modules have the same name.
        name: the module that is wanted, without ``.js``.

    Returns:
        The script as text; it defines one name, ``modules``, an object that holds each module by its name.
    """
    found = {}
    _add(folder, name, found)
    return "\n".join(["const modules = {};", *found.values()])


def _add(folder, name, found):
    text = (folder / f"{name}.js").read_text(encoding="utf-8")
    for _, where, other in IMPORT.findall(text):
        if other not in found:
            _add((folder / where).resolve(), other, found)
    body = IMPORT.sub(lambda match: f"const {_taken(match[1])} = modules.{match[3]};\n", text)
    exports = ", ".join(EXPORT.findall(text))
    found[name] = f"modules.{name} = (() => {{\n{EXPORT.sub('', body)}\nreturn {{ {exports} }};\n}})();"


def _taken(words):
    return words.removeprefix("* as ")
