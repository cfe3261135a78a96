// The network in a worker: a thread of its own, so that the page answers while the network counts.
//
// It is told { network, weights } once, and { run, image } for each image; it tells { run, place, shape, values } for
// each layer as soon as it is there, then { run, seconds }, or { run, error }.

import { loadNetwork, runNetwork } from "./network.js";

let network = null;

self.onmessage = ({ data }) => {
  if (data.network) {
    network = loadNetwork(data.network, bytesOf(data.weights));
    return;
  }
  const { run, image } = data;
  const began = performance.now();
  try {
    runNetwork(network, [image], (place, { shape, values }) => self.postMessage({ run, place, shape, values }));
    self.postMessage({ run, seconds: (performance.now() - began) / 1000 });
  } catch (error) {
    self.postMessage({ run, error: error.message });
  }
};

function bytesOf(base64) {
  const letters = atob(base64);
  const bytes = new Uint8Array(letters.length);
  for (let place = 0; place < letters.length; place++) bytes[place] = letters.charCodeAt(place);
  return bytes.buffer;
}
