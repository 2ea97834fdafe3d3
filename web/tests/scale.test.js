import assert from 'node:assert/strict';
import { test } from 'node:test';
import { axis, scale, thinned, time_axis } from '../src/lib/scale.js';

test('a scale maps its ends to its ends, and an empty range to the middle', () => {
  const at = scale(2, 4, 100, 0);
  assert.deepEqual([2, 3, 4].map(at), [100, 50, 0]);
  assert.equal(scale(3, 3, 0, 10)(3), 5);
});

test('an axis has marks within itself, one where it has no length', () => {
  assert.deepEqual(
    axis(0, 10, 5, String).marks.map(({ text }) => text),
    ['0', '2', '4', '6', '8', '10'],
  );
  assert.deepEqual(axis(3, 3, 5, String).marks, [{ at: 3, text: '3' }]);
});

test('marks that would overlap are left out evenly, whatever the width', () => {
  const { marks } = axis(0, 10000, 10, String);
  for (let width = 1; width < 600; width += 7) {
    const at = scale(0, 10000, 0, width);
    const kept = thinned(marks, at, 7);
    assert.ok(kept.length >= 1);
    kept
      .slice(1)
      .forEach(({ at: here, text }, k) =>
        assert.ok(
          at(here) - at(kept[k].at) >= (7 * (text.length + kept[k].text.length)) / 2,
          `${width}`,
        ),
      );
  }
  assert.equal(thinned(marks, scale(0, 10000, 0, 1000), 7).length, marks.length);
});

test('times over years are marked by years, others by their ends', () => {
  const { marks } = time_axis(828124615, 1537799250, String);
  assert.deepEqual(
    marks.map(({ text }) => text),
    ['2000', '2005', '2010', '2015'],
  );
  assert.equal(marks[0].at, Date.UTC(2000, 0) / 1000);
  assert.deepEqual(
    time_axis(5, 90, String).marks.map(({ text }) => text),
    ['5', '90'],
  );
  assert.deepEqual(
    time_axis(881250949, 893286638, String).marks.map(({ at }) => at),
    [881250949, 893286638],
  );
});
