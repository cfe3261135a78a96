"""Run networks in the page's own JavaScript, in headless Chromium, and give their layers back as arrays."""

import base64
import json

import numpy as np

from helpers.workshop.explorer.modules import join_modules
from helpers.workshop.explorer.network_export import ENGINE, export_network

RUN = """([cases, script]) => {
  const modules = new Function(`${script}; return modules;`)();
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
  const text = (array) => {
    let letters = "";
    for (const byte of new Uint8Array(array.buffer)) letters += String.fromCharCode(byte);
    return btoa(letters);
  };
  return cases.map(({ network, weights, image }) => {
    const loaded = modules.network.loadNetwork(network, bytes(weights));
    const input = { shape: image.shape, values: new Float32Array(bytes(image.values)) };
    const before = performance.now();
    const tensors = modules.network.runNetwork(loaded, [input]);
    const seconds = (performance.now() - before) / 1000;
    const answers = tensors.map(({ shape, values }) => ({ shape, values: text(Float32Array.from(values)) }));
    return { seconds, tensors: answers };
  });
}"""

EXPLAIN = """([cases, script]) => {
  const { network, contributions, fields, fresh } = new Function(`${script}; return modules;`)();
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
  return cases.map((each) => {
    const learned = network.loadNetwork(each.network, bytes(each.weights));
    const loaded = each.fresh ? fresh.freshNetwork(learned) : learned;
    const input = { shape: each.image.shape, values: new Float32Array(bytes(each.image.values)) };
    const tensors = network.runNetwork(loaded, [input]);
    return each.asked.map((details) => ({
      explained: contributions.explainValue(loaded, tensors, details),
      field: fields.fieldOf(loaded, tensors, details).map((stretch) => stretch.map((at) => Math.min(at, 1e9))),
      values: Array.from(tensors[details.place].values),
    }));
  });
}"""


def as_case(model, image, *, exact=True):
    """What the page needs to run a model on one image; the image without an axis for images."""
    network, weights = export_network(model, precision="whole" if exact else "half")
    json.dumps(network)  # it must go into a page
    image = np.asarray(image, "<f4")
    values = base64.b64encode(image.tobytes()).decode()
    image = {"shape": list(image.shape), "values": values}
    return {"network": network, "weights": base64.b64encode(weights).decode(), "image": image}


def run_in_page(page, cases):
    """For each case (dict from a layer's name to its values, list of the answers, seconds), all in one call."""
    found = []
    for case, ran in zip(cases, page.evaluate(RUN, [cases, join_modules(ENGINE, "network")]), strict=True):
        arrays = [
            np.frombuffer(base64.b64decode(each["values"]), "<f4").reshape(each["shape"]) for each in ran["tensors"]
        ]
        names = [node["name"] for node in case["network"]["nodes"]]
        answers = [arrays[place] for place in case["network"]["outputs"]]
        found.append((dict(zip(names, arrays, strict=True)), answers, ran["seconds"]))
    return found


def ask_in_page(page, cases):
    """Explain values: a case is what `as_case` gives, "asked" (dicts of place, y, x, channel), and maybe "fresh"."""
    return page.evaluate(EXPLAIN, [cases, join_modules(ENGINE, "worker")])
