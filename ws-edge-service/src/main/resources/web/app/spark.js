import { SPAN_MS } from './series.js';

/** Draws lines into a small canvas, scaled to what they hold; for where a whole chart would be too much. */
export function spark(canvas, lines, { nowMs, min, max, fill = false }) {
  const ratio = Math.min(2, devicePixelRatio || 1);
  const width = Math.round(canvas.clientWidth * ratio);
  const height = Math.round(canvas.clientHeight * ratio);
  if (width === 0 || height === 0) return;
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const pen = canvas.getContext('2d');
  pen.clearRect(0, 0, width, height);
  let low = min ?? Infinity;
  let high = max ?? -Infinity;
  for (const { points } of lines) {
    for (const [, value] of points) {
      if (min === undefined && value < low) low = value;
      if (max === undefined && value > high) high = value;
    }
  }
  if (!(high > low)) {
    high = Number.isFinite(low) ? low + Math.max(1e-9, Math.abs(low) * 0.1) : 1;
    low = Number.isFinite(low) ? Math.min(low, high - 1e-9) : 0;
  }
  const begin = nowMs - SPAN_MS;
  const line = 1.25 * ratio;
  const y = (value) => height - line - ((value - low) / (high - low)) * (height - 2 * line);
  for (const { points, colour } of lines) {
    pen.beginPath();
    let lastX = -1;
    let firstX = null;
    for (const [at, value] of points) {
      const x = ((at - begin) / SPAN_MS) * width;
      if (x < 0 || x - lastX < 0.7) continue;
      if (firstX === null) {
        pen.moveTo(x, y(value));
        firstX = x;
      } else {
        pen.lineTo(x, y(value));
      }
      lastX = x;
    }
    pen.lineWidth = line;
    pen.lineJoin = 'round';
    pen.strokeStyle = colour;
    pen.stroke();
    if (fill && firstX !== null) {
      pen.lineTo(lastX, height);
      pen.lineTo(firstX, height);
      pen.globalAlpha = 0.13;
      pen.fillStyle = colour;
      pen.fill();
      pen.globalAlpha = 1;
    }
  }
}
