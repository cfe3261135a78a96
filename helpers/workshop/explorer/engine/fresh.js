// The same network before it learned anything: its weights as Keras draws them.

// A network from `loadNetwork` with new weights; layers that share weights share the new ones too.
export function freshNetwork({ nodes, outputs }) {
  const drawn = new Map();
  const fresh = (name, weight, node) => {
    if (!drawn.has(weight)) drawn.set(weight, firstValues(name, weight, node));
    return drawn.get(weight);
  };
  return { outputs, nodes: nodes.map((node) => ({ ...node, ...freshWeights(node, fresh) })) };
}

function freshWeights(node, fresh) {
  if (["Rescaling", "Normalization"].includes(node.type)) return {}; // set by hand, not learned
  const weights = Object.entries(node).filter(([, value]) => ArrayBuffer.isView(value?.values));
  return Object.fromEntries(weights.map(([name, weight]) => [name, fresh(name, weight, node)]));
}

// Kernels are drawn; the rest begins with 0, and what multiplies with 1.
function firstValues(name, weight, node) {
  if (name === "constant") return weight; // a number of a calculation
  if (name.endsWith("kernel")) return drawGlorot(weight);
  const first = { gamma: 1, scale: 1 / Math.sqrt(1 + node.epsilon) }[name] ?? 0;
  return { shape: weight.shape, values: weight.values.map(() => first) };
}

// Glorot and Bengio (2010): evenly between -limit and limit, so that values keep their size from layer to layer.
function drawGlorot({ shape, values }) {
  const window = shape.slice(0, -2).reduce((one, two) => one * two, 1);
  const limit = Math.sqrt(6 / (window * (shape.at(-2) + shape.at(-1))));
  return { shape, values: values.map(() => limit * (2 * Math.random() - 1)) };
}
