// ---- swap.js: copy points of one digit into another, and let the network go on from there ----------------------

const swapIndex = layers.findIndex((layer) => layer.name === course.swap.layer);
const swapLayer = layers[swapIndex];
const swapPoints = swapLayer.shape.reduce((one, two) => one * two);
const allOrders = new Uint16Array(bytesOf(course.swap.orders).buffer);

// The points that tell two digits apart, the most telling first: ranked by Python over many digits.
function tellingOrder(one, two) {
  const [low, high] = [Math.min(one, two), Math.max(one, two)];
  const pair = low * 9 - (low * (low - 1)) / 2 + (high - low - 1); // (0, 1), (0, 2) ... (8, 9)
  return allOrders.subarray(pair * swapPoints, (pair + 1) * swapPoints);
}

// All points in an order that means nothing; the same one every time.
function randomOrder() {
  const order = Uint16Array.from({ length: swapPoints }, (_, place) => place);
  let seed = 7;
  for (let last = swapPoints - 1; last > 0; last--) {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    const other = Math.floor((seed / 2147483648) * (last + 1));
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}

const meaninglessOrder = randomOrder();

function withPoints(own, other, points) {
  const mixed = Float32Array.from(own);
  for (const point of points) mixed[point] = other[point];
  return mixed;
}

// From a changed layer to the ten answers.
function answersFrom(values) {
  return forward(values, swapIndex + 1).at(-1);
}

// Both ways of choosing `k` points, with their mixed maps and their answers.
function trySwap(own, other, kinds, k) {
  const orders = { telling: tellingOrder(...kinds), random: meaninglessOrder };
  return Object.fromEntries(Object.entries(orders).map(([name, order]) => {
    const points = order.subarray(0, k);
    const mixed = withPoints(own, other, points);
    return [name, { points, mixed, answers: answersFrom(mixed) }];
  }));
}

function frameSwapped(grid, points) {
  const brush = grid.frames.getContext("2d");
  const [height, width, channels] = grid.layer.shape;
  const [stepX, stepY] = [grid.cell / width, grid.cell / height];
  clearFrames(grid);
  Object.assign(brush, { strokeStyle: getComputedStyle(grid.frames).color, lineWidth: Math.max(1, stepX / 8) });
  for (const point of points) {
    const [y, x, c] = unravel(point, width, channels);
    const left = (c % grid.columns) * (grid.cell + grid.gap) + x * stepX;
    const top = Math.floor(c / grid.columns) * (grid.cell + grid.gap) + y * stepY;
    const inside = brush.lineWidth / 2;
    brush.strokeRect(left + inside, top + inside, stepX - 2 * inside, stepY - 2 * inside);
  }
}

// The section of the page; returns a function that brings it up to date with the drawing.
function makeSwap(parts, gridOf) {
  const known = course.digits.filter((each) => each.digit !== null);
  const others = known.map(({ code }) => forward(toMnistForm(decodeStrokes(code)).image));
  const grids = Object.fromEntries(["own", "other", "telling", "random"].map((name) => [name, gridOf(parts[name])]));
  const bars = { telling: makeBars(parts.tellingBars), random: makeBars(parts.randomBars) };
  const state = { chosen: 9, own: null, isSeen: true };

  const show = () => {
    if (!state.own || !state.isSeen) return; // no work for what nobody sees
    const own = state.own[swapIndex];
    const ownAnswer = bestOf(state.own.at(-1));
    const other = others[state.chosen][swapIndex];
    const same = ownAnswer === known[state.chosen].digit;
    const k = Number(parts.count.value);
    const tried = same ? null : trySwap(own, other, [ownAnswer, known[state.chosen].digit], k);
    parts.results.hidden = same;
    parts.verdict.textContent = swapVerdict(ownAnswer, known[state.chosen].digit, k, tried);
    if (same) return;
    const range = [0, 1].map((end) => (end ? Math.max : Math.min)(rangeOf(own, 0, 1)[end], rangeOf(other, 0, 1)[end]));
    const pictures = { own, other, telling: tried.telling.mixed, random: tried.random.mixed };
    for (const [name, values] of Object.entries(pictures)) paintGrid(grids[name], values, "raw", range);
    for (const name of ["telling", "random"]) {
      frameSwapped(grids[name], tried[name].points);
      bars[name](tried[name].answers);
    }
  };
  connectSwapControls(parts, known, state, show);
  new IntersectionObserver(([seen]) => {
    state.isSeen = seen.isIntersecting;
    show();
  }).observe(parts.section);
  return {
    grids: Object.values(grids),
    show,
    update: (activations) => {
      state.own = activations;
      show();
    },
  };
}

function connectSwapControls(parts, known, state, show) {
  parts.count.max = swapPoints;
  // The slider moves in small steps where few points are swapped, and in large ones where many are.
  parts.slider.addEventListener("input", () => {
    parts.count.value = Math.round(swapPoints * (parts.slider.value / parts.slider.max) ** 2);
    show();
  });
  parts.count.addEventListener("input", () => {
    const k = Math.max(0, Math.min(swapPoints, Math.round(Number(parts.count.value) || 0)));
    if (parts.count.value !== "") parts.count.value = k;
    parts.slider.value = parts.slider.max * Math.sqrt(k / swapPoints);
    show();
  });
  known.forEach(({ digit }, place) => {
    const radio = element("input", { type: "radio", name: "swap-digit", value: digit });
    radio.checked = place === state.chosen;
    radio.addEventListener("change", () => {
      state.chosen = place;
      show();
    });
    parts.digits.append(element("label", {}, radio, element("span", { textContent: digit })));
  });
}

function swapVerdict(own, other, k, tried) {
  if (!tried) return `Your drawing is answered ${own} already: choose another digit.`;
  const said = ({ answers }) => `${bestOf(answers)} (${percent(answers[bestOf(answers)])})`;
  const all = swapPoints.toLocaleString("en");
  return `Your drawing is answered ${own}. With its ${k} most telling points of ${all} taken from the ${other}: ` +
    `${said(tried.telling)}. With ${k} points chosen at random: ${said(tried.random)}.`;
}
