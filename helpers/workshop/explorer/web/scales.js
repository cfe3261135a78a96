// ---- scales.js: from values to brightness ----------------------------------------------------------------------

// The same four scales as helpers.pictures.scale_channels. All but "raw" change the values; what has no spread
// becomes 0.
function scaleChannels(values, channels, scale) {
  if (scale === "raw") return values;
  if (scale === "layer") {
    const [low, high] = rangeOf(values, 0, 1);
    return values.map((value) => (high > low ? (value - low) / (high - low) : 0));
  }
  const scaled = new Float32Array(values.length);
  for (let c = 0; c < channels; c++) {
    const change = scale === "channel" ? stretchOf(values, c, channels) : standardOf(values, c, channels);
    for (let place = c; place < values.length; place += channels) scaled[place] = change(values[place]);
  }
  return scaled;
}

function rangeOf(values, from, step) {
  let [low, high] = [Infinity, -Infinity];
  for (let place = from; place < values.length; place += step) {
    if (values[place] < low) low = values[place];
    if (values[place] > high) high = values[place];
  }
  return [low, high];
}

function stretchOf(values, channel, channels) {
  const [low, high] = rangeOf(values, channel, channels);
  return high > low ? (value) => (value - low) / (high - low) : () => 0;
}

function standardOf(values, channel, channels) {
  const [low, high] = rangeOf(values, channel, channels);
  if (!(high > low)) return () => 0;
  const count = values.length / channels;
  let [sum, squares] = [0, 0];
  for (let place = channel; place < values.length; place += channels) sum += values[place];
  for (let place = channel; place < values.length; place += channels) squares += (values[place] - sum / count) ** 2;
  const deviation = Math.sqrt(squares / count);
  return (value) => Math.min(255, Math.max(0, 128 + (64 * (value - sum / count)) / deviation));
}

// The lowest and the highest value that a picture shows. Raw values get a range that never changes, so that any two
// drawings compare.
function shownRange(layer, scale) {
  if (scale === "raw") return layer.range;
  return scale === "standard" ? [0, 255] : [0, 1];
}

// A palette as 256 colours, each one number as an image's memory holds it: alpha, blue, green, red.
function paletteOf(hexadecimal) {
  return Uint32Array.from({ length: 256 }, (_, place) => {
    const colour = parseInt(hexadecimal.slice(6 * place, 6 * place + 6), 16);
    return 0xff000000 | ((colour & 255) << 16) | (colour & 0xff00) | (colour >> 16);
  });
}

const viridis = paletteOf(course.palettes.viridis); // values
const diverging = paletteOf(course.palettes.RdBu_r); // weights: blue below zero, white at zero, red above
const grey = Uint32Array.from({ length: 256 }, (_, level) => 0xff000000 | (level * 0x010101));
const SILENT = 0xff0b0b0b; // darker than the darkest value

function shade(palette, value, low, high) {
  const share = high > low ? (value - low) / (high - low) : 0;
  return palette[Math.max(0, Math.min(255, Math.floor(share * 256)))];
}

// Colours for style sheets.
function cssColour(palette, value, low, high) {
  const number = shade(palette, value, low, high);
  return `rgb(${number & 255} ${(number >> 8) & 255} ${(number >> 16) & 255})`;
}

function isSilent(values, channel, channels) {
  for (let place = channel; place < values.length; place += channels) if (values[place] !== 0) return false;
  return true;
}
