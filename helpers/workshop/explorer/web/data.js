// ---- data.js: what Python put into the page -------------------------------------------------------------------

const course = JSON.parse(document.getElementById("course-data").textContent);

function bytesOf(base64) {
  const letters = atob(base64);
  const bytes = new Uint8Array(letters.length);
  for (let place = 0; place < letters.length; place++) bytes[place] = letters.charCodeAt(place);
  return bytes;
}

// The layers of the network, each with its own weights and biases.
const allNumbers = new Float32Array(bytesOf(course.weights).buffer);
const layers = course.layers.map((layer, index) => ({
  ...layer,
  index,
  weights: layer.weights && allNumbers.subarray(...layer.weights),
  bias: layer.bias && allNumbers.subarray(...layer.bias),
  range: course.ranges[index], // the lowest and the highest value over many digits
}));

// The layer whose picture shows what a layer receives: Flatten changes no value, and has no picture of its own.
function layerBefore(layer) {
  const before = layers[layer.index - 1];
  return before?.kind === "flatten" ? layers[before.index - 1] : before;
}

// The shape of what a layer receives, as it was before Flatten.
function receivedShape(layer) {
  return layerBefore(layer)?.shape ?? layer.inputShape;
}
