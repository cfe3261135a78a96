// Convolutions of every kind, and dense layers. A kernel lies as Keras keeps it: row, column, input channel, filter.

import { activate } from "./activations.js";
import { emptyTensor, sizeOf } from "./tensors.js";
import { placesAlong, placesOf, rowsInside, visitWindows } from "./windows.js";

// Conv2D: each filter lies on a patch of the image; each value is multiplied by its weight, and all is added up.
export function convolve([input], layer) {
  const { kernel, strides, padding, groups = 1, dilation_rate: dilation = [1, 1] } = layer;
  const [height, width, channels] = input.shape;
  const [rows, columns, perGroup, filters] = kernel.shape;
  const down = placesAlong(height, rows, strides[0], dilation[0], padding);
  const across = placesAlong(width, columns, strides[1], dilation[1], padding);
  const output = emptyTensor(down.count, across.count, filters);
  const sums = new Float64Array(filters);
  // Without groups and dilation a row of the patch lies in one piece, and so do its weights: they are one run.
  const inOneRun = groups === 1 && dilation[1] === 1;
  for (let y = 0; y < down.count; y++) {
    const top = y * strides[0] - down.before;
    const [firstRow, afterRow] = rowsInside(top, rows, dilation[0], height);
    for (let x = 0; x < across.count; x++) {
      const left = x * strides[1] - across.before;
      const [first, after] = rowsInside(left, columns, dilation[1], width);
      startSums(sums, layer.bias);
      for (let row = firstRow; row < afterRow; row++) {
        const rowStart = (top + row * dilation[0]) * width + left;
        for (let column = first; column < after; column++) {
          const from = (rowStart + column * dilation[1]) * channels;
          const weight = (row * columns + column) * perGroup * filters;
          if (inOneRun) {
            const length = (after - first) * channels;
            addProducts(sums, 0, filters, input.values, from, length, kernel.values, weight, filters);
            break;
          }
          addGroups(sums, groups, input.values, from, perGroup, kernel.values, weight);
        }
      }
      output.values.set(sums, (y * across.count + x) * filters);
    }
  }
  return activate(output, layer.activation);
}

// Each group of filters sees its own share of the channels.
function addGroups(sums, groups, values, from, perGroup, weights, weight) {
  const filters = sums.length / groups;
  for (let group = 0; group < groups; group++) {
    const to = group * filters;
    addProducts(sums, to, filters, values, from + group * perGroup, perGroup, weights, weight + to, sums.length);
  }
}

function startSums(sums, bias) {
  if (bias) sums.set(bias.values);
  else sums.fill(0);
}

// Adds a run of values times their weights to the sums of `count` filters, from sum `to` on; a value's weights begin
// `step` after those of the value before. Eight filters at a time, because eight sums stay in the processor while it
// goes through the values: all speed comes from here.
function addProducts(sums, to, count, values, from, length, weights, weight, step) {
  const end = to + count;
  for (; to + 8 <= end; to += 8, weight += 8) {
    let [s0, s1, s2, s3] = [sums[to], sums[to + 1], sums[to + 2], sums[to + 3]];
    let [s4, s5, s6, s7] = [sums[to + 4], sums[to + 5], sums[to + 6], sums[to + 7]];
    for (let place = 0, at = weight; place < length; place++, at += step) {
      const value = values[from + place];
      if (value === 0) continue; // what is dark adds nothing
      s0 += value * weights[at];
      s1 += value * weights[at + 1];
      s2 += value * weights[at + 2];
      s3 += value * weights[at + 3];
      s4 += value * weights[at + 4];
      s5 += value * weights[at + 5];
      s6 += value * weights[at + 6];
      s7 += value * weights[at + 7];
    }
    sums[to] = s0;
    sums[to + 1] = s1;
    sums[to + 2] = s2;
    sums[to + 3] = s3;
    sums[to + 4] = s4;
    sums[to + 5] = s5;
    sums[to + 6] = s6;
    sums[to + 7] = s7;
  }
  for (; to < end; to++, weight++) {
    let sum = sums[to];
    for (let place = 0; place < length; place++) sum += values[from + place] * weights[weight + place * step];
    sums[to] = sum;
  }
}

// DepthwiseConv2D: every channel has filters of its own, and no channel sees another.
export function convolveDepthwise([input], layer) {
  const { kernel, bias } = layer;
  const [rows, columns, channels, each] = kernel.shape;
  const filters = channels * each;
  const output = emptyTensor(...placesOf(input.shape, [rows, columns], layer), filters);
  for (let place = 0; bias && place < output.values.length; place += filters) output.values.set(bias.values, place);
  visitWindows(input.shape, [rows, columns], layer, (y, x, row, column, from) => {
    const to = (y * output.shape[1] + x) * filters;
    const weight = (row * columns + column) * filters;
    addChannelwise(output.values, to, input.values, from, kernel.values, weight, channels, each);
  });
  return activate(output, layer.activation);
}

function addChannelwise(sums, to, values, from, weights, weight, channels, each) {
  for (let channel = 0, filter = 0; channel < channels; channel++) {
    const value = values[from + channel];
    for (let own = 0; own < each; own++, filter++) sums[to + filter] += value * weights[weight + filter];
  }
}

// SeparableConv2D: first depthwise, then a convolution of one pixel that mixes the channels.
export function convolveSeparable([input], layer) {
  const { depthwise_kernel, pointwise_kernel, bias, activation } = layer;
  const apart = convolveDepthwise([input], { ...layer, kernel: depthwise_kernel, bias: null, activation: "linear" });
  return convolve([apart], { kernel: pointwise_kernel, bias, activation, strides: [1, 1], padding: "valid" });
}

// Conv2DTranspose: a convolution run backwards. Each value of the input lays its filter, times itself, on the output;
// what lies on top of each other is added up. Keras keeps its kernel as row, column, filter, input channel.
export function convolveTransposed([input], layer) {
  const { kernel, strides, dilation_rate: dilation } = layer;
  const [height, width, channels] = input.shape;
  const [rows, columns, filters] = kernel.shape;
  const weights = filtersLast(kernel);
  const down = spreadAlong(height, rows, strides[0], dilation[0], layer.padding, layer.output_padding?.[0]);
  const across = spreadAlong(width, columns, strides[1], dilation[1], layer.padding, layer.output_padding?.[1]);
  const output = emptyTensor(down.size, across.size, filters);
  const { values } = output;
  for (let place = 0; layer.bias && place < values.length; place += filters) values.set(layer.bias.values, place);
  for (let y = 0; y < height; y++) {
    const top = y * strides[0] - down.before;
    const [firstRow, afterRow] = rowsInside(top, rows, dilation[0], down.size);
    for (let x = 0; x < width; x++) {
      const left = x * strides[1] - across.before;
      const [first, after] = rowsInside(left, columns, dilation[1], across.size);
      for (let row = firstRow; row < afterRow; row++) {
        for (let column = first; column < after; column++) {
          const pixel = (top + row * dilation[0]) * across.size + left + column * dilation[1];
          const weight = (row * columns + column) * filters * channels;
          const from = (y * width + x) * channels;
          addProducts(values, pixel * filters, filters, input.values, from, channels, weights, weight, filters);
        }
      }
    }
  }
  return activate(output, layer.activation);
}

// How large the output of a transposed convolution is, and how much of it is cut off before its first row.
export function spreadAlong(size, window, stride, dilation, padding, more) {
  const reach = (window - 1) * dilation + 1;
  const spread = (size - 1) * stride;
  if (padding !== "same") return { size: spread + reach + (more ?? Math.max(0, stride - reach)), before: 0 };
  const whole = more == null ? size * stride : spread + (reach % 2) + more;
  return { size: whole, before: Math.floor(Math.max(0, spread + reach - whole) / 2) };
}

// The weights of a kernel that lies as row, column, filter, channel, in the order of all others.
function filtersLast({ shape: [rows, columns, filters, channels], values }) {
  const size = filters * channels;
  return Float32Array.from({ length: rows * columns * size }, (_, place) => {
    const [rest, channel, filter] = [place % size, Math.floor((place % size) / filters), place % filters];
    return values[place - rest + filter * channels + channel];
  });
}

// Dense: every unit sees all values; where there are places, the same units look at each of them.
export function dense([input], layer) {
  const { kernel, bias } = layer;
  const [length, units] = kernel.shape;
  const output = emptyTensor(...input.shape.slice(0, -1), units);
  const sums = new Float64Array(units);
  for (let place = 0; place < sizeOf(input.shape.slice(0, -1)); place++) {
    startSums(sums, bias);
    addProducts(sums, 0, units, input.values, place * length, length, kernel.values, 0, units);
    output.values.set(sums, place * units);
  }
  return activate(output, layer.activation);
}
