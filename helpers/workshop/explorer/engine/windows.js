// Where the window of a convolution or of pooling lies. All sizes are along one side of an image.

// The number of places of the window, and the number of rows of padding before the image's first one.
export function placesAlong(size, window, stride, dilation, padding) {
  const reach = (window - 1) * dilation + 1; // of a window whose rows lie `dilation` apart
  if (padding !== "same") return { count: Math.floor((size - reach) / stride) + 1, before: 0 };
  const count = Math.ceil(size / stride);
  return { count, before: Math.floor(Math.max(0, (count - 1) * stride + reach - size) / 2) };
}

// The rows of the window, first and after the last, that lie inside the image when the window begins at `start`.
export function rowsInside(start, window, dilation, size) {
  const first = start < 0 ? Math.ceil(-start / dilation) : 0;
  const after = Math.min(window, Math.ceil((size - start) / dilation));
  return [Math.min(first, after), after];
}

// Calls visit(y, x, row, column, from) for each place (y, x) of the window and each row and column of it that lie in
// the image; `from` is where the channels of that pixel begin.
export function visitWindows([height, width, channels], [rows, columns], settings, visit) {
  const { strides, padding, dilation_rate: dilation = [1, 1] } = settings;
  const down = placesAlong(height, rows, strides[0], dilation[0], padding);
  const across = placesAlong(width, columns, strides[1], dilation[1], padding);
  for (let y = 0; y < down.count; y++) {
    const top = y * strides[0] - down.before;
    const [firstRow, afterRow] = rowsInside(top, rows, dilation[0], height);
    for (let x = 0; x < across.count; x++) {
      const left = x * strides[1] - across.before;
      const [firstColumn, afterColumn] = rowsInside(left, columns, dilation[1], width);
      for (let row = firstRow; row < afterRow; row++) {
        for (let column = firstColumn; column < afterColumn; column++) {
          const pixel = (top + row * dilation[0]) * width + left + column * dilation[1];
          visit(y, x, row, column, pixel * channels);
        }
      }
    }
  }
}

// The size of what comes out: as many rows and columns as the window has places.
export function placesOf([height, width], [rows, columns], { strides, padding, dilation_rate: dilation = [1, 1] }) {
  return [
    placesAlong(height, rows, strides[0], dilation[0], padding).count,
    placesAlong(width, columns, strides[1], dilation[1], padding).count,
  ];
}

// Calls visit(row, column, from) for each row and column of the window at one place that lie in the image.
export function visitWindow([height, width, channels], [rows, columns], settings, { y, x }, visit) {
  const { strides, padding, dilation_rate: dilation = [1, 1] } = settings;
  const top = y * strides[0] - placesAlong(height, rows, strides[0], dilation[0], padding).before;
  const left = x * strides[1] - placesAlong(width, columns, strides[1], dilation[1], padding).before;
  const [firstRow, afterRow] = rowsInside(top, rows, dilation[0], height);
  const [firstColumn, afterColumn] = rowsInside(left, columns, dilation[1], width);
  for (let row = firstRow; row < afterRow; row++) {
    for (let column = firstColumn; column < afterColumn; column++) {
      visit(row, column, ((top + row * dilation[0]) * width + left + column * dilation[1]) * channels);
    }
  }
}
