// ---- grids.js: all maps of a layer as one grid -----------------------------------------------------------------

const GAP = 2; // pixels of the page between maps
const PHONE = 480; // pixels of the page: narrower than this, fewer maps stand in a row

function columnsFor(layer, width) {
  const [side, , channels] = layer.shape;
  const usual = side === 1 ? (width < PHONE ? 10 : 20) : side > 20 || (side > 6 && width < PHONE) ? 8 : 16;
  return Math.min(channels, usual);
}

// A canvas for the maps, and another one on top of it for the frames around what is pointed at.
function makeGrid(layer, label) {
  const holder = document.createElement("div");
  holder.className = "grid";
  const [maps, frames] = [document.createElement("canvas"), document.createElement("canvas")];
  holder.append(maps, frames);
  Object.assign(maps, { tabIndex: 0, className: "maps" });
  maps.setAttribute("role", "application");
  maps.setAttribute("aria-roledescription", "grid of feature maps");
  maps.setAttribute("aria-label", label);
  frames.setAttribute("aria-hidden", "true");
  const [height, width, channels] = layer.shape;
  return { layer, holder, maps, frames, height, width, channels, small: document.createElement("canvas"), place: null };
}

// How large a map is drawn, in pixels of the screen; called when the page changes its width.
function layOutGrid(grid) {
  const ratio = window.devicePixelRatio || 1;
  const available = Math.max(100, grid.holder.clientWidth);
  grid.columns = columnsFor(grid.layer, available);
  grid.rows = Math.ceil(grid.channels / grid.columns);
  grid.gap = Math.round(GAP * ratio);
  const wanted = Math.floor((available * ratio + grid.gap) / grid.columns) - grid.gap;
  grid.cell = Math.max(1, Math.min(wanted, Math.round((grid.width === 1 ? 40 : 200) * ratio)));
  for (const canvas of [grid.maps, grid.frames]) {
    canvas.width = grid.columns * (grid.cell + grid.gap) - grid.gap;
    canvas.height = grid.rows * (grid.cell + grid.gap) - grid.gap;
    canvas.style.width = `${canvas.width / ratio}px`;
    canvas.style.height = `${canvas.height / ratio}px`;
  }
  grid.small.width = grid.columns * grid.width;
  grid.small.height = grid.rows * grid.height;
  grid.brush = grid.maps.getContext("2d");
  grid.brush.imageSmoothingEnabled = false;
  grid.pixels = grid.small.getContext("2d").createImageData(grid.small.width, grid.small.height);
  grid.colours = new Uint32Array(grid.pixels.data.buffer);
}

// Paint all maps; returns how many of them are silent.
function paintGrid(grid, values, scale, [low, high] = shownRange(grid.layer, scale)) {
  const { columns, width, height, channels, colours, small } = grid;
  const scaled = scaleChannels(values, channels, scale);
  let silent = 0;
  for (let c = 0; c < channels; c++) {
    const dark = isSilent(values, c, channels);
    silent += dark;
    const start = Math.floor(c / columns) * height * small.width + (c % columns) * width;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const value = scaled[(y * width + x) * channels + c];
        colours[start + y * small.width + x] = dark ? SILENT : shade(viridis, value, low, high);
      }
    }
  }
  small.getContext("2d").putImageData(grid.pixels, 0, 0);
  for (let c = 0; c < channels; c++) paintMap(grid, c);
  return silent;
}

function paintMap({ brush, small, columns, width, height, cell, gap }, c) {
  const [column, row] = [c % columns, Math.floor(c / columns)];
  const [x, y] = [column * (cell + gap), row * (cell + gap)];
  brush.drawImage(small, column * width, row * height, width, height, x, y, cell, cell);
}

// Which value lies under a point of the page: {y, x, c}, or null between the maps.
function valueAt(grid, event) {
  const area = grid.maps.getBoundingClientRect();
  const step = grid.cell + grid.gap;
  const ratio = grid.maps.width / area.width;
  const inCanvas = [(event.clientX - area.left) * ratio, (event.clientY - area.top) * ratio];
  const [column, row] = inCanvas.map((n) => Math.floor(n / step));
  const [insideX, insideY] = inCanvas.map((n) => (n % step) / grid.cell);
  const c = row * grid.columns + column;
  if (column < 0 || row < 0 || column >= grid.columns || c >= grid.channels) return null;
  if (insideX >= 1 || insideY >= 1) return null; // in the gap
  return { y: Math.floor(insideY * grid.height), x: Math.floor(insideX * grid.width), c };
}

// The value that an arrow key leads to: next to this one, or at the edge of the next map.
function neighbour(grid, place, right, down) {
  const column = (place.c % grid.columns) * grid.width + place.x + right;
  const row = Math.floor(place.c / grid.columns) * grid.height + place.y + down;
  const c = Math.floor(row / grid.height) * grid.columns + Math.floor(column / grid.width);
  const outside = column < 0 || row < 0 || column >= grid.columns * grid.width || c >= grid.channels;
  return outside ? place : { y: row % grid.height, x: column % grid.width, c };
}

function clearFrames(grid) {
  grid.frames.getContext("2d").clearRect(0, 0, grid.frames.width, grid.frames.height);
}

// A frame around some values of one map, light on dark, so that it shows on any colour.
function frameValues(grid, { y, x, c }, height = 1, width = 1) {
  const [valueWidth, valueHeight] = [grid.cell / grid.width, grid.cell / grid.height];
  const left = (c % grid.columns) * (grid.cell + grid.gap) + x * valueWidth;
  const top = Math.floor(c / grid.columns) * (grid.cell + grid.gap) + y * valueHeight;
  strokeFrame(grid.frames.getContext("2d"), left, top, width * valueWidth, height * valueHeight);
}

function strokeFrame(brush, left, top, width, height) {
  const ratio = window.devicePixelRatio || 1;
  for (const [colour, line] of [["#000", 4 * ratio], ["#fff", 2 * ratio]]) {
    Object.assign(brush, { strokeStyle: colour, lineWidth: line });
    brush.strokeRect(left, top, width, height);
  }
}
