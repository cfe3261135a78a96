"""A Jupyter Lab of one's own on 127.0.0.1, and a headless Chromium that looks at it."""

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 120
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",  # a camera with a moving picture, which nobody is asked for
    "--use-fake-ui-for-media-stream",
]


def find_chromium():
    """Path of Chromium; the test is skipped without one, or fails where COURSE_REQUIRE_BROWSER=1."""
    found = shutil.which("chromium")
    if found:
        return found
    if os.environ.get("COURSE_REQUIRE_BROWSER") == "1":
        pytest.fail("COURSE_REQUIRE_BROWSER=1, but there is no chromium: install it.")
    pytest.skip("there is no chromium: install it to run this test")


@contextmanager
def open_page():
    """Start headless Chromium; give a page and the list of errors that its scripts do not catch."""
    from playwright.sync_api import sync_playwright

    chromium = find_chromium()
    with sync_playwright() as playwright:
        patience = 1000 * START_SECONDS
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS, timeout=patience)
        page = browser.new_page(viewport={"width": 1200, "height": 1500})
        page.set_default_timeout(patience)
        errors = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        try:
            yield page, errors
        finally:
            browser.close()


def _write_settings(folder):
    """Settings under which Lab asks no question and fetches no news."""
    settings = folder / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    news = settings / "notification.jupyterlab-settings"
    news.write_text('{"fetchNews": "false", "checkForUpdates": false}')


def _wait_for_address(folder, server):
    """The server's address and its token, as soon as it answers."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        for file in (folder / "runtime").glob("jpserver-*.json"):
            try:
                about = json.loads(file.read_text())
            except ValueError:  # not wholly written yet
                continue
            return about["url"], about["token"]
        time.sleep(0.2)
    log = (folder / "lab.log").read_text()[-2000:]
    raise RuntimeError(f"Jupyter Lab did not start in {START_SECONDS} s: {log}")


@contextmanager
def jupyter_lab(folder):
    """Run Jupyter Lab over a folder; give its address, in which {name} stands for the notebook.

    Args:
        folder: a folder whose subfolder "notebooks" holds the notebooks; the rest is for Lab's own files.
    """
    _write_settings(folder)
    own = {name: str(folder / name.lower()) for name in ("RUNTIME", "CONFIG", "DATA")}
    environment = os.environ | {f"JUPYTER_{name}_DIR": path for name, path in own.items()}
    environment |= {"JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"), "PYTHONPATH": str(ROOT)}
    environment |= {"JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"), "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--no-browser",
        "--allow-root",
        "--ip=127.0.0.1",
        "--port=0",
        f"--IdentityProvider.token={secrets.token_hex(16)}",
        f"--ServerApp.root_dir={folder / 'notebooks'}",
    ]
    with running_lab(folder, command, environment) as (address, token):
        yield f"{address}lab/tree/{{name}}?token={token}"


@contextmanager
def running_lab(folder, command, environment):
    """Run a command that starts Jupyter Lab; give its address and its token. What it writes goes into the folder."""
    environment = os.environ | environment | {"JUPYTER_RUNTIME_DIR": str(folder / "runtime")}
    with open(folder / "lab.log", "w", encoding="utf-8") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=folder)
        try:
            yield _wait_for_address(folder, server)
        finally:
            server.terminate()
            try:
                server.wait(timeout=20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
