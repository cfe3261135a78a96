// The paper: drawing with mouse, pen, finger and keyboard; undo and clear.

export const PAPER = 255; // coordinates on the paper are whole numbers from 0 to this
const LINE = 22; // thickness of a drawn line on the paper
const SHORTEST = 2; // a step of the pen that is shorter adds nothing
const KEY_STEP = 8; // how far an arrow key moves the pen
const GREETING = 0.8; // the size of the digit that greets: it leaves room for the hint below it

// The drawing and all that it was before. `onChange(isFinished)` is called whenever it changes.
export function makeDrawing(canvas, onChange) {
  const drawing = { canvas, strokes: [], past: [], greeting: false, onChange, cursor: null, penDown: false };
  canvas.addEventListener("pointerdown", (event) => startWithPointer(drawing, event));
  canvas.addEventListener("keydown", (event) => moveByKey(drawing, event));
  canvas.addEventListener("focus", () => {
    if (canvas.matches(":focus-visible")) drawing.cursor ??= [128, 128];
    paintDrawing(drawing);
  });
  canvas.addEventListener("blur", () => hideCursor(drawing));
  return drawing;
}

// Every change goes through here, so that every change can be undone.
export function changeDrawing(drawing, strokes, { undoable = true, isFinished = true } = {}) {
  if (undoable) drawing.past.push(drawing.greeting ? [] : drawing.strokes);
  Object.assign(drawing, { strokes, greeting: false });
  drawing.onChange(isFinished);
}

export function undo(drawing) {
  if (!drawing.past.length) return;
  Object.assign(drawing, { penDown: false, strokes: drawing.past.pop(), greeting: false });
  drawing.onChange(true);
}

export function clear(drawing) {
  drawing.penDown = false;
  if (drawing.strokes.length) changeDrawing(drawing, []);
}

function startStroke(drawing, point) {
  const before = drawing.greeting ? [] : drawing.strokes;
  changeDrawing(drawing, [...before, [point]], { isFinished: false });
}

// Returns whether the pen has moved far enough to add a point.
function continueStroke(drawing, point) {
  const stroke = drawing.strokes.at(-1);
  const last = stroke.at(-1);
  if (Math.hypot(point[0] - last[0], point[1] - last[1]) < SHORTEST || stroke.length === 0xffff) return false;
  stroke.push(point);
  return true;
}

function pointOf(canvas, event) {
  const area = canvas.getBoundingClientRect();
  const onPaper = (position, size) => Math.max(0, Math.min(PAPER, Math.round((position / size) * PAPER)));
  return [onPaper(event.clientX - area.left, area.width), onPaper(event.clientY - area.top, area.height)];
}

// Calls move(event) while a pointer moves, and lift() when it leaves the paper; returns what ends both.
function follow(canvas, pointerId, move, lift) {
  const ended = new AbortController();
  const only = (act) => (event) => event.pointerId === pointerId && act(event);
  canvas.addEventListener("pointermove", only(move), { signal: ended.signal });
  for (const kind of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(kind, only(() => (ended.abort(), lift())), { signal: ended.signal });
  }
  return () => ended.abort();
}

// Mouse, pen and finger are all pointers. The first one draws until it is lifted; a second finger scrolls the page.
function startWithPointer(drawing, event) {
  const { canvas } = drawing;
  if (!event.isPrimary) return startScrolling(drawing, event);
  if (event.button !== 0) return;
  Object.assign(drawing, { penDown: false, cursor: null }); // those of the keyboard
  canvas.focus({ preventScroll: true });
  canvas.setPointerCapture(event.pointerId);
  startStroke(drawing, pointOf(canvas, event));
  const move = (moved) => {
    const all = moved.getCoalescedEvents?.() ?? [];
    const points = (all.length ? all : [moved]).map((each) => pointOf(canvas, each));
    if (points.filter((point) => continueStroke(drawing, point)).length) drawing.onChange(false);
  };
  drawing.endStroke = follow(canvas, event.pointerId, move, () => {
    drawing.endStroke = null;
    drawing.onChange(true);
  });
  event.preventDefault();
}

function startScrolling(drawing, { pointerId, clientY }) {
  drawing.endStroke?.();
  if (drawing.endStroke) undo(drawing); // what the first finger drew was no stroke
  drawing.endStroke = null;
  let last = clientY;
  follow(drawing.canvas, pointerId, (event) => {
    window.scrollBy(0, last - event.clientY);
    last = event.clientY;
  }, () => {});
}

export const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

// Arrow keys move the pen, the space bar sets it down and lifts it.
function moveByKey(drawing, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  drawing.cursor ??= drawing.strokes.at(-1)?.at(-1) ?? [128, 128]; // on from where the mouse was
  if (event.key in arrows) {
    const steps = arrows[event.key];
    drawing.cursor = drawing.cursor.map((n, axis) => Math.max(0, Math.min(PAPER, n + steps[axis] * KEY_STEP)));
    if (drawing.penDown && continueStroke(drawing, drawing.cursor)) drawing.onChange(false);
    else paintDrawing(drawing);
  } else if (event.key === " " || event.key === "Enter") {
    drawing.penDown = !drawing.penDown;
    if (drawing.penDown) startStroke(drawing, drawing.cursor);
    else drawing.onChange(true);
  } else if (event.key === "Backspace") undo(drawing);
  else if (event.key === "Delete") clear(drawing);
  else return;
  event.preventDefault();
}

function hideCursor(drawing) {
  const wasDown = drawing.penDown;
  Object.assign(drawing, { penDown: false, cursor: null });
  if (wasDown) drawing.onChange(true);
  else paintDrawing(drawing);
}

export function paintStrokes(brush, strokes, size, colour) {
  Object.assign(brush, { strokeStyle: colour, lineWidth: (LINE / PAPER) * size, lineCap: "round", lineJoin: "round" });
  for (const stroke of strokes) {
    brush.beginPath();
    stroke.forEach(([x, y], index) => brush[index ? "lineTo" : "moveTo"]((x / PAPER) * size, (y / PAPER) * size));
    if (stroke.length === 1) brush.lineTo((stroke[0][0] / PAPER) * size, (stroke[0][1] / PAPER) * size);
    brush.stroke();
  }
}

export function paintDrawing(drawing) {
  const { canvas, strokes, greeting, cursor, penDown } = drawing;
  const brush = canvas.getContext("2d");
  const size = canvas.width;
  const colours = getComputedStyle(canvas);
  brush.clearRect(0, 0, size, size);
  if (greeting) {
    brush.setTransform(GREETING, 0, 0, GREETING, ((1 - GREETING) * size) / 2, 0);
    paintStrokes(brush, strokes, size, colours.getPropertyValue("--fill"));
    brush.resetTransform();
  } else paintStrokes(brush, strokes, size, colours.color);
  if (cursor && document.activeElement === canvas) {
    Object.assign(brush, { strokeStyle: colours.outlineColor, fillStyle: colours.outlineColor, lineWidth: size / 128 });
    brush.beginPath();
    brush.arc((cursor[0] / PAPER) * size, (cursor[1] / PAPER) * size, size / 32, 0, 2 * Math.PI);
    brush[penDown ? "fill" : "stroke"]();
  }
}
