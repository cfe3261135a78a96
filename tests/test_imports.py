"""What importing costs and does, and that every docstring says what its signature says."""

import ast
import os
import subprocess
import sys

import pytest

from helpers.course import ROOT

MODULES = sorted(path for path in (ROOT / "helpers").rglob("*.py") if path.name not in ("__init__.py", "__main__.py"))
NAMES = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in MODULES}


def in_fresh_process(code):
    """Run code in a new Python and return what it prints; fail with what it complains about."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.strip()


LIGHT = [
    "helpers",
    "helpers.pictures",
    "helpers.plots",
    "helpers.plots.grid",
    "helpers.plots.colours",
    "helpers.course",
    "helpers.workshop.commands.distributed",
]


def test_light_modules_load_neither_keras_nor_tensorflow():
    """In one process: what none of them together has loaded, none has loaded alone; the first to load it is named."""
    code = f"""
import importlib, sys
for module in {LIGHT}:
    importlib.import_module(module)
    heavy = [name for name in ("keras", "tensorflow", "jax", "torch", "sklearn", "pandas") if name in sys.modules]
    assert not heavy, (module, heavy)
"""
    assert in_fresh_process(code) == ""


def test_plots_without_a_network_load_no_keras():
    code = """
import sys, numpy as np
from helpers import plots
plots.plot_layer(np.eye(4)[..., None])
plots.plot_images([np.eye(4)])
plots.plot_history({"loss": [1, 2]})
print("keras" in sys.modules)
"""
    assert in_fresh_process(code) == "False"


def test_importing_draws_nothing_prints_nothing_and_changes_no_setting():
    code = f"""
import importlib, matplotlib
import matplotlib.pyplot as plt
before = dict(matplotlib.rcParams)
for name in {sorted(NAMES)}:
    importlib.import_module(name)
assert dict(matplotlib.rcParams) == before, "rcParams"
assert plt.get_fignums() == [], "figures"
"""
    assert in_fresh_process(code) == ""


def listed(tree):
    """Return the names in a module's __all__, or None where it has none."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and [getattr(target, "id", "") for target in node.targets] == ["__all__"]:
            return ast.literal_eval(node.value)
    return None


def public(path):
    """Yield (name, node) of each function that a module offers: those in __all__; in _shared, without one, by name."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            is_listed = node.name in (listed(tree) or ())
            if is_listed or (path.parent.name == "_shared" and not node.name.startswith("_")):
                yield node.name, node


def own_nodes(function):
    """Yield the nodes of a function without those of functions defined in it."""
    waiting = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.Lambda, ast.ClassDef)):
            waiting += ast.iter_child_nodes(node)


def parameters(function):
    """Return the names of a function's parameters, stars included, without self."""
    arguments = function.args
    names = [each.arg for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    names += [f"*{arguments.vararg.arg}"] if arguments.vararg else []
    names += [f"**{arguments.kwarg.arg}"] if arguments.kwarg else []
    return [name for name in names if name not in ("self", "cls")]


def section(docstring, title):
    """Return the lines of a section of a docstring in Google's style, or None where there is none."""
    lines = docstring.splitlines()
    if f"{title}:" not in [line.strip() for line in lines]:
        return None
    start = [line.strip() for line in lines].index(f"{title}:")
    depth = len(lines[start]) - len(lines[start].lstrip())
    found = []
    for line in lines[start + 1 :]:
        if line.strip() and len(line) - len(line.lstrip()) <= depth:
            break
        found.append(line)
    return found


def entries(lines):
    """Return the names at the head of a section's entries, such as the parameters of Args."""
    filled = [line for line in lines if line.strip()]
    depth = min((len(line) - len(line.lstrip()) for line in filled), default=0)
    heads = [line.strip().split(":")[0] for line in filled if len(line) - len(line.lstrip()) == depth and ":" in line]
    return [name.strip(" `").split(" (")[0] for head in heads for name in head.split(",")]


def complaints(function):
    """Say what a function's docstring lacks, or says too much."""
    docstring = ast.get_docstring(function)
    if not docstring:
        return ["no docstring"]
    found = []
    wanted, described = parameters(function), entries(section(docstring, "Args") or [])
    found += [f"Args lacks {name}" for name in wanted if name not in described]
    found += [f"Args has {name}, the signature has not" for name in described if name not in wanted]
    nodes = list(own_nodes(function))
    returns = any(isinstance(node, ast.Return) and node.value is not None for node in nodes)
    yields = any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in nodes)
    is_property = any(getattr(each, "id", "") in ("property", "cached_property") for each in function.decorator_list)
    says = section(docstring, "Returns") is not None or section(docstring, "Yields") is not None
    found += ["no Returns"] if (returns or yields) and not says and not is_property else []
    found += ["Returns, but nothing is returned"] if says and not returns and not yields else []
    raised = {node.exc.func.id for node in nodes if isinstance(node, ast.Raise) and called_by_name(node.exc)}
    told = entries(section(docstring, "Raises") or [])
    return found + [f"Raises lacks {name}" for name in sorted(raised) if name not in told]


def called_by_name(raised):
    return isinstance(raised, ast.Call) and isinstance(raised.func, ast.Name) and not raised.func.id.startswith("_")


PACKAGES = {
    path.parent.relative_to(ROOT).as_posix().replace("/", "."): path for path in ROOT.glob("helpers/**/__init__.py")
}
WHERE = {**NAMES, **PACKAGES}
FUNCTIONS = {f"{module}.{name}": node for module, path in WHERE.items() for name, node in public(path)}
# Arguments are told at the head of the module once: each of its functions takes the same two.
WHOLE_DOCSTRINGS = sorted(name for name in FUNCTIONS if not name.startswith("helpers._shared.arguments."))


@pytest.mark.parametrize("name", WHOLE_DOCSTRINGS)
def test_docstring_says_what_the_signature_says(name):
    assert complaints(FUNCTIONS[name]) == []


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_no_positional_booleans_and_no_mutable_defaults(name):
    arguments = FUNCTIONS[name].args
    positional = arguments.defaults
    assert not [each for each in positional if isinstance(each, ast.Constant) and isinstance(each.value, bool)]
    every = [*positional, *arguments.kw_defaults]
    assert not [each for each in every if isinstance(each, (ast.List, ast.Dict, ast.Set))]


@pytest.mark.parametrize("module", sorted(NAMES))
def test_all_lists_public_names_that_exist(module):
    tree = ast.parse(NAMES[module].read_text(encoding="utf-8"))
    names = listed(tree)
    if module.startswith("helpers._shared."):
        assert names is None and ast.get_docstring(tree), (
            "the package is private: a name without _ is for all of helpers"
        )
        return
    assert names is not None, "no __all__"
    defined = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            defined.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            defined |= {alias.asname or alias.name for alias in node.names}
    assert set(names) <= defined and not [name for name in names if name.startswith("_")]
    assert len(names) == len(set(names)) and ast.get_docstring(tree)


SPECIMEN = '''
def example(image, *, scale="layer"):
    """Do it.

    Args:
        image: an image.
        size: not there.
    """
    if image is None:
        raise KeyError("x")
    return image
'''


def test_the_comparison_finds_what_is_wrong():
    (function,) = ast.parse(SPECIMEN).body
    assert complaints(function) == [
        "Args lacks scale",
        "Args has size, the signature has not",
        "no Returns",
        "Raises lacks KeyError",
    ]
