// From the values of a layer to pictures of its maps.

import { course } from "./page.js";

const SILENT = 0xff0b0b0b; // darker than the darkest value
const GAP = 2; // pixels of the page between maps
// A palette as 256 colours, each one number as an image's memory holds it: alpha, blue, green, red.
const paletteOf = (digits) => Uint32Array.from({ length: 256 }, (_, level) => {
  const colour = parseInt(digits.slice(6 * level, 6 * level + 6), 16);
  return 0xff000000 | ((colour & 255) << 16) | (colour & 0xff00) | (colour >> 16);
});

export const palettes = {
  values: paletteOf(course.palettes.values),
  weights: paletteOf(course.palettes.weights), // blue below zero, white at zero, red above
  grey: Uint32Array.from({ length: 256 }, (_, level) => 0xff000000 | (level * 0x010101)),
};

// The colour of a share from 0 to 1, in a palette.
export const shade = (palette, share) => palette[Math.max(0, Math.min(255, Math.floor(256 * share)))];

export function rangeOf(values, from = 0, step = 1) {
  let [low, high] = [Infinity, -Infinity];
  for (let place = from; place < values.length; place += step) {
    if (values[place] < low) low = values[place];
    if (values[place] > high) high = values[place];
  }
  return [low, high];
}

// The same four scales as helpers.pictures.scale_channels, as a function from value to 0..1 for each channel. Raw
// values lie in a range that is given, so that any two images compare, or in that of the layer.
export function brightnessOf(maps, scale, range) {
  const whole = scale === "raw" && range ? range : rangeOf(maps.values);
  return (channel) => {
    const apart = scale === "channel" || scale === "standard";
    const [low, high] = apart ? rangeOf(maps.values, channel, maps.channels) : whole;
    if (!(high > low)) return () => 0;
    if (scale !== "standard") return (value) => (value - low) / (high - low);
    const { mean, deviation } = momentsOf(maps, channel);
    return (value) => Math.min(1, Math.max(0, (128 + (64 * (value - mean)) / deviation) / 255));
  };
}

function momentsOf({ values, channels }, channel) {
  let [sum, squares] = [0, 0];
  for (let place = channel; place < values.length; place += channels) sum += values[place];
  const count = values.length / channels;
  for (let place = channel; place < values.length; place += channels) squares += (values[place] - sum / count) ** 2;
  return { mean: sum / count, deviation: Math.sqrt(squares / count) };
}

// Maps side by side, a pixel for each value; black where a channel is silent.
function imageOf(maps, places, columns, brightness, palette) {
  const { width, height, channels, values } = maps;
  const image = new ImageData(columns * width, Math.ceil(places.length / columns) * height);
  const colours = new Uint32Array(image.data.buffer);
  places.forEach((channel, at) => {
    const level = brightness(channel);
    const start = Math.floor(at / columns) * height * image.width + (at % columns) * width;
    const silent = palette === palettes.values && isSilent(maps, channel);
    for (let y = 0, from = channel; y < height; y++) {
      for (let x = 0; x < width; x++, from += channels) {
        colours[start + y * image.width + x] = silent ? SILENT : shade(palette, level(values[from]));
      }
    }
  });
  return image;
}

export function isSilent({ values, channels }, channel) {
  for (let place = channel; place < values.length; place += channels) if (values[place] !== 0) return false;
  return true;
}

// One map in its own size; with `until`, only up to that place.
export function drawMap(canvas, maps, channel, brightness, palette, until = null) {
  const paper = Object.assign(canvas, { width: maps.width, height: maps.height }).getContext("2d");
  paper.putImageData(imageOf(maps, [channel], 1, brightness, palette), 0, 0);
  if (!until) return;
  paper.clearRect(until.x + 1, until.y, maps.width, 1);
  paper.clearRect(0, until.y + 1, maps.width, maps.height);
}

const small = new OffscreenCanvas(1, 1); // for maps in their own size

// Draws maps into a canvas, so many in a row; `cell` is the width of a map in pixels of the screen. Their brightness is
// what `brightnessOf` gave, or that of a scale (with a range for raw values).
export function drawMaps(canvas, maps, places, settings) {
  const { columns, cell, scale, range, palette = palettes.values } = settings;
  const brightness = settings.brightness ?? brightnessOf(maps, scale, range);
  const ratio = window.devicePixelRatio || 1;
  const gap = Math.round(GAP * ratio);
  const high = Math.max(1, Math.round((cell * maps.height) / maps.width));
  const rows = Math.ceil(places.length / columns);
  Object.assign(canvas, { width: columns * (cell + gap) - gap, height: rows * (high + gap) - gap });
  const paper = canvas.getContext("2d");
  paper.imageSmoothingEnabled = maps.width > cell; // small maps keep their pixels
  const image = imageOf(maps, places, columns, brightness, palette);
  Object.assign(small, { width: image.width, height: image.height }).getContext("2d").putImageData(image, 0, 0);
  const { width, height } = maps;
  places.forEach((_, at) => {
    const [column, row] = [at % columns, Math.floor(at / columns)];
    const [left, top] = [column * (cell + gap), row * (high + gap)];
    paper.drawImage(small, column * width, row * height, width, height, left, top, cell, high);
  });
  return { columns, stepX: cell + gap, stepY: high + gap, cell, high };
}
