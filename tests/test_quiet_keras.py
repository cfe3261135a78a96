"""What TensorFlow writes to the terminal while it is imported."""

import os
import subprocess
import sys

import pytest

from helpers.course import ROOT
from helpers.workshop import quiet_start


@pytest.mark.parametrize(("fails", "shown"), [(False, ""), (True, "a remark")])
def test_remarks_are_shown_only_with_an_error(fails, shown, capfd):
    try:
        with quiet_start._held_back_stderr():
            os.write(2, b"a remark")  # as compiled code does, past sys.stderr
            if fails:
                raise ImportError("no such library")
    except ImportError:
        assert fails
    assert capfd.readouterr().err == shown


def test_a_command_starts_without_remarks():
    code = (
        "from helpers.workshop.quiet_start import import_keras_quietly; import_keras_quietly(); "
        "import keras; print(keras.__name__)"
    )
    words = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, env=words, check=True)
    assert (run.stdout, run.stderr) == ("keras\n", "")
