/** ThumbHash, decoded: some 25 bytes become a blurred picture of at most 32 pixels, painted on a canvas.
    Source: Evan Wallace, https://evanw.github.io/thumbhash/, `thumbHashToRGBA`. */

const MOST = 32;

/** A canvas, or null where the hash is none. */
export function painted(base64) {
  try {
    const {width, height, rgba} = decoded(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)));
    const canvas = Object.assign(document.createElement("canvas"), {width, height, className: "hash"});
    canvas.getContext("2d").putImageData(new ImageData(rgba, width, height), 0, 0);
    canvas.setAttribute("aria-hidden", "true");
    return canvas;
  } catch {
    return null;
  }
}

export function decoded(hash) {
  if (hash.length < 5) throw new RangeError("too short for a ThumbHash");
  const head = headOf(hash);
  const ratio = head.across / head.down;
  const width = Math.round(ratio > 1 ? MOST : MOST * ratio), height = Math.round(ratio > 1 ? MOST / ratio : MOST);
  const waves = wavesOf(hash, head), columns = cosines(width), rows = cosines(height);
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let at = 0; at < width * height; at++) rgba.set(colour(head, waves, columns[at % width], rows[Math.floor(at / width)]), at * 4);
  return {width, height, rgba};
}

function headOf(hash) {
  const first = hash[0] | hash[1] << 8 | hash[2] << 16, second = hash[3] | hash[4] << 8;
  const hasAlpha = first >> 23 & 1, isWide = second >> 15, most = hasAlpha ? 5 : 7, fewer = second & 7;
  const across = isWide ? most : fewer, down = isWide ? fewer : most;
  return {
    hasAlpha, across: across || 1, down: down || 1,
    light: (first & 63) / 63, yellow: (first >> 6 & 63) / 31.5 - 1, red: (first >> 12 & 63) / 31.5 - 1,
    lightScale: (first >> 18 & 31) / 31, yellowScale: (second >> 3 & 63) / 63, redScale: (second >> 9 & 63) / 63,
    alpha: hasAlpha ? (hash[5] & 15) / 15 : 1, alphaScale: hasAlpha ? (hash[5] >> 4) / 15 : 0,
  };
}

/** Colour is boosted by a quarter, since so few steps make it dull. */
function wavesOf(hash, head) {
  const start = head.hasAlpha ? 6 : 5;
  let taken = 0;
  const channel = (across, down, scale) => {
    const found = [];
    for (let y = 0; y < down; y++) {
      for (let x = y ? 0 : 1; x * down < across * (down - y); x++, taken++) {
        const step = hash[start + (taken >> 1)] >> ((taken & 1) << 2) & 15;
        found.push([x, y, (step / 7.5 - 1) * scale]);
      }
    }
    return found;
  };
  return {
    light: channel(Math.max(3, head.across), Math.max(3, head.down), head.lightScale),
    yellow: channel(3, 3, head.yellowScale * 1.25),
    red: channel(3, 3, head.redScale * 1.25),
    alpha: head.hasAlpha ? channel(5, 5, head.alphaScale) : [],
  };
}

/** For each pixel of a line what every wave is there. */
function cosines(length) {
  return Array.from({length}, (_, at) => Array.from({length: 8}, (_, wave) => Math.cos(Math.PI / length * wave * (at + 0.5))));
}

function colour(head, waves, column, row) {
  const light = sum(head.light, waves.light, column, row), yellow = sum(head.yellow, waves.yellow, column, row);
  const red = sum(head.red, waves.red, column, row), blue = light - 2 / 3 * yellow;
  const warm = (3 * light - blue + red) / 2;
  return [warm * 255, (warm - red) * 255, blue * 255, sum(head.alpha, waves.alpha, column, row) * 255];
}

function sum(mean, waves, column, row) {
  let total = mean;
  for (const [across, down, size] of waves) total += 2 * size * column[across] * row[down];
  return total;
}
