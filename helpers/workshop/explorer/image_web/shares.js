// The maps that a value is made of, in a row, those with the largest share first.

import { placeFrame } from "./frames.js";
import { brightnessOf, mapImage } from "./maps.js";
import { byId, element } from "./page.js";
import { moveAlong } from "./strip.js";
import { signed } from "./sum_view.js";

const WHILE_PLAYING = 12; // of many maps, so many follow the window

// Calls onChoose(map) when one is chosen.
export function makeShares({ onChoose }) {
  const row = byId("pin-shares");
  const items = new Map(); // by map
  let [drawn, drawnScale] = [null, null];
  row.addEventListener("keydown", moveAlong);

  function itemOf(map, maps, brightness) {
    if (!items.has(map)) items.set(map, makeItem(map, mapImage(maps, map, brightness), () => onChoose(map)));
    return items.get(map);
  }

  return function show({ shares, window, patch }, maps, scale, playing) {
    if (maps.values !== drawn || scale !== drawnScale) {
      items.clear();
      [drawn, drawnScale] = [maps.values, scale];
    }
    const brightness = brightnessOf(maps, scale);
    const most = Math.max(...shares.map(({ share }) => Math.abs(share))) || 1;
    const shown = playing && shares.length > 2 * WHILE_PLAYING ? shares.slice(0, WHILE_PLAYING) : shares;
    const frame = shareOf(window, maps);
    const found = shown.map(({ map, share }) => {
      const item = itemOf(map, maps, brightness);
      placeFrame(item.frame, frame);
      item.value.textContent = signed(share);
      item.bar.style.width = `${(100 * Math.abs(share)) / most}%`;
      item.bar.className = share < 0 ? "down" : "up";
      item.button.setAttribute("aria-pressed", map === patch.map);
      item.button.tabIndex = map === patch.map ? 0 : -1;
      return item.button;
    });
    const focused = document.activeElement;
    row.replaceChildren(...found);
    if (found.includes(focused)) focused.focus();
  };
}

export function shareOf({ top, left, bottom, right }, { width, height }) {
  return { top: top / height, left: left / width, bottom: bottom / height, right: right / width };
}

function makeItem(map, image, onChoose) {
  const canvas = element("canvas", { width: image.width, height: image.height });
  canvas.getContext("2d").putImageData(image, 0, 0);
  canvas.setAttribute("aria-hidden", "true");
  const [frame, value, bar] = [element("i", { className: "frame" }), element("b"), element("span")];
  const button = element("button", { type: "button" }, element("span", { className: "marked" }, canvas, frame),
    element("span", { textContent: `map ${map}` }), value, element("span", { className: "bar" }, bar));
  button.addEventListener("click", onChoose);
  return { button, frame, value, bar };
}
