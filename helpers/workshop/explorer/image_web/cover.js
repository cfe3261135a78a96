// A brush that covers parts of the image, to see how the answer changes: blurred, grey or black.

import { placeFrame } from "../shared_web/frames.js";
import { byId, fillSelect } from "../shared_web/page.js";

const KINDS = { none: "nothing", blur: "blur", grey: "grey", black: "black" };
const SIZES = { 0.05: "small", 0.1: "middling", 0.2: "large" }; // radius, as a share of the longer side
const COARSE = 12; // pixels of the image that become one when it is blurred
const LEVELS = { grey: 128, black: 0 };

// Calls onChange() when something was covered or uncovered. Returns { apply, isEmpty, forget, version }.
export function makeCover({ onChange }) {
  const paper = byId("paper");
  const known = new WeakMap(); // the mask of each stroke
  let [strokes, version, drawing, cursor] = [[], 0, false, { x: 0.5, y: 0.5 }];
  fillSelect(byId("cover-kind"), Object.entries(KINDS));
  fillSelect(byId("cover-size"), Object.entries(SIZES), "0.1");

  const kind = () => byId("cover-kind").value;
  const radius = () => Number(byId("cover-size").value);

  byId("cover-kind").addEventListener("change", () => {
    paper.classList.toggle("brush", kind() !== "none");
    showCursor(false);
  });
  byId("cover-undo").addEventListener("click", () => change(strokes.slice(0, -1)));
  byId("cover-none").addEventListener("click", () => change([]));
  paper.addEventListener("pointerdown", (event) => {
    if (kind() === "none") return;
    paper.setPointerCapture(event.pointerId);
    drawing = true;
    begin(placeOf(event));
  });
  paper.addEventListener("pointermove", (event) => {
    if (!drawing) return;
    const stroke = strokes.at(-1);
    change([...strokes.slice(0, -1), { ...stroke, spots: [...stroke.spots, placeOf(event)] }]);
  });
  for (const end of ["pointerup", "pointercancel"]) paper.addEventListener(end, () => (drawing = false));
  paper.addEventListener("keydown", byKey);
  paper.addEventListener("blur", () => showCursor(false));

  const placeOf = (event) => ({ x: event.offsetX / paper.clientWidth, y: event.offsetY / paper.clientHeight });

  function begin(spot) {
    change([...strokes, { kind: kind(), radius: radius(), spots: [spot] }]);
  }

  function byKey(event) {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    const covers = event.key === "Enter" || event.key === " ";
    if (!step && !covers) return;
    event.preventDefault();
    if (kind() === "none") byId("cover-kind").value = "grey";
    const inside = (at) => Math.min(1, Math.max(0, at));
    if (step) cursor = { x: inside(cursor.x + step[0] * 0.05), y: inside(cursor.y + step[1] * 0.05) };
    else begin(cursor);
    showCursor(true);
  }

  function showCursor(there) {
    const ring = byId("cover-cursor");
    ring.hidden = !there;
    const [wide, high] = [2 * radius(), (2 * radius() * paper.clientWidth) / paper.clientHeight].map(
      (share) => share * Math.max(1, paper.clientHeight / paper.clientWidth));
    placeFrame(ring, {
      left: cursor.x - wide / 2, right: cursor.x + wide / 2, top: cursor.y - high / 2, bottom: cursor.y + high / 2,
    });
  }

  function change(now) {
    [strokes, version] = [now, version + 1];
    for (const id of ["cover-undo", "cover-none"]) byId(id).disabled = !strokes.length;
    onChange();
  }

  return {
    // Covers the image that lies in a canvas; returns its pixels and the share of them that is covered.
    apply(canvas) {
      for (const stroke of strokes) if (!known.has(stroke)) known.set(stroke, maskOf(stroke, canvas));
      const masks = strokes.map((stroke) => known.get(stroke));
      masks.forEach((mask, number) => coverWith(canvas, mask, strokes[number].kind));
      const all = new Uint8Array(canvas.width * canvas.height);
      for (const mask of masks) mask.forEach((covered, place) => (all[place] |= covered));
      const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
      return { pixels, share: all.reduce((sum, covered) => sum + covered, 0) / all.length };
    },
    isEmpty: () => !strokes.length,
    version: () => (strokes.length ? version : 0),
    // What was painted belongs to the image that was there.
    forget() {
      if (strokes.length) [strokes, version] = [[], version + 1];
      for (const id of ["cover-undo", "cover-none"]) byId(id).disabled = true;
    },
  };
}

// 1 for each pixel that a stroke covers.
function maskOf({ radius, spots }, { width, height }) {
  const mask = new Uint8Array(width * height);
  const reach = radius * Math.max(width, height);
  for (const spot of withBetween(spots, radius / 2)) {
    const [middleX, middleY] = [spot.x * width, spot.y * height];
    for (let y = Math.max(0, Math.floor(middleY - reach)); y < Math.min(height, middleY + reach); y++) {
      for (let x = Math.max(0, Math.floor(middleX - reach)); x < Math.min(width, middleX + reach); x++) {
        if (Math.hypot(x + 0.5 - middleX, y + 0.5 - middleY) <= reach) mask[y * width + x] = 1;
      }
    }
  }
  return mask;
}

// A quick pointer leaves gaps: places between its places, `step` apart at most.
function withBetween(spots, step) {
  return spots.flatMap((spot, number) => {
    const before = spots[Math.max(0, number - 1)];
    const count = Math.max(1, Math.ceil(Math.hypot(spot.x - before.x, spot.y - before.y) / step));
    return Array.from({ length: count }, (_, each) => {
      const share = (each + 1) / count;
      return { x: before.x + (spot.x - before.x) * share, y: before.y + (spot.y - before.y) * share };
    });
  });
}

function coverWith(canvas, mask, kind) {
  const { width, height } = canvas;
  const paper = canvas.getContext("2d");
  const image = paper.getImageData(0, 0, width, height);
  const cover = kind === "blur" ? blurred(canvas) : null;
  mask.forEach((covered, place) => {
    for (let c = 0; covered && c < 3; c++) image.data[4 * place + c] = cover ? cover[4 * place + c] : LEVELS[kind];
  });
  paper.putImageData(image, 0, 0);
}

// The image made small, and large again.
function blurred(canvas) {
  const { width, height } = canvas;
  const [wide, high] = [width, height].map((side) => Math.max(1, Math.round(side / COARSE)));
  const small = new OffscreenCanvas(wide, high);
  small.getContext("2d").drawImage(canvas, 0, 0, wide, high);
  const large = new OffscreenCanvas(width, height).getContext("2d");
  large.imageSmoothingQuality = "high";
  large.drawImage(small, 0, 0, width, height);
  return large.getImageData(0, 0, width, height).data;
}
