// Pooling: each window is brought to one value a channel.

import { emptyTensor } from "./tensors.js";
import { placesOf, visitWindows } from "./windows.js";

// Keeps the largest value of each window.
export function maxPool([input], layer) {
  const output = emptyTensor(...placesOf(input.shape, layer.pool_size, layer), input.shape[2]);
  output.values.fill(-Infinity);
  visitPixels(input, output, layer, (to, from, channels) => {
    for (let c = 0; c < channels; c++) {
      if (input.values[from + c] > output.values[to + c]) output.values[to + c] = input.values[from + c];
    }
  });
  return output;
}

// Takes the mean of each window; what lies beyond the image does not count.
export function averagePool([input], layer) {
  const output = emptyTensor(...placesOf(input.shape, layer.pool_size, layer), input.shape[2]);
  const counts = new Float32Array(output.values.length);
  visitPixels(input, output, layer, (to, from, channels) => {
    for (let c = 0; c < channels; c++) {
      output.values[to + c] += input.values[from + c];
      counts[to + c] += 1;
    }
  });
  output.values.forEach((sum, place) => (output.values[place] = sum / counts[place]));
  return output;
}

function visitPixels(input, output, layer, visit) {
  const [, width, channels] = output.shape;
  visitWindows(input.shape, layer.pool_size, layer, (y, x, row, column, from) =>
    visit((y * width + x) * channels, from, channels));
}

// The global ones have one window, as large as the image.
export const wholeImage = ({ shape: [height, width] }) =>
  ({ pool_size: [height, width], strides: [1, 1], padding: "valid" });

export function globalMaxPool([input], { keepdims }) {
  return withoutPlaces(maxPool([input], wholeImage(input)), keepdims);
}

export function globalAveragePool([input], { keepdims }) {
  return withoutPlaces(averagePool([input], wholeImage(input)), keepdims);
}

function withoutPlaces({ shape, values }, keepdims) {
  return { shape: keepdims ? shape : shape.slice(2), values };
}
