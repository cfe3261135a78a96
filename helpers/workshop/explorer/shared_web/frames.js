// Frames over pictures.

// Lays a frame over a picture; its sides are shares of the picture's.
export function placeFrame(frame, { top, left, bottom, right }) {
  const sides = { top, left, height: bottom - top, width: right - left };
  for (const [side, share] of Object.entries(sides)) frame.style[side] = `${100 * share}%`;
}

// Lays a frame over a map; its sides are counted in rows and columns.
export function placeOnMap(frame, { top, left, bottom, right }, { width, height }) {
  placeFrame(frame, { top: top / height, left: left / width, bottom: bottom / height, right: right / width });
}
