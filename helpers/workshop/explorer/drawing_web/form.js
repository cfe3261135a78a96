// From pen strokes to the image that the network receives.
//
// A network that learned from MNIST must be shown digits in MNIST's form: made to fit a box of 20 x 20 pixels, then
// moved until the centre of mass of the ink is the middle of the image, with lines as thick as MNIST's. Another network
// may be shown the paper as it is.

import { course } from "../shared_web/page.js";
import { PAPER } from "./paper.js";

const [SIDE] = course.takes.size; // pixels, height and width of the image
const BOX = 20; // pixels, the larger side of the digit
const MIDDLE = SIDE / 2; // where MNIST's centres of mass lie, as the index of a pixel
const PEN = 1.45; // pixels, half the thickness of a line: the mean ink is then MNIST's, 0.13
const EDGE = 1.5; // pixels, over which a line fades from full to nothing, as softly as MNIST's
const REACH = PEN + EDGE / 2; // pixels, how far from its middle a line still leaves ink
const LARGEST_SCALE = 0.5; // a tiny mark stays a small one: it is enlarged up to half a pixel for a step on the paper

function boundsOf(strokes) {
  const bounds = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const stroke of strokes) {
    for (const [x, y] of stroke) {
      bounds.left = Math.min(bounds.left, x);
      bounds.right = Math.max(bounds.right, x);
      bounds.top = Math.min(bounds.top, y);
      bounds.bottom = Math.max(bounds.bottom, y);
    }
  }
  return bounds;
}

// Draw lines into 28 x 28 pixels; a point (x, y) of the paper lands on pixel (x * scale + left, y * scale + top).
function inkOf(strokes, { scale, left, top }) {
  const distances = new Float32Array(SIDE * SIDE).fill(Infinity); // of each pixel from the nearest line, squared
  for (const stroke of strokes) {
    const points = stroke.map(([x, y]) => [x * scale + left, y * scale + top]);
    points.forEach((point, index) => noteDistances(distances, points[Math.max(0, index - 1)], point));
  }
  // A pixel is full of ink inside the line, empty outside, and in between at its edge.
  return distances.map((squared) => Math.min(1, Math.max(0, (REACH - Math.sqrt(squared)) / EDGE)));
}

function noteDistances(distances, [x1, y1], [x2, y2]) {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const squaredLength = dx * dx + dy * dy || 1;
  const [left, right] = nearPixels(x1, x2);
  const [top, bottom] = nearPixels(y1, y2);
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const along = Math.min(1, Math.max(0, ((x - x1) * dx + (y - y1) * dy) / squaredLength));
      const [awayX, awayY] = [x - x1 - along * dx, y - y1 - along * dy];
      const squared = awayX * awayX + awayY * awayY;
      if (squared < distances[y * SIDE + x]) distances[y * SIDE + x] = squared;
    }
  }
}

// The first and the last row or column of pixels that a line between two places can reach.
function nearPixels(one, two) {
  const [low, high] = [Math.min(one, two) - REACH, Math.max(one, two) + REACH];
  return [Math.max(0, Math.ceil(low)), Math.min(SIDE - 1, Math.floor(high))];
}

export function centreOfMass(image) {
  let [mass, sumX, sumY] = [0, 0, 0];
  image.forEach((ink, place) => {
    mass += ink;
    sumX += ink * (place % SIDE);
    sumY += ink * Math.floor(place / SIDE);
  });
  return mass ? [sumX / mass, sumY / mass] : [MIDDLE, MIDDLE];
}

// Returns the image (values 0..1, row by row), and the box around the drawing in pixels where it was made to fit one.
export function toForm(strokes, { centred }) {
  if (!strokes.length) return { image: new Float32Array(SIDE * SIDE), box: null };
  if (!centred) return { image: inkOf(strokes, { scale: (SIDE - 1) / PAPER, left: 0, top: 0 }), box: null };
  const bounds = boundsOf(strokes);
  const [width, height] = [bounds.right - bounds.left, bounds.bottom - bounds.top];
  const scale = Math.min(LARGEST_SCALE, (BOX - 2 * REACH) / Math.max(width, height));
  const inTheMiddle = (low, size) => (SIDE - 1 - size * scale) / 2 - low * scale;
  const fit = { scale, left: inTheMiddle(bounds.left, width), top: inTheMiddle(bounds.top, height) };
  const [x, y] = centreOfMass(inkOf(strokes, fit));
  fit.left = keptInside(fit.left + MIDDLE - x, bounds.left * scale, bounds.right * scale);
  fit.top = keptInside(fit.top + MIDDLE - y, bounds.top * scale, bounds.bottom * scale);
  const box = {
    left: bounds.left * scale + fit.left - REACH,
    top: bounds.top * scale + fit.top - REACH,
    width: width * scale + 2 * REACH,
    height: height * scale + 2 * REACH,
  };
  return { image: inkOf(strokes, fit), box };
}

// The image as a tensor in the range that the network takes; dark ink on light paper where that is asked for.
export function toTensor(image, { inverted }) {
  const { shape, scale } = course.takes;
  const [low, high] = { "0..255": [0, 255], "-1..1": [-1, 1] }[scale] ?? [0, 1];
  return { shape, values: image.map((ink) => low + (inverted ? 1 - ink : ink) * (high - low)) };
}

// No ink may leave the image, wherever its centre of mass lies.
function keptInside(shift, low, high) {
  return Math.min(SIDE - 1 - REACH - high, Math.max(REACH - low, shift));
}
