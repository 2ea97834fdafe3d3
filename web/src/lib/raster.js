// Many small dots into one picture, pixel by pixel: ten thousand drawings through a canvas take
// several frames' time, this a part of one.

// A disc as a square of `edge` pixels: 0xAABBGGRR each, as ImageData has them. `red`, `green`,
// `blue` from 0 to 255, radius in pixels.
export function disc([red, green, blue], radius) {
  const edge = 2 * Math.ceil(radius + 0.5) + 1;
  const middle = (edge - 1) / 2;
  const pixels = Uint32Array.from({ length: edge * edge }, (_, p) => {
    const away = Math.hypot((p % edge) - middle, Math.floor(p / edge) - middle);
    const covered = Math.round(255 * Math.min(1, Math.max(0, radius + 0.5 - away)));
    return ((covered << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  });
  return { edge, pixels };
}

// Puts a disc with its middle at (x, y), `opacity` from 0 to 1, over what `picture` {width, height,
// pixels} has there.
export function stamp(picture, { edge, pixels }, x, y, opacity) {
  const left = Math.round(x) - (edge >> 1);
  const top = Math.round(y) - (edge >> 1);
  const from = Math.max(0, -left);
  const to = Math.min(edge, picture.width - left);
  const last = Math.min(edge, picture.height - top);
  for (let row = Math.max(0, -top); row < last; ++row) {
    const line = (top + row) * picture.width + left;
    for (let column = from; column < to; ++column) {
      const colour = pixels[row * edge + column];
      const covered = (colour >>> 24) * opacity;
      if (covered >= 255) {
        picture.pixels[line + column] = colour;
      } else if (covered > 0) {
        picture.pixels[line + column] = mixed(picture.pixels[line + column], colour, covered / 255);
      }
    }
  }
}

// Opaque; `share` of `over`.
function mixed(under, over, share) {
  const channel = (at) => {
    const below = (under >>> at) & 255;
    return Math.round(below + (((over >>> at) & 255) - below) * share) << at;
  };
  return (0xff000000 | channel(16) | channel(8) | channel(0)) >>> 0;
}
