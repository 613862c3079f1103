/** What was brushed, as lines in the picture's own pixels: drawn at any size, undone one by one. */

/** Over the picture, as wide as the canvas is. */
export function draw(canvas, strokes, width, colour) {
  const pen = canvas.getContext("2d");
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.clearRect(0, 0, canvas.width, canvas.height);
  const scale = canvas.width / width;
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  strokes.forEach((each) => line(pen, each, colour));
}

function line(pen, {points, size, erases}, colour) {
  pen.globalCompositeOperation = erases ? "destination-out" : "source-over";
  pen.strokeStyle = pen.fillStyle = colour;
  pen.lineWidth = size;
  pen.lineCap = pen.lineJoin = "round";
  pen.beginPath();
  if (points.length === 1) pen.arc(points[0][0], points[0][1], size / 2, 0, 2 * Math.PI);
  points.forEach(([x, y], at) => (at ? pen.lineTo(x, y) : points.length > 1 && pen.moveTo(x, y)));
  if (points.length > 1) pen.stroke();
  else pen.fill();
}

/** A PNG of the picture's own size: white is painted anew, black stays. */
export function maskOf(strokes, width, height) {
  const canvas = Object.assign(document.createElement("canvas"), {width, height});
  draw(canvas, strokes, width, "#fff");
  const pen = canvas.getContext("2d");
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.globalCompositeOperation = "destination-over";
  pen.fillStyle = "#000";
  pen.fillRect(0, 0, width, height);
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("too large"))), "image/png"));
}

/** Whether anything is left marked; an eraser alone marks nothing. */
export const marksAnything = (strokes) => strokes.some((each) => !each.erases);
