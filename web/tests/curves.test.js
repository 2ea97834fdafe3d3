import assert from 'node:assert/strict';
import { test } from 'node:test';
import { curve_table, ticks } from '../src/lib/curves.js';
import { difference, percent, seconds, time } from '../src/lib/format.js';

test('curves of different lengths share one axis of epochs done', () => {
  const { x, series } = curve_table([
    {
      curve: [
        { epoch: 0, train_loss: 3, test_loss: 4 },
        { epoch: 2, train_loss: 1, test_loss: 2 },
      ],
    },
    { curve: [{ epoch: 1, train_loss: 5 }] },
    { curve: [] },
  ]);
  assert.deepEqual(x, [1, 2, 3]);
  assert.deepEqual(
    series.map(({ key, values, last }) => [key, values, last]),
    [
      ['0 train', [3, null, 1], 2],
      ['0 test', [4, null, 2], 2],
      ['1 train', [null, 5, null], 1],
    ],
  );
});

test('a part is found by what its name begins with, whatever the metric', () => {
  const curve = [{ epoch: 0, train_loss: 3, 'validation_ndcg@10': 0.2 }];
  const { series } = curve_table([{ curve }]);
  assert.deepEqual(
    series.map(({ key, values }) => [key, values]),
    [
      ['0 train', [3]],
      ['0 validation', [0.2]],
    ],
  );
});

test('ticks are round numbers within the axis', () => {
  assert.deepEqual(ticks(0, 10, false, 5), [0, 2, 4, 6, 8, 10]);
  assert.deepEqual(ticks(0.71, 0.79, false, 4), [0.72, 0.74, 0.76, 0.78]);
  assert.deepEqual(ticks(0.5, 13, true, 9), [0.5, 1, 2, 5, 10]);
  assert.deepEqual(ticks(1, 10000, true, 5), [1, 10, 100, 1000, 10000]);
  assert.deepEqual(ticks(0.71, 0.79, true, 4), [0.72, 0.74, 0.76, 0.78]);
});

test('ticks are few and never outside, whatever the axis', () => {
  for (let low = 1e-6; low < 1e6; low *= 7.3) {
    for (const ratio of [1.0001, 1.1, 2, 9, 33, 1e4]) {
      for (const logarithmic of [false, true]) {
        const at = ticks(low, low * ratio, logarithmic, 6);
        assert.ok(at.length >= 1 && at.length <= 20, `${low} ${ratio} ${logarithmic}: ${at}`);
        assert.ok(
          at.every((value) => value >= low * 0.999999 && value <= low * ratio * 1.000001),
          `${low} ${ratio}: ${at}`,
        );
      }
    }
  }
});

test('numbers are written as people read them', () => {
  assert.equal(difference(-0.00061), '\u22120.0006');
  assert.equal(difference(0.0117), '+0.0117');
  assert.equal(percent(0.0169997), '1.7\u2009%');
  assert.equal(seconds(0.1312), '0.131');
  assert.equal(seconds(1234), '1,234');
  assert.equal(time(828124615), '29 Mar 1996');
  assert.equal(time(1537799250), '24 Sep 2018');
  assert.equal(time(253402214400), '31 Dec 9999');
  assert.equal(time(1537799250000), '1537799250000');
  assert.equal(time(881250949), '04 Dec 1997');
  assert.equal(time(20200101), '20200101');
});
