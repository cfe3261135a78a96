// Frames over pictures.

// Lays a frame over a picture; its sides are shares of the picture's.
export function placeFrame(frame, { top, left, bottom, right }) {
  const sides = { top, left, height: bottom - top, width: right - left };
  for (const [side, share] of Object.entries(sides)) frame.style[side] = `${100 * share}%`;
}
