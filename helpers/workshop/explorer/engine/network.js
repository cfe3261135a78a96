// Runs a network: its layers one after the other, each on what others before it gave.

import { activationLayer, eluLayer, leakyRelu, relu, softmaxLayer } from "./activations.js";
import { convolve, convolveDepthwise, convolveSeparable, convolveTransposed, dense } from "./convolutions.js";
import * as merging from "./merging.js";
import { normaliseGroups, normaliseLayer, normaliseLength, scaleAndShift } from "./normalisation.js";
import { averagePool, globalAveragePool, globalMaxPool, maxPool } from "./pooling.js";
import * as reshaping from "./reshaping.js";
import { readWeights } from "./tensors.js";

// What each type of layer does, by the name that Keras gives it. Every function takes the tensors that come in and
// the layer with its settings and weights, and returns the tensor that comes out.
const types = {
  Conv2D: convolve,
  DepthwiseConv2D: convolveDepthwise,
  SeparableConv2D: convolveSeparable,
  Conv2DTranspose: convolveTransposed,
  Dense: dense,
  MaxPooling2D: maxPool,
  AveragePooling2D: averagePool,
  GlobalMaxPooling2D: globalMaxPool,
  GlobalAveragePooling2D: globalAveragePool,
  BatchNormalization: scaleAndShift,
  Normalization: scaleAndShift,
  Rescaling: scaleAndShift,
  LayerNormalization: normaliseLayer,
  GroupNormalization: normaliseGroups,
  UnitNormalization: normaliseLength,
  Activation: activationLayer,
  ReLU: relu,
  LeakyReLU: leakyRelu,
  PReLU: merging.learnedSlope,
  ELU: eluLayer,
  Softmax: softmaxLayer,
  Add: merging.add,
  Subtract: merging.subtract,
  Multiply: merging.multiply,
  Divide: merging.divide,
  Average: merging.average,
  Maximum: merging.maximum,
  Minimum: merging.minimum,
  Concatenate: merging.concatenate,
  Flatten: reshaping.flatten,
  Reshape: reshaping.reshape,
  Permute: reshaping.permute,
  RepeatVector: reshaping.repeatVector,
  ZeroPadding2D: reshaping.padWithZeros,
  Cropping2D: reshaping.crop,
  UpSampling2D: reshaping.upsample,
  Resizing: reshaping.resize,
  Idle: reshaping.keep,
};

// A layer's description names the weights it has; here they become tensors.
export function loadNetwork({ nodes, outputs }, bytes) {
  const held = {}; // by where they begin: layers that share their weights share the tensor
  const withWeights = nodes.map(({ weights = {}, ...node }) => {
    const read = (place) => (held[place.at] ??= readWeights(place, bytes));
    const loaded = Object.entries(weights).map(([name, place]) => [name, read(place)]);
    return { ...node, ...Object.fromEntries(loaded) };
  });
  return { nodes: withWeights, outputs };
}

// Returns the tensor of each layer, in order; `report(place, tensor)` is called as soon as each is there. Tensors that
// are `known`, by place, stay as they are: to run the rest of a network, give all up to a layer.
export function runNetwork({ nodes }, inputs, report = () => {}, known = []) {
  const tensors = [...known];
  let given = 0;
  for (const [place, node] of nodes.entries()) {
    const received = node.from.map((before) => tensors[before]);
    const run = types[node.runs ?? node.type];
    tensors[place] ??= node.type === "InputLayer" ? inputs[given++] : node.constant ?? run(received, node);
    report(place, tensors[place]);
  }
  return tensors;
}
