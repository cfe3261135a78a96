// A tensor is { shape, values }: the values of an image lie row by row, and at each place channel by channel, so that
// channel c in row y and column x is values[(y * width + x) * channels + c].

export const sizeOf = (shape) => shape.reduce((one, two) => one * two, 1);

export function emptyTensor(...shape) {
  return { shape, values: new Float32Array(sizeOf(shape)) };
}

// Any tensor as maps: units are maps of one pixel.
export function asMaps({ shape, values }) {
  if (shape.length === 3) return { height: shape[0], width: shape[1], channels: shape[2], values };
  if (shape.length === 2) return { height: shape[0], width: 1, channels: shape[1], values };
  return { height: 1, width: 1, channels: shape[0] ?? 1, values };
}

// Where a value lies among maps: its row, its column, its channel.
export function unravel(place, { width, channels }) {
  const pixel = Math.floor(place / channels);
  return { y: Math.floor(pixel / width), x: pixel % width, channel: place % channels };
}

// A tensor of the same shape; each value is changed by itself.
export function mapValues({ shape, values }, change) {
  const changed = new Float32Array(values.length);
  for (let place = 0; place < values.length; place++) changed[place] = change(values[place]);
  return { shape, values: changed };
}

// Keras counts axes with that of the images first: 1 is the height, -1 the channels. Here a tensor is one image.
export const axisOf = (axis, shape) => (axis < 0 ? axis + shape.length : axis - 1);

// How many values lie before, along and after an axis: value i along it lies (outer * along + i) * inner + further.
export function aroundAxis(shape, axis) {
  return { outer: sizeOf(shape.slice(0, axis)), along: shape[axis], inner: sizeOf(shape.slice(axis + 1)) };
}

// Weights as the page holds them: four bytes each, two in half precision, or one that is multiplied with a scale.
export function readWeights({ at, shape, bytes: each, scale }, bytes) {
  const part = bytes.slice(at, at + sizeOf(shape) * each);
  if (each === 1) return { shape, values: Float32Array.from(new Int8Array(part), (step) => step * scale) };
  return { shape, values: each === 2 ? fromHalf(new Uint16Array(part)) : new Float32Array(part) };
}

// The bytes that stand in the page as text.
export function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)).buffer;
}

let halves; // what each of the 65,536 numbers in half precision means

function fromHalf(codes) {
  halves ??= Float32Array.from({ length: 65536 }, (_, code) => {
    const [sign, exponent, fraction] = [code >> 15 ? -1 : 1, (code >> 10) & 31, (code & 1023) / 1024];
    return exponent === 0 ? sign * fraction * 2 ** -14 : sign * (1 + fraction) * 2 ** (exponent - 15);
  });
  const values = new Float32Array(codes.length);
  for (let place = 0; place < codes.length; place++) values[place] = halves[codes[place]];
  return values;
}
