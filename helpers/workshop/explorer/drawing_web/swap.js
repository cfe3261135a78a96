// Copy points of one digit into another, and let the network go on from there.

import { bytesOf, unravel } from "../engine/tensors.js";
import { runNetwork } from "../engine/network.js";
import { rangeOf } from "../shared_web/maps.js";
import { byId, course, element, percent } from "../shared_web/page.js";
import { bestOf, makeBars } from "./bars.js";
import { clearFrames, makeGrid, paintGrid, placeOf } from "./grids.js";

const STEPS = 40; // of the curve
const PATIENCE = 120; // milliseconds after the last change

// The points that tell two digits apart, the most telling first: ranked by Python over many digits.
function tellingOrder(one, two, points) {
  const [low, high] = [Math.min(one, two), Math.max(one, two)];
  const pair = low * 9 - (low * (low - 1)) / 2 + (high - low - 1); // (0, 1), (0, 2) ... (8, 9)
  return orders.subarray(pair * points, (pair + 1) * points);
}

const orders = course.swap && new Uint16Array(bytesOf(course.swap.orders));

// All points in an order that means nothing; the same one every time.
function randomOrder(points) {
  const order = Uint16Array.from({ length: points }, (_, place) => place);
  let seed = 7;
  for (let last = points - 1; last > 0; last--) {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    const other = Math.floor((seed / 2147483648) * (last + 1));
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}

// Swaps the first `k` points of an order; returns the mixed tensor and the answers to it.
export function trySwap(network, own, other, order, k) {
  const { place } = course.swap;
  const values = Float32Array.from(own[place].values);
  for (const point of order.subarray(0, k)) values[point] = other[place].values[point];
  const mixed = { shape: own[place].shape, values };
  const known = [...own.slice(0, place), mixed];
  return { mixed, answers: runNetwork(network, [], undefined, known)[network.outputs[0]].values };
}

// Both ways of choosing points.
export function ordersFor(digits, points) {
  return { telling: tellingOrder(...digits, points), random: randomOrder(points) };
}

// The share of the other digit after k points, at steps that are small where few points are swapped; and the first k
// at which it is the answer, null where it never is.
export function curveOf(network, own, other, order, digit) {
  const answersAfter = (k) => trySwap(network, own, other, order, k).answers;
  const ks = Array.from({ length: STEPS + 1 }, (_, step) => Math.round(order.length * (step / STEPS) ** 2));
  const all = ks.map(answersAfter);
  const shares = all.map((answers) => answers[digit]);
  const first = all.findIndex((answers) => bestOf(answers) === digit);
  if (first < 1) return { ks, shares, flip: first ? null : 0 };
  let [low, high] = [ks[first - 1], ks[first]];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (bestOf(answersAfter(middle)) === digit) high = middle;
    else low = middle;
  }
  return { ks, shares, flip: high };
}

function frameSwapped(grid, points) {
  const brush = grid.frames.getContext("2d");
  clearFrames(grid);
  brush.strokeStyle = getComputedStyle(grid.frames).color;
  for (const point of points) {
    const [left, top, wide, tall] = placeOf(grid, unravel(point, grid.maps));
    brush.lineWidth = Math.max(1, wide / 8);
    const inside = brush.lineWidth / 2;
    brush.strokeRect(left + inside, top + inside, wide - 2 * inside, tall - 2 * inside);
  }
}

// The section of the page. `tensorsFor(code)` gives all tensors for a digit that comes with the page.
export function makeSwap(network, tensorsFor) {
  const known = course.drawings.filter(({ digit }) => digit !== null);
  const others = known.map(({ code }) => tensorsFor(code));
  const grids = Object.fromEntries(["own", "other", "telling", "random"].map((name) => [name, gridIn(name)]));
  const bars = { telling: makeBars(byId("swap-telling-bars")), random: makeBars(byId("swap-random-bars")) };
  const points = others[0][course.swap.place].values.length;
  const [count, slider] = [byId("swap-count"), byId("swap-slider")];
  const state = { chosen: 9, own: null, curves: null, isSeen: false, isMoved: false };
  count.max = points;
  let timer;

  function show() {
    if (!state.own || !state.isSeen) return; // no work for what nobody sees
    const own = bestOf(state.own[network.outputs[0]].values);
    const digit = known[state.chosen].digit;
    byId("swap-results").hidden = own === digit;
    byId("swap-verdict").textContent = `The network answers ${own} already: choose another digit.`;
    if (own !== digit) compare(own, digit, ordersFor([own, digit], points), others[state.chosen]);
  }

  function compare(own, digit, both, other) {
    const curve = (order) => curveOf(network, state.own, other, order, digit);
    state.curves ??= { telling: curve(both.telling), random: curve(both.random) };
    if (!state.isMoved) setCount(state.curves.telling.flip ?? 100);
    const k = Number(count.value);
    const tried = Object.fromEntries(
      Object.entries(both).map(([name, order]) => [name, trySwap(network, state.own, other, order, k)]));
    const { place } = course.swap;
    const { telling: { mixed: telling }, random: { mixed: random } } = tried;
    const shown = { own: state.own[place], other: other[place], telling, random };
    const ends = [rangeOf(shown.own.values), rangeOf(shown.other.values)];
    const range = [Math.min(ends[0][0], ends[1][0]), Math.max(ends[0][1], ends[1][1])];
    for (const [name, tensor] of Object.entries(shown)) paintGrid(grids[name], tensor, { scale: "raw", range });
    for (const name of ["telling", "random"]) {
      frameSwapped(grids[name], both[name].subarray(0, k));
      bars[name](tried[name].answers);
    }
    byId("swap-verdict").textContent = verdict(own, digit, k, tried);
    drawCurves(state.curves, k, digit);
  }

  // The slider moves in small steps where few points are swapped, and in large ones where many are.
  function setCount(k) {
    count.value = k;
    slider.value = slider.max * Math.sqrt(k / points);
  }

  slider.addEventListener("input", () => {
    state.isMoved = true;
    count.value = Math.round(points * (slider.value / slider.max) ** 2);
    show();
  });
  count.addEventListener("input", () => {
    state.isMoved = true;
    const k = Math.max(0, Math.min(points, Math.round(Number(count.value) || 0)));
    if (count.value !== "") setCount(k);
    show();
  });
  const choose = (place) => {
    Object.assign(state, { chosen: place, curves: null, isMoved: false });
    show();
  };
  known.forEach(({ digit }, place) => {
    const checked = place === state.chosen;
    const radio = element("input", { type: "radio", name: "swap-digit", value: digit, checked });
    radio.addEventListener("change", () => choose(place));
    byId("swap-digits").append(element("label", {}, radio, element("span", { textContent: digit })));
  });
  new IntersectionObserver(([{ isIntersecting }]) => {
    state.isSeen = isIntersecting;
    show();
  }).observe(byId("swap"));

  function verdict(own, digit, k, { telling, random }) {
    const said = ({ answers }) => `${bestOf(answers)} (${percent(answers[bestOf(answers)])})`;
    const flips = Object.entries(state.curves).map(([, { flip }]) => (flip === null ? "never" : `after ${flip}`));
    const all = points.toLocaleString("en");
    return `The network answers ${own}. With its ${k} most telling points of ${all} taken from the ${digit}: ` +
      `${said(telling)}. With ${k} points chosen at random: ${said(random)}. ` +
      `It becomes a ${digit} ${flips[0]} telling points, and ${flips[1]} random ones.`;
  }

  return {
    grids: Object.values(grids),
    show,
    update(tensors) {
      Object.assign(state, { own: tensors, curves: null });
      clearTimeout(timer);
      timer = setTimeout(show, PATIENCE); // the curve takes longer than a step of the pen may
    },
  };
}

function gridIn(name) {
  const holder = byId(`swap-${name}`);
  const grid = makeGrid(holder.dataset.words);
  holder.querySelector("figcaption").after(grid.holder);
  return grid;
}

// The curves: how large the share of the other digit is after k points. The axis of k is that of the slider above.
function drawCurves(curves, k, digit) {
  const canvas = byId("swap-curve");
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth * ratio, canvas.clientHeight * ratio];
  Object.assign(canvas, { width, height });
  const brush = canvas.getContext("2d");
  const style = getComputedStyle(canvas);
  const most = curves.telling.ks.at(-1);
  const [edge, floor] = [8 * ratio, 20 * ratio];
  const across = (points) => edge + Math.sqrt(points / most) * (width - 2 * edge);
  const up = (share) => height - floor - share * (height - floor - edge);
  const stroke = (colour, thick, dashes, draw) => {
    Object.assign(brush, { strokeStyle: colour, lineWidth: thick * ratio });
    brush.setLineDash(dashes.map((each) => each * ratio));
    brush.beginPath();
    draw();
    brush.stroke();
  };
  const rule = (x, y, toX, toY) => () => (brush.moveTo(x, y), brush.lineTo(toX, toY));
  stroke(style.getPropertyValue("--line"), 1, [], rule(edge, up(0), width - edge, up(0)));
  stroke(style.getPropertyValue("--line"), 1, [], rule(edge, up(1), width - edge, up(1)));
  stroke(style.color, 1, [2, 3], rule(across(k), up(0), across(k), up(1)));
  const font = `${12 * ratio}px system-ui, sans-serif`;
  Object.assign(brush, { fillStyle: style.color, font, textBaseline: "bottom" });
  for (const [name, colour, dashes] of [["telling", "--accent", []], ["random", "--mark", [6, 4]]]) {
    const { ks, shares, flip } = curves[name];
    stroke(style.getPropertyValue(colour), 2.5, dashes, () => ks.forEach((each, step) =>
      brush[step ? "lineTo" : "moveTo"](across(each), up(shares[step]))));
    if (flip === null) continue;
    stroke(style.getPropertyValue(colour), 2.5, [], rule(across(flip), up(0), across(flip), up(0) + 5 * ratio));
    brush.textAlign = across(flip) > width - 40 * ratio ? "right" : "center";
    brush.fillText(flip, across(flip), height);
  }
  canvas.setAttribute("aria-label", `How sure the network is of the ${digit}, from 0 to ${most} points: with telling ` +
    `points it flips at ${curves.telling.flip ?? "none"}, with random ones at ${curves.random.flip ?? "none"}`);
}
