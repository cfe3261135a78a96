// "Where is this channel strongest?": marks on the image for the largest values of a map, with what they look at.

import { unravel } from "../engine/tensors.js";
import { placeFrame } from "../shared_web/frames.js";
import { byId, course, element, threeDigits } from "../shared_web/page.js";

const MOST = 5; // places that are marked
const APART = 0.12; // of the map's longer side: two marks are not nearer to each other
const [imageHeight, imageWidth] = course.takes.size;

// Returns { show, hide }; show(place, maps, channel) promises the words for what it marks.
export function makeMarks({ ask }) {
  const holders = ["paper-marks", "strip-marks"].map(byId);
  let newest = 0;

  function hide() {
    newest += 1;
    for (const holder of holders) holder.replaceChildren();
  }

  async function show(place, maps, channel) {
    const number = (newest += 1);
    const peaks = peaksOf(maps, channel);
    if (!peaks.length) {
      hide();
      return "";
    }
    const fields = await ask("fields", { places: peaks.map(({ y, x }) => ({ place, y, x })) });
    if (number !== newest) return null; // another map was pointed at meanwhile
    const marks = peaks.map((peak, at) => ({ ...onImage(peak, fields[at], maps), first: at === 0 }));
    for (const holder of holders) holder.replaceChildren(...marks.flatMap(marksOf));
    return wordsFor(peaks[0], marks[0]);
  }

  return { show, hide };
}

// The largest values that lie apart from each other; none where all are the same.
function peaksOf(maps, channel) {
  const { values, width, height, channels } = maps;
  const apart = Math.max(1, APART * Math.max(width, height));
  const peaks = [];
  let lowest = Infinity;
  for (let place = channel; place < values.length; place += channels) lowest = Math.min(lowest, values[place]);
  while (peaks.length < MOST && width * height > 1) {
    let best = { value: lowest };
    for (let place = channel; place < values.length; place += channels) {
      if (values[place] <= best.value) continue;
      const found = { ...unravel(place, maps), value: values[place] };
      if (!peaks.some((peak) => Math.hypot(peak.y - found.y, peak.x - found.x) < apart)) best = found;
    }
    if (best.value === lowest) break;
    peaks.push(best);
  }
  return peaks;
}

// From a value of a map to shares of the image: its middle, and the frame of what it looks at; null for all of it.
function onImage({ y, x }, [rows, columns], { width, height }) {
  const middle = ([first, after], size, at, cells) =>
    after === Infinity ? (at + 0.5) / cells : (first + after) / 2 / size;
  const inside = ([first, after], size) => [Math.max(0, first) / size, Math.min(size, after) / size];
  const [[top, bottom], [left, right]] = [inside(rows, imageHeight), inside(columns, imageWidth)];
  const whole = bottom - top >= 1 && right - left >= 1;
  const position = { y: middle(rows, imageHeight, y, height), x: middle(columns, imageWidth, x, width) };
  return { ...position, field: whole ? null : { top, left, bottom, right } };
}

function marksOf({ y, x, field, first }) {
  const spot = element("i", { className: first ? "spot first" : "spot" });
  Object.assign(spot.style, { top: `${100 * y}%`, left: `${100 * x}%` });
  if (!field) return [spot];
  const frame = element("i", { className: first ? "field first" : "field" });
  placeFrame(frame, field);
  return [frame, spot];
}

function wordsFor({ y, x, value }, { field }) {
  const place = `Strongest (${threeDigits(value)}) at row ${y}, column ${x}`;
  if (!field) return `${place}: the thick ring on the image.`;
  const { top, bottom, left, right } = field;
  const rows = `rows ${Math.round(top * imageHeight)} to ${Math.round(bottom * imageHeight) - 1}`;
  const columns = `columns ${Math.round(left * imageWidth)} to ${Math.round(right * imageWidth) - 1}`;
  return `${place}; that value looks at ${rows} and ${columns} of the image: the frame on it.`;
}
