// The drawing in the page's address.
//
// A byte for the version; then for each stroke the number of its points (two bytes) and its points (a byte each for
// x and y). Written as base64, with the two letters that an address may hold.

import { bytesOf } from "../engine/tensors.js";

const CODE_VERSION = 1;

function encodeStrokes(strokes) {
  const bytes = [CODE_VERSION];
  for (const stroke of strokes) {
    bytes.push(stroke.length >> 8, stroke.length & 255);
    for (const [x, y] of stroke) bytes.push(x, y);
  }
  const letters = bytes.map((byte) => String.fromCharCode(byte)).join("");
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

// Returns the strokes, or null where the text is no drawing.
export function decodeStrokes(code) {
  let bytes;
  try {
    bytes = new Uint8Array(bytesOf(code.replaceAll("-", "+").replaceAll("_", "/")));
  } catch {
    return null; // no base64
  }
  if (bytes[0] !== CODE_VERSION) return null;
  const strokes = [];
  for (let place = 1; place < bytes.length; ) {
    const count = bytes[place] * 256 + bytes[place + 1];
    const end = place + 2 + 2 * count;
    if (!(count > 0 && end <= bytes.length)) return null;
    const stroke = [];
    for (let at = place + 2; at < end; at += 2) stroke.push([bytes[at], bytes[at + 1]]);
    strokes.push(stroke);
    place = end;
  }
  return strokes;
}

export const addressOf = (strokes) => (strokes.length ? `#draw=${encodeStrokes(strokes)}` : "#");

// Returns the strokes of an address, [] where it holds none, null where what it holds cannot be read.
export function strokesOf(hash) {
  const code = hash.replace(/^#(draw=)?/, "");
  return code ? decodeStrokes(code) : [];
}
