// Makes images smaller or larger as Pillow does it (Lanczos): a network sees the same pixels here and in Python.

const LOBES = 3;

// `pixels` is { width, height, data } with four bytes a pixel; the result is, too.
export function resample(pixels, width, height) {
  return turned(alongRows(turned(alongRows(pixels, width)), height));
}

const sinc = (x) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));
const lanczos = (x) => (Math.abs(x) < LOBES ? sinc(x) * sinc(x / LOBES) : 0);

// For each new pixel of a row: the first old one that it is made of, and the share of that one and the next ones.
function sharesOf(old, size) {
  const scale = Math.max(1, old / size); // a smaller image takes each pixel from a wider stretch
  return Array.from({ length: size }, (_, place) => {
    const centre = ((place + 0.5) * old) / size;
    const first = Math.max(0, Math.floor(centre - LOBES * scale + 0.5));
    const after = Math.min(old, Math.floor(centre + LOBES * scale + 0.5));
    const weights = Array.from({ length: after - first }, (_, each) => lanczos((first + each - centre + 0.5) / scale));
    const total = weights.reduce((one, two) => one + two);
    return { first, shares: weights.map((weight) => weight / total) };
  });
}

function alongRows({ width, height, data }, size) {
  if (size === width) return { width, height, data };
  const output = new Uint8ClampedArray(size * height * 4); // it rounds, and keeps to 0..255
  sharesOf(width, size).forEach(({ first, shares }, x) => {
    for (let y = 0; y < height; y++) {
      for (let c = 0; c < 4; c++) {
        let sum = 0;
        for (let each = 0; each < shares.length; each++) sum += shares[each] * data[(y * width + first + each) * 4 + c];
        output[(y * size + x) * 4 + c] = sum;
      }
    }
  });
  return { width: size, height, data: output };
}

// Rows become columns.
function turned({ width, height, data }) {
  const [from, to] = [new Uint32Array(data.buffer), new Uint32Array(width * height)];
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) to[x * height + y] = from[y * width + x];
  return { width: height, height: width, data: new Uint8ClampedArray(to.buffer) };
}
