// Layers that shift and scale values: by numbers that training stored, or by the mean and deviation of this image.

import { axisOf, emptyTensor, sizeOf } from "./tensors.js";

// BatchNormalization, Normalization and Rescaling: value * scale + shift, for each channel its own or one for all.
export function scaleAndShift([input], { scale, shift }) {
  const output = emptyTensor(...input.shape);
  const [scales, shifts] = [scale.values, shift.values];
  for (let place = 0; place < output.values.length; place++) {
    output.values[place] = input.values[place] * scales[place % scales.length] + shifts[place % shifts.length];
  }
  return output;
}

// LayerNormalization: the values of the last axes get mean 0 and deviation 1, then a scale and a shift of their own.
export function normaliseLayer([input], layer) {
  const firstAxis = Math.min(...[layer.axis].flat().map((axis) => axisOf(axis, input.shape)));
  const length = sizeOf(input.shape.slice(firstAxis));
  const output = emptyTensor(...input.shape);
  for (let start = 0; start < output.values.length; start += length) {
    const places = Array.from({ length }, (_, place) => start + place);
    standardise(input.values, output.values, places, layer.epsilon);
  }
  return scaleChannels(output, layer);
}

// GroupNormalization: the same for each group of channels, over the whole image.
export function normaliseGroups([input], layer) {
  const channels = input.shape.at(-1);
  const perGroup = channels / (layer.groups === -1 ? channels : layer.groups);
  const output = emptyTensor(...input.shape);
  const length = input.values.length / channels * perGroup;
  for (let first = 0; first < channels; first += perGroup) {
    const own = Array.from({ length }, (_, each) => Math.floor(each / perGroup) * channels + first + (each % perGroup));
    standardise(input.values, output.values, own, layer.epsilon);
  }
  return scaleChannels(output, layer);
}

function standardise(from, to, places, epsilon) {
  const mean = places.reduce((sum, place) => sum + from[place], 0) / places.length;
  const variance = places.reduce((sum, place) => sum + (from[place] - mean) ** 2, 0) / places.length;
  const deviation = Math.sqrt(variance + epsilon);
  for (const place of places) to[place] = (from[place] - mean) / deviation;
}

function scaleChannels(output, { gamma, beta }) {
  output.values.forEach((value, place, values) => {
    const scaled = gamma ? value * gamma.values[place % gamma.values.length] : value;
    values[place] = beta ? scaled + beta.values[place % beta.values.length] : scaled;
  });
  return output;
}

// UnitNormalization: the values along the last axis get length 1.
export function normaliseLength([input]) {
  const channels = input.shape.at(-1);
  const output = emptyTensor(...input.shape);
  for (let start = 0; start < output.values.length; start += channels) {
    const row = input.values.subarray(start, start + channels);
    const squares = row.reduce((sum, value) => sum + value * value, 0);
    const length = Math.sqrt(Math.max(squares, 1e-12));
    output.values.set(row.map((value) => value / length), start);
  }
  return output;
}
