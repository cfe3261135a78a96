// Receptive fields: the part of the image that a value of a layer depends on.

import { spreadAlong } from "./convolutions.js";
import { placesAlong } from "./windows.js";

const WHOLE = [0, Infinity]; // a stretch is [first, after the last], along one side

// The stretches of rows and of columns of the image, for a value of the layer at `place`; they may reach beyond it.
// `tensors` are those of a run.
export function fieldOf({ nodes }, tensors, { place, y, x }) {
  return [y, x].map((at, side) => stretchBehind(nodes, tensors, place, [at, at + 1], side));
}

// Goes back from layer to layer, and joins what several ways through the network lead to.
function stretchBehind(nodes, tensors, place, stretch, side) {
  const needed = { [place]: stretch };
  for (let at = place; at > 0; at--) {
    for (const before of needed[at] ? nodes[at].from : []) {
      const [first, after] = stretchBefore(nodes[at], needed[at], tensors[before].shape, tensors[at].shape, side);
      const [otherFirst, otherAfter] = needed[before] ?? [Infinity, -Infinity];
      needed[before] = [Math.min(first, otherFirst), Math.max(after, otherAfter)];
    }
  }
  const image = nodes.findIndex(({ type }) => type === "InputLayer");
  return needed[image] ?? WHOLE;
}

function stretchBefore(node, [first, after], from, to, side) {
  const window = (node.kernel ?? node.depthwise_kernel)?.shape.slice(0, 2) ?? node.pool_size;
  if (from.length < 3 || to.length < 3 || ["Permute", "Reshape"].includes(node.type)) return WHOLE;
  if (node.type.startsWith("Global") || node.type === "GroupNormalization") return WHOLE;
  if (node.type === "Conv2DTranspose") return beforeTransposed(node, [first, after], from[side], window[side], side);
  if (node.strides) return beforeWindow(node, [first, after], from[side], window[side], side);
  if (node.type === "ZeroPadding2D") return [first, after].map((at) => at - node.padding[side][0]);
  if (node.type === "Cropping2D") return [first, after].map((at) => at + node.cropping[side][0]);
  const ratio = from[side] / to[side]; // of what was made larger or smaller, or else 1
  const more = node.interpolation === "bilinear" ? 1 : 0;
  return [Math.floor(first * ratio) - more, Math.ceil(after * ratio) + more];
}

function beforeWindow({ strides, dilation_rate: dilation = [1, 1], padding }, [first, after], size, window, side) {
  const { before } = placesAlong(size, window, strides[side], dilation[side], padding);
  const reach = (window - 1) * dilation[side] + 1;
  return [first * strides[side] - before, (after - 1) * strides[side] - before + reach];
}

function beforeTransposed(node, [first, after], size, window, side) {
  const [stride, dilation] = [node.strides[side], node.dilation_rate[side]];
  const { before } = spreadAlong(size, window, stride, dilation, node.padding, node.output_padding?.[side]);
  const reach = (window - 1) * dilation + 1;
  return [Math.ceil((first + before - reach + 1) / stride), Math.floor((after - 1 + before) / stride) + 1];
}
