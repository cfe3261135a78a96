// From the values of a layer to pictures of its maps.

import { course } from "./page.js";

const SILENT = 0xff0b0b0b; // darker than the darkest value
const GAP = 2; // pixels of the page between maps
const palette = Uint32Array.from({ length: 256 }, (_, level) => {
  const colour = parseInt(course.palette.slice(6 * level, 6 * level + 6), 16);
  return 0xff000000 | ((colour & 255) << 16) | (colour & 0xff00) | (colour >> 16); // alpha, blue, green, red
});

export function rangeOf(values, from = 0, step = 1) {
  let [low, high] = [Infinity, -Infinity];
  for (let place = from; place < values.length; place += step) {
    if (values[place] < low) low = values[place];
    if (values[place] > high) high = values[place];
  }
  return [low, high];
}

// The same four scales as helpers.pictures.scale_channels, as a function from value to 0..1 for each channel.
export function brightnessOf(maps, scale) {
  const whole = rangeOf(maps.values);
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

// One map as an image of its own size; black where the channel is silent.
export function mapImage(maps, channel, brightness) {
  const image = new ImageData(maps.width, maps.height);
  const colours = new Uint32Array(image.data.buffer);
  const [low, high] = rangeOf(maps.values, channel, maps.channels);
  const level = brightness(channel);
  for (let place = 0; place < colours.length; place++) {
    const share = level(maps.values[place * maps.channels + channel]);
    colours[place] = low === 0 && high === 0 ? SILENT : palette[Math.min(255, Math.floor(256 * share))];
  }
  return image;
}

// Draws maps into a canvas, so many in a row; `cell` is the width of a map in pixels of the screen.
export function drawMaps(canvas, maps, places, { columns, cell, brightness }) {
  const ratio = window.devicePixelRatio || 1;
  const gap = Math.round(GAP * ratio);
  const high = Math.max(1, Math.round((cell * maps.height) / maps.width));
  const rows = Math.ceil(places.length / columns);
  Object.assign(canvas, { width: columns * (cell + gap) - gap, height: rows * (high + gap) - gap });
  const paper = canvas.getContext("2d");
  paper.imageSmoothingEnabled = maps.width > cell; // small maps keep their pixels
  const small = new OffscreenCanvas(maps.width, maps.height);
  places.forEach((channel, at) => {
    small.getContext("2d").putImageData(mapImage(maps, channel, brightness), 0, 0);
    const [left, top] = [(at % columns) * (cell + gap), Math.floor(at / columns) * (high + gap)];
    paper.drawImage(small, left, top, cell, high);
  });
  return { columns, stepX: cell + gap, stepY: high + gap, cell, high };
}
