// The layer that was chosen: all its maps as one grid, and those of another image beside it.

import { asMaps, unravel } from "../engine/tensors.js";
import { placeFrame } from "../shared_web/frames.js";
import { brightnessOf, drawMaps, rangeOf } from "../shared_web/maps.js";
import { byId, course, fillSelect, threeDigits } from "../shared_web/page.js";
import { shownPlaces } from "../shared_web/strip.js";

const LARGE = 20; // pixels of a map: from here on fewer stand in a row

// Calls onChoose(place) for another layer, onPoint(channel) for a map that is pointed at, which gives words about it or
// promises them, and onPin({ y, x, channel }) for a value.
export function makeGrid({ onChoose, onPoint, onPin }) {
  const canvas = byId("grid");
  let [maps, kept, layout, channel, isSaid] = [null, null, null, 0, false];

  fillSelect(byId("layer-choice"), shownPlaces.map((place) => [place, course.network.nodes[place].name]));
  byId("layer-choice").addEventListener("change", ({ target }) => onChoose(Number(target.value)));
  fillSelect(byId("map-scale"), Object.entries(course.scales), "layer");
  byId("map-scale").addEventListener("change", draw);
  window.addEventListener("resize", draw);
  canvas.addEventListener("pointermove", (event) => {
    const place = pointed(event);
    if (place && !(isSaid && place.channel === channel)) say(place.channel);
  });
  canvas.addEventListener("click", (event) => {
    const place = pointed(event);
    if (!place) return;
    say(place.channel);
    onPin(place);
  });
  canvas.addEventListener("keydown", (event) => {
    if (!maps) return;
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: layout.columns, ArrowUp: -layout.columns }[event.key];
    if (!step && event.key !== "Enter") return;
    event.preventDefault();
    if (step) say(Math.min(maps.channels - 1, Math.max(0, channel + step)));
    else onPin(strongestOf(maps, channel));
  });

  function pointed(event) {
    if (!maps) return null;
    const ratio = canvas.width / canvas.clientWidth;
    const [left, top] = [event.offsetX * ratio, event.offsetY * ratio];
    const [column, row] = [Math.floor(left / layout.stepX), Math.floor(top / layout.stepY)];
    const found = row * layout.columns + column;
    if (!(found < maps.channels && column < layout.columns)) return null;
    const inside = (offset, side, cells) => Math.min(cells - 1, Math.floor((offset / side) * cells));
    return {
      channel: found,
      x: inside(left - column * layout.stepX, layout.cell, maps.width),
      y: inside(top - row * layout.stepY, layout.high, maps.height),
    };
  }

  // Says what a map holds, and frames it.
  async function say(pointedAt) {
    [channel, isSaid] = [pointedAt, true];
    const [low, high] = rangeOf(maps.values, channel, maps.channels);
    const values = low === high ? `all ${threeDigits(low)}` : `${threeDigits(low)} to ${threeDigits(high)}`;
    frame(byId("grid-frame"), { channel });
    const more = await onPoint(channel, maps);
    if (more === null || channel !== pointedAt) return;
    byId("grid-said").textContent = `Channel ${channel} of 0 to ${maps.channels - 1}: ${values}. ${more}`;
  }

  // Lays a frame around a map, or around a value of it.
  function frame(holder, { channel: map, y = null, x = null }) {
    holder.hidden = false;
    const [left, top] = [(map % layout.columns) * layout.stepX, Math.floor(map / layout.columns) * layout.stepY];
    const [rows, columns] = y === null ? [1, 1] : [maps.height, maps.width];
    const [wide, high] = [layout.cell / columns, layout.high / rows];
    const [startX, startY] = [left + (x ?? 0) * wide, top + (y ?? 0) * high];
    placeFrame(holder, {
      left: startX / canvas.width, right: (startX + wide) / canvas.width,
      top: startY / canvas.height, bottom: (startY + high) / canvas.height,
    });
  }

  function hideFrames() {
    for (const id of ["grid-frame", "grid-pin"]) byId(id).hidden = true;
  }

  function draw() {
    byId("grid-kept-holder").hidden = !kept;
    if (!maps) return;
    const scale = byId("map-scale").value;
    const brightness = brightnessOf(kept ? together(maps, kept) : maps, scale);
    const places = [...Array(maps.channels).keys()];
    const ratio = window.devicePixelRatio || 1;
    const holder = byId("grids").clientWidth;
    const wide = kept && holder > 640 ? (holder - 16) / 2 : holder;
    const sizes = sizesFor(maps, Math.max(200, wide) * ratio, ratio);
    layout = drawMaps(canvas, maps, places, { ...sizes, brightness });
    canvas.style.width = `${canvas.width / ratio}px`;
    if (kept) drawMaps(byId("grid-kept"), kept, places, { ...sizes, brightness });
    byId("grid-kept").style.width = canvas.style.width;
    if (!byId("grid-frame").hidden) frame(byId("grid-frame"), { channel });
  }

  return {
    show(place, tensor, keptTensor) {
      const { name, type } = course.network.nodes[place];
      byId("layer-choice").value = place;
      byId("chosen-title").textContent = name || type;
      const known = maps && tensor && maps.values === tensor.values;
      maps = tensor ? asMaps(tensor) : null;
      kept = tensor && keptTensor ? asMaps(keptTensor) : null;
      byId("grid-holder").hidden = !maps;
      if (!maps) return;
      byId("chosen-about").textContent = `${type}: ${tensor.shape.join(" x ")}.${wordsAboutSilent(maps)}`;
      canvas.setAttribute("aria-label",
        `${maps.channels} maps of ${name}; arrow keys go from one to the next, Enter pins its largest value`);
      channel = Math.min(channel, maps.channels - 1);
      if (!known) {
        hideFrames();
        isSaid = false;
        byId("grid-said").textContent = "Point at a map for its values; a click or Enter pins one.";
      }
      draw();
    },
    showPin(at) {
      byId("grid-pin").hidden = !at;
      if (at) frame(byId("grid-pin"), at);
    },
  };
}

// On one scale the maps of two images can be compared.
function together(maps, kept) {
  const values = new Float32Array(maps.values.length + kept.values.length);
  values.set(maps.values);
  values.set(kept.values, maps.values.length);
  return { ...maps, values };
}

function sizesFor(maps, available, ratio) {
  const usual = maps.width * maps.height === 1 ? 24 : maps.width > LARGE ? 8 : 16;
  const columns = Math.min(maps.channels, available < 560 * ratio ? Math.ceil(usual / 2) : usual);
  return { columns, cell: Math.max(4, Math.floor(Math.min(200 * ratio, available / columns - 2 * ratio))) };
}

function strongestOf(maps, channel) {
  const { values, channels } = maps;
  let best = channel;
  for (let place = channel; place < values.length; place += channels) if (values[place] > values[best]) best = place;
  return unravel(best, maps);
}

function wordsAboutSilent({ values, channels }) {
  const awake = new Uint8Array(channels);
  for (let place = 0; place < values.length; place++) if (values[place] !== 0) awake[place % channels] = 1;
  const silent = awake.filter((each) => !each).length;
  return silent ? ` ${silent} of ${channels} channels are silent for this image: 0 everywhere.` : "";
}
