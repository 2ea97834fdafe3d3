// How different two colours look, also to people who lack one kind of cone.
const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
const clamp = (c) => Math.min(1, Math.max(0, c));
const times = (matrix, vector) =>
  matrix.map((row) => row.reduce((sum, a, i) => sum + a * vector[i], 0));

export const rgb = (hex) =>
  [1, 3, 5].map((at) => linear(parseInt(hex.slice(at, at + 2), 16) / 255));

// Linear RGB as seen with full loss of one kind of cone. G. Machado, M. Oliveira, L. Fernandes. A
// physiologically-based model for simulation of color vision deficiency. TVCG 2009.
const kVision = {
  full: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

// B. Ottosson. A perceptual color space for image processing. 2020.
function oklab(colour) {
  const cones = times(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    colour,
  ).map(Math.cbrt);
  return times(
    [
      [0.2104542553, 0.793617785, -0.0040720468],
      [1.9779984951, -2.428592205, 0.4505937099],
      [0.0259040371, 0.7827717662, -0.808675766],
    ],
    cones,
  );
}

// The least distance in OKLab between any two of the colours, for each kind of vision.
export function least_distances(colours) {
  return Object.fromEntries(
    Object.entries(kVision).map(([name, matrix]) => {
      const seen = colours.map((hex) => oklab(times(matrix, rgb(hex)).map(clamp)));
      const distances = seen.flatMap((a, i) =>
        seen.slice(i + 1).map((b) => Math.hypot(...a.map((v, k) => v - b[k]))),
      );
      return [name, Math.min(...distances)];
    }),
  );
}

// WCAG 2 contrast ratio, from 1 to 21.
export function contrast(a, b) {
  const luminance = (hex) =>
    rgb(hex).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0.05);
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return high / low;
}
