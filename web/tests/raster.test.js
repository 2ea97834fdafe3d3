import assert from 'node:assert/strict';
import { test } from 'node:test';
import { disc, stamp } from '../src/lib/raster.js';

const kPaper = 0xfffafcfc;
const blank = (width, height) => ({
  width,
  height,
  pixels: new Uint32Array(width * height).fill(kPaper),
});

test('a disc covers its area, in its colour', () => {
  for (const radius of [1.6, 2.4, 4.8, 9.6]) {
    const { edge, pixels } = disc([1, 2, 3], radius);
    const area = pixels.reduce((sum, pixel) => sum + (pixel >>> 24) / 255, 0);
    assert.ok(Math.abs(area / (Math.PI * radius ** 2) - 1) < 0.06, `${radius}: ${area}`);
    assert.equal(pixels[(edge * edge) >> 1], 0xff030201);
    assert.equal(pixels[0] >>> 24, 0);
  }
});

test('a disc lies where it is put, and leaves the rest', () => {
  const picture = blank(21, 21);
  stamp(picture, disc([0, 0, 0], 3), 10.2, 9.8, 1);
  assert.equal(picture.pixels[10 * 21 + 10], 0xff000000);
  const touched = [...picture.pixels].flatMap((pixel, p) =>
    pixel === kPaper ? [] : [Math.hypot((p % 21) - 10, Math.floor(p / 21) - 10)],
  );
  assert.ok(touched.length > 25 && Math.max(...touched) < 3.5);
});

test('a disc that is half seen through is between its colour and the paper', () => {
  const picture = blank(9, 9);
  stamp(picture, disc([0, 0, 0], 3), 4, 4, 0.5);
  const red = picture.pixels[4 * 9 + 4] & 255;
  assert.ok(Math.abs(red - 0xfc / 2) <= 1);
  assert.ok(picture.pixels.every((pixel) => pixel >>> 24 === 255));
});

test('discs at and over the edges stay in the picture', () => {
  for (const [x, y] of [
    [0, 0],
    [8, 0],
    [0, 5],
    [8, 5],
    [-2, 3],
    [10, 3],
    [4, -2],
    [4, 7],
    [-50, -50],
    [500, 2],
  ]) {
    const around = new Uint32Array(9 * 6 + 40).fill(7);
    const picture = { width: 9, height: 6, pixels: around.subarray(20, 20 + 54) };
    stamp(picture, disc([9, 9, 9], 3), x, y, 1);
    const outside = [...around.subarray(0, 20), ...around.subarray(74)];
    assert.ok(
      outside.every((pixel) => pixel === 7),
      `${x}, ${y}`,
    );
    // Row by row: nothing wraps around to the other side.
    picture.pixels.forEach((pixel, p) =>
      assert.ok(
        pixel === 7 || Math.hypot((p % 9) - x, Math.floor(p / 9) - y) < 3.6,
        `${x}, ${y}: ${p}`,
      ),
    );
  }
});
