// What one value of a layer is made of: every value that went in, times its weight; added up by the map it is from.

import { spreadAlong } from "./convolutions.js";
import { wholeImage } from "./pooling.js";
import { asMaps, sizeOf, unravel } from "./tensors.js";
import { visitWindow } from "./windows.js";

const LARGEST_PATCH = 1000; // terms of one map that are given

// For each type of layer: calls add(from, weight) for each value that goes into one at {y, x, channel}; `from` is its
// place among the values of the input, which has the shape {height, width, channels}.
const types = {
  Conv2D(node, input, place, add) {
    const [rows, columns, perGroup, filters] = node.kernel.shape;
    const first = Math.floor(place.channel / (filters / (node.groups ?? 1))) * perGroup;
    visitWindow(input.shape, [rows, columns], node, place, (row, column, from) => {
      const weight = (row * columns + column) * perGroup * filters + place.channel;
      for (let c = 0; c < perGroup; c++) add(from + first + c, node.kernel.values[weight + c * filters]);
    });
  },

  DepthwiseConv2D(node, input, place, add) {
    const [rows, columns, channels, each] = node.kernel.shape;
    visitWindow(input.shape, [rows, columns], node, place, (row, column, from) => {
      const weight = (row * columns + column) * channels * each + place.channel;
      add(from + Math.floor(place.channel / each), node.kernel.values[weight]);
    });
  },

  // Both of its steps in one: a channel's own filters, times what the second step gives to each of them.
  SeparableConv2D(node, input, place, add) {
    const [rows, columns, channels, each] = node.depthwise_kernel.shape;
    const filters = node.pointwise_kernel.shape.at(-1);
    visitWindow(input.shape, [rows, columns], node, place, (row, column, from) => {
      for (let c = 0; c < channels; c++) {
        let weight = 0;
        for (let own = c * each; own < (c + 1) * each; own++) {
          weight += node.depthwise_kernel.values[(row * columns + column) * channels * each + own] *
            node.pointwise_kernel.values[own * filters + place.channel];
        }
        add(from + c, weight);
      }
    });
  },

  Conv2DTranspose(node, input, place, add) {
    const [height, width, channels] = input.shape;
    const [rows, columns, filters] = node.kernel.shape;
    for (const [row, y] of laidFrom(node, place.y, height, rows, 0)) {
      for (const [column, x] of laidFrom(node, place.x, width, columns, 1)) {
        const weight = ((row * columns + column) * filters + place.channel) * channels;
        for (let c = 0; c < channels; c++) add((y * width + x) * channels + c, node.kernel.values[weight + c]);
      }
    }
  },

  // Of units that see all values, and of units at each place that see its channels.
  Dense(node, input, place, add) {
    const [length, units] = node.kernel.shape;
    const start = length === sizeOf(input.shape) ? 0 : (place.y * input.width + place.x) * length;
    for (let at = 0; at < length; at++) add(start + at, node.kernel.values[at * units + place.channel]);
  },

  MaxPooling2D(node, input, place, add) {
    const found = valuesIn(node, input, place);
    const kept = found.reduce((best, from) => (input.values[from] > input.values[best] ? from : best));
    for (const from of found) add(from, from === kept ? 1 : 0);
  },

  AveragePooling2D(node, input, place, add) {
    const found = valuesIn(node, input, place);
    for (const from of found) add(from, 1 / found.length);
  },

  GlobalMaxPooling2D: (node, input, place, add) => types.MaxPooling2D(wholeImage(input), input, inCorner(place), add),
  GlobalAveragePooling2D: (node, input, place, add) =>
    types.AveragePooling2D(wholeImage(input), input, inCorner(place), add),

  BatchNormalization({ scale }, input, place, add) {
    const from = (place.y * input.width + place.x) * input.channels + place.channel;
    add(from, scale.values[from % scale.values.length]);
  },
};

types.Normalization = types.Rescaling = types.BatchNormalization;

const inCorner = ({ channel }) => ({ y: 0, x: 0, channel });

function valuesIn(node, input, place) {
  const found = [];
  visitWindow(input.shape, node.pool_size, node, place, (row, column, from) => found.push(from + place.channel));
  return found;
}

// For a row (or column) of what a transposed convolution gave: [row of its kernel, row of the input] that lie on it.
function laidFrom({ strides, dilation_rate: dilation, padding, output_padding: more }, at, size, window, side) {
  const { before } = spreadAlong(size, window, strides[side], dilation[side], padding, more?.[side]);
  const rows = Array.from({ length: window }, (_, row) => [row, (at + before - row * dilation[side]) / strides[side]]);
  return rows.filter(([, from]) => Number.isInteger(from) && from >= 0 && from < size);
}

// Explains the value at {place, y, x, channel}; null for a layer that is no such sum. Of one map of the input, `map`
// or else the one with the largest share, all values and weights are given as well; of a unit that sees every value all
// products, in the order of the values.
export function explainValue({ nodes }, tensors, { place, y, x, channel, map = null }) {
  const node = nodes[place];
  if (!(node.type in types)) return null;
  const before = sourceOf(nodes, node.from[0]);
  const input = { ...tensors[before], ...asMaps(tensors[before]) };
  const terms = [];
  types[node.type](node, input, { y, x, channel }, (from, weight) => terms.push({ from, weight }));
  const shares = sharesOf(terms, input);
  const shown = shares.some((share) => share.map === map) ? map : shares[0]?.map;
  const own = terms.filter(({ from }) => from % input.channels === shown);
  const { width, channels, values } = asMaps(tensors[place]);
  const seesAll = node.type === "Dense" && terms.length === input.values.length;
  return {
    before,
    kind: node.type,
    shares,
    patch: { map: shown, terms: placed(own.slice(0, LARGEST_PATCH), input) },
    window: around(placed(terms, input)),
    products: terms.length,
    all: seesAll ? Float32Array.from(terms, ({ from, weight }) => input.values[from] * weight) : null,
    bias: node.bias?.values[channel] ?? node.shift?.values[channel % node.shift.values.length] ?? 0,
    total: shares.reduce((sum, { share }) => sum + share, 0),
    activation: node.activation ?? "linear",
    value: values[(y * width + x) * channels + channel],
  };
}

// The layer whose maps are looked at: behind what only lays values into a row.
function sourceOf(nodes, place) {
  const idle = nodes[place].type === "Flatten" || nodes[place].runs === "Idle";
  return idle ? sourceOf(nodes, nodes[place].from[0]) : place;
}

// How much each map adds, the largest first.
function sharesOf(terms, { values, channels }) {
  const shares = new Map();
  for (const { from, weight } of terms) {
    const map = from % channels;
    shares.set(map, (shares.get(map) ?? 0) + values[from] * weight);
  }
  const sorted = [...shares].map(([map, share]) => ({ map, share }));
  return sorted.sort((one, two) => Math.abs(two.share) - Math.abs(one.share));
}

const placed = (terms, maps) =>
  terms.map(({ from, weight }) => ({ ...unravel(from, maps), value: maps.values[from], weight }));

// The smallest frame around places.
function around(places) {
  const frame = { top: Infinity, left: Infinity, bottom: -Infinity, right: -Infinity };
  for (const { y, x } of places) {
    [frame.top, frame.bottom] = [Math.min(frame.top, y), Math.max(frame.bottom, y + 1)];
    [frame.left, frame.right] = [Math.min(frame.left, x), Math.max(frame.right, x + 1)];
  }
  return frame;
}
