// ---- sums.js: the sum behind one value -------------------------------------------------------------------------

// Returns what was multiplied and added up to make the value {y, x, c} of a layer. `input` is what the layer
// received, `output` what it put out.
function sumBehind(layer, { y, x, c }, input, output) {
  const [, width, channels] = layer.shape;
  const value = output[(y * width + x) * channels + c];
  if (layer.kind === "pooling") return { kind: "largest", patch: patchOf(layer, input, y, x, c), value };
  const [inputHeight, inputWidth, inputChannels] = receivedShape(layer);
  const [rows, columns] = layer.window ?? [inputHeight, inputWidth];
  const products = new Float32Array(rows * columns * inputChannels);
  const byMap = new Float64Array(inputChannels);
  for (let place = 0; place < products.length; place++) {
    const [row, column, map] = unravel(place, columns, inputChannels);
    const received = input[((y + row) * inputWidth + x + column) * inputChannels + map];
    products[place] = received * layer.weights[place * channels + c];
    byMap[map] += products[place];
  }
  const total = byMap.reduce((one, two) => one + two, 0);
  return { kind: "sum", products, byMap, rows, columns, total, bias: layer.bias[c], value };
}

// Where a value lies: its row, its column, its map.
function unravel(place, columns, maps) {
  return [Math.floor(place / maps / columns), Math.floor(place / maps) % columns, place % maps];
}

// The patch of one input map that a filter or a pooling window lies on.
function patchOf(layer, input, y, x, map) {
  const [, inputWidth, maps] = layer.inputShape;
  const [rows, columns] = layer.window;
  const [top, left] = layer.kind === "pooling" ? [y * rows, x * columns] : [y, x];
  const patch = new Float32Array(rows * columns);
  for (let place = 0; place < patch.length; place++) {
    const [row, column] = [Math.floor(place / columns), place % columns];
    patch[place] = input[((top + row) * inputWidth + left + column) * maps + map];
  }
  return { values: patch, top, left, rows, columns, map };
}

// The weights of one filter for one input map.
function filterOf(layer, map, c) {
  const [, , maps] = layer.inputShape;
  const [rows, columns] = layer.window;
  const weightAt = (place) => layer.weights[(place * maps + map) * layer.shape[2] + c];
  return Float32Array.from({ length: rows * columns }, (_, place) => weightAt(place));
}

function strongest(values) {
  return values.reduce((best, value, place) => (Math.abs(value) > Math.abs(values[best]) ? place : best), 0);
}

// The places of the largest products, up or down; none of those that are zero.
function strongestPlaces(products, most) {
  const places = [...products.keys()].filter((place) => products[place] !== 0);
  return places.sort((one, two) => Math.abs(products[two]) - Math.abs(products[one])).slice(0, most);
}
