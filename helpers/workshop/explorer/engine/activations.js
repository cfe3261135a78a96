// Activation functions: all that Keras knows by name. Most change each value by itself; a few look at a whole row.

import { aroundAxis, axisOf, emptyTensor, mapValues } from "./tensors.js";

const sigmoid = (value) => 1 / (1 + Math.exp(-value));
const softplus = (value) => (value > 0 ? value + Math.log1p(Math.exp(-value)) : Math.log1p(Math.exp(value)));
const elu = (value) => (value > 0 ? value : Math.expm1(value));
const clip = (value, low, high) => Math.min(high, Math.max(low, value));
const hardSigmoid = (value) => clip(value + 3, 0, 6) / 6;

const oneByOne = {
  celu: elu,
  elu,
  exponential: Math.exp,
  gelu: (value) => (value / 2) * (1 + errorFunction(value * Math.SQRT1_2)),
  hard_shrink: (value) => (Math.abs(value) > 0.5 ? value : 0),
  hard_sigmoid: hardSigmoid,
  hard_sigmoid_of_keras_2: (value) => clip(0.2 * value + 0.5, 0, 1),
  hard_silu: (value) => value * hardSigmoid(value),
  hard_tanh: (value) => clip(value, -1, 1),
  leaky_relu: (value) => (value > 0 ? value : 0.2 * value),
  log_sigmoid: (value) => -softplus(-value),
  mish: (value) => value * Math.tanh(softplus(value)),
  relu: (value) => (value > 0 ? value : 0),
  relu6: (value) => clip(value, 0, 6),
  selu: (value) => 1.0507009873554805 * (value > 0 ? value : 1.6732632423543772 * Math.expm1(value)),
  sigmoid,
  silu: (value) => value * sigmoid(value),
  soft_shrink: (value) => value - clip(value, -0.5, 0.5),
  softplus,
  softsign: (value) => value / (1 + Math.abs(value)),
  sparse_plus: (value) => (value <= -1 ? 0 : value < 1 ? (value + 1) ** 2 / 4 : value),
  sparse_sigmoid: (value) => clip((value + 1) / 2, 0, 1),
  squareplus: (value) => (value + Math.sqrt(value * value + 4)) / 2,
  tanh: Math.tanh,
  tanh_shrink: (value) => value - Math.tanh(value),
};

const rowByRow = { softmax, log_softmax: logSoftmax, sparsemax };

export function activate(tensor, name) {
  if (name === "linear") return tensor;
  if (name === "glu") return gate(tensor);
  if (name in rowByRow) return alongAxis(tensor, tensor.shape.length - 1, rowByRow[name]);
  return mapValues(tensor, oneByOne[name]);
}

// Softmax turns any numbers into shares of one whole.
function softmax(row) {
  const highest = row.reduce((one, two) => Math.max(one, two));
  const powers = row.map((value) => Math.exp(value - highest));
  const total = powers.reduce((one, two) => one + two);
  return powers.map((power) => power / total);
}

function logSoftmax(row) {
  const highest = row.reduce((one, two) => Math.max(one, two));
  const total = row.reduce((sum, value) => sum + Math.exp(value - highest), 0);
  return row.map((value) => value - highest - Math.log(total));
}

// Sparsemax as Keras 3 computes it, which adds up the sums of all large values where Martins and Astudillo (2016) take
// the last one; a network that was trained with it needs it so.
function sparsemax(row) {
  let [sum, sums, count] = [0, 0, 0];
  for (const value of [...row].sort((one, two) => two - one)) {
    sum += value;
    if (value <= (sum - 1) / (count + 1)) break;
    [sums, count] = [sums + sum, count + 1];
  }
  return row.map((value) => Math.max(0, value - (sums - 1) / count));
}

// GLU: the first half of the channels, let through as far as the second half opens the gate.
function gate({ shape, values }) {
  const half = shape.at(-1) / 2;
  const output = emptyTensor(...shape.slice(0, -1), half);
  output.values.forEach((_, place) => {
    const from = Math.floor(place / half) * half + place;
    output.values[place] = values[from] * sigmoid(values[from + half]);
  });
  return output;
}

// Applies a function to each row of values along an axis.
function alongAxis({ shape, values }, axis, change) {
  const { outer, along, inner } = aroundAxis(shape, axis);
  const output = emptyTensor(...shape);
  const row = new Float64Array(along);
  for (let block = 0; block < outer; block++) {
    for (let further = 0; further < inner; further++) {
      const start = block * along * inner + further;
      for (let place = 0; place < along; place++) row[place] = values[start + place * inner];
      change(row).forEach((value, place) => (output.values[start + place * inner] = value));
    }
  }
  return output;
}

// The error function, to 1.2e-7 everywhere (Press and others, Numerical Recipes, 1992, chapter 6.2).
function errorFunction(value) {
  const share = 1 / (1 + Math.abs(value) / 2);
  const factors = [
    0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368,
    -1.26551223,
  ];
  const rest = share * Math.exp(factors.reduce((sum, factor) => sum * share + factor, 0) - value * value);
  return value < 0 ? rest - 1 : 1 - rest;
}

// Layers that are an activation function with settings.

export function activationLayer([input], { activation }) {
  return activate(input, activation);
}

export function relu([input], { max_value, negative_slope: slope, threshold }) {
  const highest = max_value ?? Infinity;
  const change = (value) => (value < threshold ? slope * (value - threshold) : Math.min(value, highest));
  return mapValues(input, change);
}

export function leakyRelu([input], { negative_slope: slope }) {
  return mapValues(input, (value) => (value > 0 ? value : slope * value));
}

export function eluLayer([input], { alpha }) {
  return mapValues(input, (value) => (value > 0 ? value : alpha * Math.expm1(value)));
}

export function softmaxLayer([input], { axis }) {
  return alongAxis(input, axisOf(axis, input.shape), softmax);
}
