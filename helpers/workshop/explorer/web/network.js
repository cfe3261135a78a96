// ---- network.js: the network itself ---------------------------------------------------------------------------
//
// This is all that happens between the image and the ten answers. A layer's values lie in one long list: row by
// row, and at each place of a row channel by channel. So the value of channel c in row y and column x is
//     values[(y * width + x) * channels + c]

const activationFunctions = {
  linear: (value) => value,
  relu: (value) => Math.max(0, value),
  elu: (value) => (value > 0 ? value : Math.expm1(value)),
  sigmoid: (value) => 1 / (1 + Math.exp(-value)),
  tanh: Math.tanh,
};

// Softmax turns any ten numbers into ten shares of one whole.
function softmax(values) {
  const highest = values.reduce((one, two) => Math.max(one, two));
  const powers = values.map((value) => Math.exp(value - highest));
  const total = powers.reduce((one, two) => one + two, 0);
  return powers.map((power) => power / total);
}

function activate(values, name) {
  return name === "softmax" ? softmax(values) : values.map(activationFunctions[name]);
}

// A convolution lays its filters on every patch of its input. Each value of the patch is multiplied by its weight,
// the products are added up, and the filter's bias is added to the sum.
function convolve(input, layer) {
  const [height, width, filters] = layer.shape;
  const [, inputWidth, channels] = layer.inputShape;
  const [rows, columns] = layer.window;
  const output = new Float32Array(height * width * filters);
  const sums = new Float64Array(filters); // one for each filter: they share the patch
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      sums.set(layer.bias);
      for (let row = 0; row < rows; row++) {
        const from = ((y + row) * inputWidth + x) * channels; // a row of the patch lies in one piece
        addProducts(sums, input, from, columns * channels, layer.weights, row * columns * channels * filters);
      }
      output.set(sums, (y * width + x) * filters);
    }
  }
  return activate(output, layer.activation);
}

// A node of a dense layer does the same with all values at once.
function dense(input, layer) {
  const sums = Float64Array.from(layer.bias);
  addProducts(sums, input, 0, input.length, layer.weights, 0);
  return Float32Array.from(activate(sums, layer.activation));
}

function addProducts(sums, input, from, count, weights, weightsFrom) {
  for (let place = 0; place < count; place++) {
    const value = input[from + place];
    if (value === 0) continue; // what is dark adds nothing
    const start = weightsFrom + place * sums.length;
    for (let filter = 0; filter < sums.length; filter++) sums[filter] += value * weights[start + filter];
  }
}

// Pooling keeps the largest value of each small window.
function pool(input, layer) {
  const [height, width, channels] = layer.shape;
  const [, inputWidth] = layer.inputShape;
  const [rows, columns] = layer.window;
  const output = new Float32Array(height * width * channels).fill(-Infinity);
  for (let y = 0; y < height * rows; y++) {
    for (let x = 0; x < width * columns; x++) {
      const to = (Math.floor(y / rows) * width + Math.floor(x / columns)) * channels;
      const from = (y * inputWidth + x) * channels;
      for (let c = 0; c < channels; c++) output[to + c] = Math.max(output[to + c], input[from + c]);
    }
  }
  return output;
}

const steps = { convolution: convolve, pooling: pool, dense, flatten: (input) => input };

// From the input of a layer to the end. Returns the values of that layer and of all that follow.
function forward(values, from = 0) {
  return layers.slice(from).map((layer) => (values = steps[layer.kind](values, layer)));
}
