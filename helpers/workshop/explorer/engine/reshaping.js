// Layers that move, drop, repeat or blend values, and compute nothing else.

import { emptyTensor, sizeOf } from "./tensors.js";

export const keep = ([input]) => input;

export const flatten = ([{ shape, values }]) => ({ shape: [sizeOf(shape)], values });

// One side may be -1: it is what remains.
export function reshape([{ values }], { target_shape: target }) {
  const known = sizeOf(target.filter((side) => side !== -1));
  return { shape: target.map((side) => (side === -1 ? values.length / known : side)), values };
}

// Permute: axis dims[0] becomes the first, dims[1] the second, and so on.
export function permute([input], { dims }) {
  const shape = dims.map((dim) => input.shape[dim - 1]);
  const steps = dims.map((dim) => sizeOf(input.shape.slice(dim))); // in the input, along each axis of the output
  const output = emptyTensor(...shape);
  output.values.forEach((_, place, values) => {
    let [rest, from] = [place, 0];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += (rest % shape[axis]) * steps[axis];
      rest = Math.floor(rest / shape[axis]);
    }
    values[place] = input.values[from];
  });
  return output;
}

export function repeatVector([{ shape, values }], { n }) {
  const output = emptyTensor(n, ...shape);
  for (let row = 0; row < n; row++) output.values.set(values, row * values.length);
  return output;
}

export function padWithZeros([input], { padding: [[top, bottom], [left, right]] }) {
  const [height, width, channels] = input.shape;
  const output = emptyTensor(top + height + bottom, left + width + right, channels);
  for (let y = 0; y < height; y++) {
    const row = input.values.subarray(y * width * channels, (y + 1) * width * channels);
    output.values.set(row, ((top + y) * output.shape[1] + left) * channels);
  }
  return output;
}

export function crop([input], { cropping: [[top, bottom], [left, right]] }) {
  const [height, width, channels] = input.shape;
  const output = emptyTensor(height - top - bottom, width - left - right, channels);
  for (let y = 0; y < output.shape[0]; y++) {
    const from = ((top + y) * width + left) * channels;
    output.values.set(input.values.subarray(from, from + output.shape[1] * channels), y * output.shape[1] * channels);
  }
  return output;
}

// UpSampling2D and Resizing: every new pixel takes the old one that it lies in, or blends the four around it.
export function upsample([input], { size: [down, across], interpolation }) {
  return resizeTo(input, input.shape[0] * down, input.shape[1] * across, interpolation);
}

export function resize([input], { height, width, interpolation }) {
  return resizeTo(input, height, width, interpolation);
}

function resizeTo(input, height, width, interpolation) {
  const [oldHeight, oldWidth, channels] = input.shape;
  const find = interpolation === "nearest" ? nearestOf : neighboursOf;
  const [rows, columns] = [find(height, oldHeight), find(width, oldWidth)];
  const output = emptyTensor(height, width, channels);
  let to = 0;
  for (const row of rows) {
    for (const column of columns) {
      for (let c = 0; c < channels; c++) {
        const at = (y, x) => input.values[(y * oldWidth + x) * channels + c];
        const upper = mix(at(row.low, column.low), at(row.low, column.high), column.share);
        const lower = mix(at(row.high, column.low), at(row.high, column.high), column.share);
        output.values[to++] = mix(upper, lower, row.share);
      }
    }
  }
  return output;
}

const mix = (one, two, share) => one + (two - one) * share;

// Along one side: the old places beside each new one, and how near it is to the second.
function neighboursOf(size, old) {
  return Array.from({ length: size }, (_, place) => {
    const middle = ((place + 0.5) * old) / size - 0.5;
    const low = Math.floor(middle);
    const inside = (at) => Math.min(old - 1, Math.max(0, at));
    return { low: inside(low), high: inside(low + 1), share: middle - low };
  });
}

function nearestOf(size, old) {
  return Array.from({ length: size }, (_, place) => {
    const nearest = Math.min(old - 1, Math.floor(((place + 0.5) * old) / size));
    return { low: nearest, high: nearest, share: 0 };
  });
}
