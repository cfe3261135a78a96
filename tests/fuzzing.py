"""Coverage-guided fuzzing of what reads files that strangers give; tests/test_fuzzing.py runs it, and so can you:

    python tests/fuzzing.py csv --seconds 60

Targets: "h5" and "keras" change the bytes of saved networks, half of the time those of the configuration inside, so
that the file around it stays whole; "csv" changes those of Kaggle's table of digits. It ends at the first finding
with exit code 77 (a wrong answer to damaged bytes), 70 (too slow) or 71 (too much memory), and leaves the bytes in
the folder --found. Such bytes become an ordinary test: tests/found/ holds those of the past.
"""

import argparse
import io
import json
import os
import re
import sys
import tempfile
import zipfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
SECONDS_EACH = 30  # one input may take no longer
MEGABYTES = 3000  # the process may become no larger; with Keras loaded it has some 600
CONFIG = re.compile(rb'\{"class_name".*\}\}', re.S)  # as Keras writes it into an HDF5 attribute
SCRATCH = Path("/dev/shm" if os.path.isdir("/dev/shm") else tempfile.gettempdir())


def small_network():
    """A network with a bit of everything, so that its configuration has something to change."""
    import keras
    from keras import layers

    inner = keras.Sequential([keras.Input((4, 4, 2)), layers.Conv2D(2, 2, name="deep")], name="inner")
    image = keras.Input((5, 5, 1), name="image")
    maps = layers.Conv2D(2, 2, activation="relu", name="conv", kernel_regularizer="l2")(image)
    both = layers.Add(name="sum")([layers.BatchNormalization(name="norm")(maps), maps])
    return keras.Model(image, layers.Dense(2, activation="softmax", name="dense")(layers.Flatten()(inner(both))))


def saved(suffix):
    """The bytes of the small network in one of the two forms."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"net.{suffix}")
        small_network().save(path)
        return path.read_bytes()


def old_file():
    """The bytes of a file as Keras 2 wrote it."""
    import old_files
    import old_networks

    with tempfile.TemporaryDirectory() as folder:
        entry, weights, _ = old_networks.branches("2.2.4")
        return old_files.write_file(Path(folder, "net.h5"), "2.2.4", entry, weights).read_bytes()


def small_table():
    """A table of digits with three rows."""
    columns = ["label", *(f"pixel{place}" for place in range(784))]
    rows = [[str(row), *(str((place * row) % 256) for place in range(784))] for row in range(3)]
    return "\n".join(",".join(row) for row in [columns, *rows]).encode() + b"\n"


def seeds(target):
    """What the changes begin with: a list of bytes."""
    if target == "csv":
        return [small_table(), b"label,pixel0\n1,2\n", b"\xef\xbb\xbf" + small_table()]
    return [saved("keras")] if target == "keras" else [saved("h5"), old_file()]


def read(target, data, folder=SCRATCH):
    """Give bytes to the reader.

    Args:
        target: "h5", "keras" or "csv".
        data: the file's bytes.
        folder: where the file is written.

    Returns:
        The sentence with which it is refused, or None where it is read.

    Raises:
        AssertionError: if it is refused in another way than the reader promises.
    """
    from helpers._shared.errors import CourseError

    if target == "csv":
        from helpers.datasets.digit_files import read_digit_csv as reader
    else:
        from helpers.models import load_model as reader
    path = Path(folder, f"fuzz-{os.getpid()}.{target}")
    path.write_bytes(data)
    try:
        reader(path)
    except ValueError as error:
        sentence = str(error)
        assert type(error) is CourseError, f"{type(error).__name__} instead of CourseError"
        assert sentence.endswith(".") and "\n" not in sentence and path.name in sentence, sentence
        return sentence
    except Exception as error:
        raise AssertionError(f"{type(error).__name__} instead of CourseError: {error}") from error
    finally:
        path.unlink()
    return None


def mutator(target, mutate):
    """What changes the bytes: now and then only the configuration inside, and the file is put together again."""

    def change(data, largest, seed):
        changed = None
        if seed % 2 and target == "keras":
            changed = _change_archive(data, mutate)
        elif seed % 2 and target == "h5":
            changed = _change_text(data, mutate)
        return changed if changed is not None and len(changed) <= largest else mutate(data, largest)

    return change


def _change_archive(data, mutate):
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        text = parts["config.json"]
    except Exception:  # bytes that are no archive any more
        return None
    parts["config.json"] = mutate(text, len(text) + 64)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return made.getvalue()


def _change_text(data, mutate):
    found = CONFIG.search(data)
    if not found:
        return None
    text = bytes(mutate(found[0], len(found[0])))
    return data[: found.start()] + text.ljust(len(found[0])) + data[found.end() :]  # at the same places


def dictionary(target):
    """Words that Keras knows, one a line, for libFuzzer."""
    words = {"1e9", "-1", "null", "true", "NaN", "[]", "{}", "99999999999", '"'}
    if target != "csv":
        words |= set(re.findall(r'"[A-Za-z_]+"', json.dumps(small_network().get_config())))
        words |= {'"Lambda"', '"channels_first"', '"__lambda__"', '"TFOpLambda"', '"Sequential"', '"Functional"'}
    return "".join('"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"\n' for word in sorted(words))


def main():
    """Fuzz one target for some time."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", choices=("h5", "keras", "csv"))
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--found", type=Path, default=Path("build", "fuzzing"), help="folder for what it finds")
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args()
    import atheris

    if chosen.target != "csv":
        import keras  # noqa: F401  (before it is watched: to instrument all of it takes minutes)
    with atheris.instrument_imports(include=["helpers"]):  # imported here, so that their branches are counted
        import helpers.datasets.digit_files  # noqa: F401

        if chosen.target != "csv":
            from helpers.models import saved_files

            saved_files.LIMIT = (
                SECONDS_EACH / 3
            )  # what keeps HDF5 busy for ever is refused before it is called too slow
    chosen.found.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as corpus:
        first = seeds(chosen.target)
        for number, data in enumerate(first):
            Path(corpus, f"seed{number}").write_bytes(data)
            assert read(chosen.target, data) is None or len(data) < 100
        words = Path(corpus).with_suffix(".dict")
        words.write_text(dictionary(chosen.target))
        limits = [f"-max_total_time={chosen.seconds}", f"-timeout={SECONDS_EACH}", f"-rss_limit_mb={MEGABYTES}"]
        about = [f"-max_len={2 * max(map(len, first))}", f"-seed={chosen.seed}", f"-dict={words}", "-len_control=0"]
        where = [f"-artifact_prefix={chosen.found}/{chosen.target}-", "-print_final_stats=1", corpus]
        change = mutator(chosen.target, lambda data, largest: atheris.Mutate(data, largest))  # which Setup replaces
        atheris.Setup(
            [sys.argv[0], *limits, *about, *where],
            lambda data: read(chosen.target, data) and None,
            custom_mutator=change,
        )
        atheris.Fuzz()


if __name__ == "__main__":
    main()
