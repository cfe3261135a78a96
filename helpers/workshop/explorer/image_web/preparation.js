// From a picture to the numbers that the network receives: its size, its colours, its range of values.

import { course } from "../shared_web/page.js";
import { resample } from "./resampling.js";

const { size: [height, width], colour, shape } = course.takes;
const MEANS = { caffe: [103.939, 116.779, 123.68], torch: [0.485, 0.456, 0.406] }; // of ImageNet, as Keras has them
const MOST = 2000; // pixels, a side of an image that is read as it is
const DEVIATIONS = [0.229, 0.224, 0.225];

// Brings an image to the network's size and colours, and draws it into a canvas; returns its pixels. An image is
// { picture }, and keeps its pixels as long as the settings stay.
export function fitInto(canvas, image, { fit, invert }) {
  const settings = `${fit} ${invert}`;
  if (image.settings !== settings) {
    const { data } = resample(pixelsOf(image.picture, fit), width, height);
    for (let place = 0; place < data.length; place += 4) recolour(data, place, invert);
    Object.assign(image, { settings, pixels: data });
  }
  const paper = Object.assign(canvas, { width, height }).getContext("2d", { willReadFrequently: true });
  paper.putImageData(new ImageData(image.pixels, width, height), 0, 0);
  return image.pixels;
}

// The pixels of a picture, or of its middle; one of many millions is made smaller by the browser first.
function pixelsOf(picture, fit) {
  const scale = fit === "middle" ? Math.min(picture.width / width, picture.height / height) : 0;
  const [w, h] = scale ? [width * scale, height * scale] : [picture.width, picture.height];
  const [left, top] = [(picture.width - w) / 2, (picture.height - h) / 2];
  const smaller = Math.min(1, MOST / Math.max(w, h));
  const [wide, high] = [Math.max(1, Math.round(w * smaller)), Math.max(1, Math.round(h * smaller))];
  const paper = new OffscreenCanvas(wide, high).getContext("2d");
  paper.fillStyle = "#fff"; // what is transparent becomes white
  paper.fillRect(0, 0, wide, high);
  paper.imageSmoothingQuality = "high";
  paper.drawImage(picture, left, top, w, h, 0, 0, wide, high);
  return paper.getImageData(0, 0, wide, high);
}

function recolour(data, place, invert) {
  if (colour === "grey") {
    const grey = Math.round(0.299 * data[place] + 0.587 * data[place + 1] + 0.114 * data[place + 2]);
    data.fill(grey, place, place + 3);
  }
  if (invert) for (let c = 0; c < 3; c++) data[place + c] = 255 - data[place + c];
}

// The pixels as a tensor in the range that is asked for.
export function toTensor(pixels, scale) {
  const channels = { grey: 1, rgb: 3, rgba: 4 }[colour];
  const values = new Float32Array(height * width * channels);
  const channelsFirst = shape.length === 3 && shape[2] !== channels;
  for (let place = 0; place < values.length; place++) {
    const [pixel, c] = [Math.floor(place / channels), place % channels];
    const byte = pixels[4 * pixel + (scale === "caffe" ? 2 - c : c)]; // caffe: blue, green, red
    values[channelsFirst ? c * height * width + pixel : place] = scaled(byte, c, scale);
  }
  return { shape, values };
}

function scaled(byte, channel, scale) {
  if (scale === "0..255") return byte;
  if (scale === "-1..1") return byte / 127.5 - 1;
  if (scale === "caffe") return byte - MEANS.caffe[channel];
  if (scale === "torch") return (byte / 255 - MEANS.torch[channel]) / DEVIATIONS[channel];
  return byte / 255;
}
