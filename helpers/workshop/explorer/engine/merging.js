// Layers with several inputs.

import { aroundAxis, axisOf, emptyTensor, sizeOf } from "./tensors.js";

// Value by value; what has one row, column or channel where others have more is repeated along it.
function combine(inputs, merge) {
  return inputs.reduce((one, two) => {
    const shape = sharedShape(one.shape, two.shape);
    const output = emptyTensor(...shape);
    const [own, other] = [placesIn(one, shape), placesIn(two, shape)];
    output.values.forEach((_, place, values) => {
      values[place] = merge(one.values[own ? own[place] : place], two.values[other ? other[place] : place]);
    });
    return output;
  });
}

function sharedShape(one, two) {
  const axes = Math.max(one.length, two.length);
  return Array.from({ length: axes }, (_, axis) => Math.max(one.at(axis - axes) ?? 1, two.at(axis - axes) ?? 1));
}

// For each place of a shape, the place in a smaller tensor that is repeated; null where nothing is.
function placesIn(tensor, shape) {
  if (sizeOf(tensor.shape) === sizeOf(shape)) return null;
  let [step, inner] = [1, 1];
  const axes = [...shape].reverse().map((length, number) => {
    const own = tensor.shape.at(-1 - number) ?? 1;
    const axis = { length, inner, step: own > 1 ? step : 0 };
    step *= own;
    inner *= length;
    return axis;
  });
  const along = (place, axis) => (Math.floor(place / axis.inner) % axis.length) * axis.step;
  return Int32Array.from({ length: inner }, (_, place) => axes.reduce((sum, axis) => sum + along(place, axis), 0));
}

export const add = (inputs) => combine(inputs, (one, two) => one + two);
export const subtract = (inputs) => combine(inputs, (one, two) => one - two);
export const multiply = (inputs) => combine(inputs, (one, two) => one * two);
export const divide = (inputs) => combine(inputs, (one, two) => one / two);
export const maximum = (inputs) => combine(inputs, Math.max);
export const minimum = (inputs) => combine(inputs, Math.min);

export function average(inputs) {
  const sum = add(inputs);
  return { shape: sum.shape, values: sum.values.map((value) => value / inputs.length) };
}

// PReLU: below zero a slope that was learned, for each value or shared along rows and columns.
export function learnedSlope([input], { alpha }) {
  return combine([input, alpha], (value, slope) => (value > 0 ? value : slope * value));
}

export function concatenate(inputs, layer) {
  const axis = axisOf(layer.axis, inputs[0].shape);
  const shape = [...inputs[0].shape];
  shape[axis] = inputs.reduce((sum, input) => sum + input.shape[axis], 0);
  const output = emptyTensor(...shape);
  const { outer, along, inner } = aroundAxis(shape, axis);
  let start = 0; // where the values of an input begin in each block
  for (const input of inputs) {
    const length = input.shape[axis] * inner;
    for (let block = 0; block < outer; block++) {
      output.values.set(input.values.subarray(block * length, (block + 1) * length), block * along * inner + start);
    }
    start += length;
  }
  return output;
}
