// All maps of a layer as one grid, in which every value can be pointed at.

import { asMaps } from "../engine/tensors.js";
import { drawMaps } from "../shared_web/maps.js";
import { element } from "../shared_web/page.js";

const GAP = 2; // pixels of the page between maps
const PHONE = 480; // pixels of the page: narrower than this, fewer maps stand in a row

function columnsFor({ width: side, channels }, width) {
  const usual = side === 1 ? (width < PHONE ? 10 : 20) : side > 20 || (side > 6 && width < PHONE) ? 8 : 16;
  return Math.min(channels, usual);
}

// A canvas for the maps, and another one on top of it for the frames around what is pointed at.
export function makeGrid(label) {
  const [canvas, frames] = [element("canvas", { className: "maps" }), element("canvas")];
  canvas.setAttribute("aria-label", label);
  canvas.setAttribute("role", "img");
  frames.setAttribute("aria-hidden", "true");
  return { canvas, frames, holder: element("div", { className: "grid" }, canvas, frames) };
}

// Paints all maps of a tensor; `shown` is the scale, and the range of raw values.
export function paintGrid(grid, tensor, shown) {
  const { canvas, frames } = grid;
  const ratio = window.devicePixelRatio || 1;
  const maps = asMaps(tensor);
  const available = Math.max(100, (grid.available ??= grid.holder.clientWidth));
  const columns = columnsFor(maps, available);
  const wanted = Math.floor(((available + GAP) * ratio) / columns - Math.round(GAP * ratio));
  const cell = Math.max(1, Math.min(wanted, Math.round((maps.width === 1 ? 40 : 200) * ratio)));
  const places = Array.from({ length: maps.channels }, (_, channel) => channel);
  Object.assign(grid, { maps, columns, layout: drawMaps(canvas, maps, places, { columns, cell, ...shown }) });
  if (frames.width === canvas.width && frames.height === canvas.height) return;
  Object.assign(frames, { width: canvas.width, height: canvas.height });
  for (const { style } of [canvas, frames]) {
    Object.assign(style, { width: `${canvas.width / ratio}px`, height: `${canvas.height / ratio}px` });
  }
}

// To be called when the page changes its width: the next painting fits it anew.
export function forgetWidth(grid) {
  grid.available = undefined;
  grid.frames.width = 0;
  for (const { style } of [grid.canvas, grid.frames]) style.width = "1px";
}

// Which value lies under a point of the page: {y, x, channel}, or null between the maps.
export function valueAt({ canvas, maps, columns, layout: { stepX, stepY, cell, high } }, event) {
  const area = canvas.getBoundingClientRect();
  const ratio = canvas.width / area.width;
  const [left, top] = [(event.clientX - area.left) * ratio, (event.clientY - area.top) * ratio];
  const [column, row] = [Math.floor(left / stepX), Math.floor(top / stepY)];
  const [insideX, insideY] = [(left % stepX) / cell, (top % stepY) / high];
  const channel = row * columns + column;
  if (column < 0 || row < 0 || column >= columns || channel >= maps.channels) return null;
  if (insideX >= 1 || insideY >= 1) return null; // in the gap
  return { y: Math.floor(insideY * maps.height), x: Math.floor(insideX * maps.width), channel };
}

// The value that an arrow key leads to: next to this one, or at the edge of the next map; or in the next map itself.
export function neighbour({ maps, columns }, { y, x, channel }, [right, down], byMap) {
  const { width, height, channels } = maps;
  const column = (channel % columns) * width + x + right * (byMap ? width : 1);
  const row = Math.floor(channel / columns) * height + y + down * (byMap ? height : 1);
  const next = Math.floor(row / height) * columns + Math.floor(column / width);
  const outside = row < 0 || column < 0 || column >= columns * width || next >= channels;
  return outside ? { y, x, channel } : { y: row % height, x: column % width, channel: next };
}

export function clearFrames({ frames }) {
  frames.getContext("2d").clearRect(0, 0, frames.width, frames.height);
}

// Where some values of one map lie in the canvas, in its pixels.
export function placeOf({ maps, columns, layout: { stepX, stepY, cell, high } }, { y, x, channel }) {
  const [wide, tall] = [cell / maps.width, high / maps.height];
  return [(channel % columns) * stepX + x * wide, Math.floor(channel / columns) * stepY + y * tall, wide, tall];
}

// A frame around some values of one map, light on dark, so that it shows on any colour.
export function frameValues(grid, place, rows = 1, columns = 1) {
  if (!grid.layout) return; // not painted yet
  const brush = grid.frames.getContext("2d");
  const ratio = window.devicePixelRatio || 1;
  const [left, top, wide, tall] = placeOf(grid, place);
  for (const [colour, line] of [["#000", 4 * ratio], ["#fff", 2 * ratio]]) {
    Object.assign(brush, { strokeStyle: colour, lineWidth: line });
    brush.strokeRect(left, top, columns * wide, rows * tall);
  }
}
