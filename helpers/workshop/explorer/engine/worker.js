// The network in a worker: a thread of its own, so that the page answers while the network counts.
//
// It is told { network, weights } once, and { run, image, slot } for each image, with `draw` (0 for the weights that
// were learned, another number for fresh ones) and `only` (places of the layers that are wanted; null for all). It
// tells { run, place, shape, values } for each layer as soon as it is there, then { run, seconds }, or { run, error }.
// A question about the last image of the slot "now", { ask, question, ...details }, is answered by { ask, answer }.

import { explainValue } from "./contributions.js";
import { fieldOf } from "./fields.js";
import { freshNetwork } from "./fresh.js";
import { loadNetwork, runNetwork } from "./network.js";

let learned = null;
let fresh = { draw: 0 };
let last = { network: null, tensors: [] };

const questions = {
  explain: (details) => explainValue(last.network, last.tensors, details),
  fields: ({ places }) => places.map((each) => fieldOf(last.network, last.tensors, each)),
};

self.onmessage = ({ data }) => {
  if (data.network) learned = loadNetwork(data.network, bytesOf(data.weights));
  else if (data.ask) self.postMessage({ ask: data.ask, answer: questions[data.question](data) });
  else runImage(data);
};

function runImage({ run, image, slot, draw, only }) {
  const began = performance.now();
  try {
    const network = withWeights(draw);
    const tensors = runNetwork(network, [image], (place, { shape, values }) => {
      if (!only || only.includes(place)) self.postMessage({ run, place, shape, values });
    });
    if (slot === "now") last = { network, tensors };
    self.postMessage({ run, seconds: (performance.now() - began) / 1000 });
  } catch (error) {
    self.postMessage({ run, error: error.message });
  }
}

// Each number of a draw stands for weights of its own, of which the last ones are kept.
function withWeights(draw) {
  if (!draw) return learned;
  if (fresh.draw !== draw) fresh = { draw, ...freshNetwork(learned) };
  return fresh;
}

function bytesOf(base64) {
  const letters = atob(base64);
  const bytes = new Uint8Array(letters.length);
  for (let place = 0; place < letters.length; place++) bytes[place] = letters.charCodeAt(place);
  return bytes.buffer;
}
