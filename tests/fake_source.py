"""A server on loopback that plays Kaggle and the plain addresses, with faults to order, and what it gives.

Kaggle's own client is pointed at it without changing the client: KAGGLE_API_ENVIRONMENT=LOCALHOST makes it
ask http://localhost, and HTTP_PROXY makes every such request come here.
"""

import base64
import functools
import hashlib
import io
import json
import random
import socket
import struct
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import numpy as np
from PIL import Image

TOKEN = "a-good-token"
USER, KEY = "pupil", "a-good-key"
SMALL = {  # the same six sets with fewer pieces; entries as in helpers.workshop.fetching.sources.DataSet
    "shapes": {"parts": {"circles": 12, "squares": 12, "triangles": 12}},
    "cats_vs_dogs": {
        "parts": {"train/cats": 20, "train/dogs": 20, "validation/cats": 10, "validation/dogs": 10},
        "size": 0,
    },
    "chest_xray": {
        "parts": {"train/NORMAL": 9, "train/PNEUMONIA": 12, "test/NORMAL": 4, "test/PNEUMONIA": 5},
        "room": 10_000_000,
    },
    "mnist": {"parts": {"train": 60, "test": 20}},
    "digit_recognizer": {"parts": {"train.csv": 42}},
    "hand_drawn_shapes": {"parts": {"ellipse": 24, "rectangle": 24, "triangle": 24}, "room": 10_000_000},
}
PEOPLE = ("ana", "bea", "cid", "dov", "eli", "fay", "gus", "hal", "ida", "jon", "kim", "lou", "mia", "zoe")


def image_bytes(number, kind="JPEG", side=28):
    """One small image file that differs from number to number."""
    pixels = np.random.default_rng(number).integers(0, 256, (side, side, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()


def zip_bytes(members):
    """A zip archive of {name: bytes}."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def shapes_files(count=12):
    """{place in the set: bytes} of the shapes."""
    parts = ("circles", "squares", "triangles")
    return {
        f"{part}/drawing({number}).png": image_bytes(1000 * index + number, "PNG")
        for index, part in enumerate(parts)
        for number in range(1, count + 1)
    }


def photograph_files(train=20, validation=10):
    """{place in the set: bytes} of the cats and dogs."""
    numbers = [("train", number) for number in range(train)]
    numbers += [("validation", number) for number in range(2000, 2000 + validation)]
    return {
        f"{part}/{animal}s/{animal}.{number}.jpg": image_bytes(10_000 * index + number)
        for index, animal in enumerate(("cat", "dog"))
        for part, number in numbers
    }


def xray_files():
    """{place in the set: bytes} of the X-rays."""
    counts = SMALL["chest_xray"]["parts"]
    return {
        f"{part}/IM-{number:04}-0001.jpeg": image_bytes(50_000 + 100 * index + number)
        for index, (part, count) in enumerate(counts.items())
        for number in range(count)
    }


def mnist_bytes(train=60, test=20):
    """An archive of arrays as keras has it."""
    random = np.random.default_rng(7)
    arrays = {}
    for part, count in (("train", train), ("test", test)):
        arrays[f"x_{part}"] = random.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        arrays[f"y_{part}"] = (np.arange(count) % 10).astype(np.uint8)
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def digits_csv(rows=42):
    """Kaggle's table of digits."""
    values = np.random.default_rng(8).integers(0, 256, (rows, 784))
    lines = ["label," + ",".join(f"pixel{number}" for number in range(784))]
    lines += [f"{row % 10}," + ",".join(map(str, line)) for row, line in enumerate(values)]
    return ("\n".join(lines) + "\n").encode()


def kaggle_archives():
    """What Kaggle gives, by its name for it, with the odd layouts that its archives have."""
    cats = {f"train/{place.rpartition('/')[2]}": content for place, content in photograph_files().items()}
    others = {f"train/cat.{number}.jpg": image_bytes(number) for number in (900, 1999, 2600)}
    xrays = xray_files()
    twice = {f"chest_xray/{place}": content for place, content in xrays.items()}
    twice |= {f"chest_xray/chest_xray/{place}": content for place, content in xrays.items()}
    twice |= {f"chest_xray/val/NORMAL/IM-9{n}.jpeg": image_bytes(n) for n in range(4)}
    twice |= {"chest_xray/__MACOSX/chest_xray/train/NORMAL/._IM-0000-0001.jpeg": b"no image"}
    shapes = {f"shapes/{place}": content for place, content in shapes_files().items()}
    return {
        "basicshapes": zip_bytes(shapes),
        "chest-xray-pneumonia": zip_bytes(twice),
        "dogs-vs-cats": zip_bytes({"train.zip": zip_bytes(cats | others), "test1.zip": zip_bytes({})}),
        "digit-recognizer": zip_bytes({"train.csv": digits_csv(), "test.csv": b"pixel0\n0\n"}),
    }


def public_cats():
    """The public subset, in its own layout."""
    files = {f"cats_and_dogs_filtered/{place}": content for place, content in photograph_files().items()}
    return zip_bytes(files | {"cats_and_dogs_filtered/vectorize.py": b"pass"})


@functools.cache
def drawings():
    """{member: bytes} of the archive of hand-drawn shapes: bea has too few triangles, and zoe is one too many."""
    members, image = {}, 0
    for person in reversed(PEOPLE):
        for shape in ("triangle", "other", "rectangle", "ellipse"):
            for number in range(39 if (person, shape) == ("bea", "triangle") else 40):
                name, image = f"{shape}.{person}.{number + 1:04}", image + 1
                members[f"data/user.{person}/images/{shape}/{name}.png"] = image_bytes(image, "PNG", 3)
                members[f"data/user.{person}/vertices/{shape}/{name}.csv"] = b"0,1"
    more = {f"processing/classify/data/test/u01/images/ellipse/{n}.png": b"no" for n in range(50)}
    return {f"hand-drawn-shapes-dataset-main/{name}": content for name, content in (members | more).items()}


def drawing_files():
    """{place in the set: bytes} of the hand-drawn shapes, two of each person and shape, by the rule in words."""
    chosen = [person for person in sorted(PEOPLE) if person != "bea"][:12]
    seed, files = random.Random(7), {}
    for number, person in enumerate(chosen, 1):
        for shape in ("ellipse", "rectangle", "triangle"):
            folder = f"hand-drawn-shapes-dataset-main/data/user.{person}/images/{shape}"
            names = seed.sample([f"{folder}/{shape}.{person}.{place:04}.png" for place in range(1, 41)], 2)
            files |= {f"{shape}/person{number:02}_{at:02}.png": drawings()[name] for at, name in enumerate(names)}
    return files


@functools.cache
def drawings_zip():
    """The archive of hand-drawn shapes; made once, for it takes a second."""
    return zip_bytes(drawings())


class FakeSource:
    """The server, for a ``with`` statement.

    Attributes:
        pages: {path: bytes}, what there is to fetch.
        faults: {path: fault}; a fault is a status (404), "stall", "reset", "cut", "wrong" or ("pause", n):
            send n bytes, set ``paused``, and wait until ``go`` is set.
        once: faults that are gone after they struck once.
        asked: the paths asked for, in order.
    """

    def __init__(self, pages=None):
        self.pages = dict(pages or {})
        self.faults, self.once, self.asked = {}, {}, []
        self.paused, self.go, self.over = threading.Event(), threading.Event(), threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads, self._server.source = True, self
        self._server.handle_error = lambda *words: None  # a reader that was killed is no news
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *error):
        self.over.set()
        self.go.set()
        self._server.shutdown()
        self._server.server_close()

    def play_all(self):
        """Offer all six small sets; returns the entries of COURSE_SOURCES that point here."""
        self.pages |= {f"/kaggle/{name}.zip": content for name, content in kaggle_archives().items()}
        self.pages |= {"/cats.zip": public_cats(), "/mnist.npz": mnist_bytes(), "/drawings/main": drawings_zip()}
        mnist = self.pages["/mnist.npz"]
        entries = {name: dict(row) for name, row in SMALL.items()}
        entries["cats_vs_dogs"] |= {"address": f"{self.address}/cats.zip", "room": 10_000_000}
        entries["hand_drawn_shapes"]["address"] = f"{self.address}/drawings/main"
        entries["mnist"] |= {
            "address": f"{self.address}/mnist.npz",
            "sha256": hashlib.sha256(mnist).hexdigest(),
            "size": len(mnist),
        }
        return entries


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *words):
        """Keep the test's output clean."""

    def do_GET(self):
        path = urlsplit(self.path).path
        self.server.source.asked.append(path)
        content = self.server.source.pages.get(path)
        fault = self.server.source.once.pop(path, self.server.source.faults.get(path))
        if isinstance(fault, int) or content is None:
            self._answer(fault or 404, {"code": fault or 404, "message": "a fault to order"})
        else:
            self._send(content, fault)

    def do_POST(self):
        """Kaggle's calls: who is this token, and where is this archive."""
        length = int(self.headers.get("Content-Length") or 0)
        question = json.loads(self.rfile.read(length) or b"{}")
        call = urlsplit(self.path).path.rpartition("/")[2]
        self.server.source.asked.append(call)
        fault = self.server.source.faults.get(call)
        if fault:
            self._answer(fault, {"code": fault, "message": "a fault to order"})
        elif call == "IntrospectToken":
            known = question.get("token") == TOKEN
            self._answer(200, {"active": known, "username": USER if known else ""})
        elif not self._knows_who():
            self._answer(401, {"code": 401, "message": "Unauthenticated"})
        else:
            name = question.get("competitionName") or question.get("datasetSlug")
            self._answer(302, {}, Location=f"http://localhost/kaggle/{name}.zip?signature=1")

    def _knows_who(self):
        basic = base64.b64encode(f"{USER}:{KEY}".encode()).decode()
        return self.headers.get("Authorization") in (f"Bearer {TOKEN}", f"Basic {basic}")

    def _answer(self, status, content, **headers):
        body = json.dumps(content).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _send(self, content, fault):
        source = self.server.source
        if fault == "wrong":
            content = content[:-20] + bytes(byte ^ 0xFF for byte in content[-20:])
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        whole = fault in (None, "wrong")
        first = fault[1] if isinstance(fault, tuple) else len(content) if whole else len(content) // 2
        self.wfile.write(content[:first])
        self.wfile.flush()
        if isinstance(fault, tuple):
            source.paused.set()
            source.go.wait(30)
            self._write_the_rest(content[first:])
        elif fault == "stall":
            source.over.wait(30)
        elif fault == "reset":  # closing with a linger time of zero sends RST instead of FIN
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = not whole

    def _write_the_rest(self, content):
        try:
            self.wfile.write(content)
        except OSError:  # the reader was killed meanwhile, as the test meant it to be
            pass
