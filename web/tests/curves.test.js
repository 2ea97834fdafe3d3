import assert from 'node:assert/strict';
import { test } from 'node:test';
import { curve_table, quantities, ticks } from '../src/lib/curves.js';
import { by_cutoff, label, table_metrics } from '../src/lib/metrics.js';
import { difference, percent, seconds, time } from '../src/lib/format.js';

test('curves of different lengths share one axis of epochs done', () => {
  const models = [
    {
      curve: [
        { epoch: 0, train_loss: 3, test_loss: 4 },
        { epoch: 2, train_loss: 1, test_loss: 2 },
      ],
    },
    { curve: [{ epoch: 1, train_loss: 5 }] },
    { curve: [] },
  ];
  const [quantity, ...others] = quantities(models);
  assert.deepEqual(others, []);
  const { x, series } = curve_table(models, quantity);
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

test('a metric has curves of its own, and a loss those of its parts', () => {
  const curve = [
    {
      epoch: 0,
      train_loss: 3,
      train_observed: 1,
      train_unobserved: 2,
      'validation_ndcg@10': 0.2,
      'test_ndcg@10': 0.3,
    },
  ];
  const found = quantities([{ curve }]).map((quantity) => [
    quantity.name,
    curve_table([{ curve }], quantity).series.map(({ key, values }) => [key, values]),
  ]);
  assert.deepEqual(found, [
    [
      'ndcg@10',
      [
        ['0 validation', [0.2]],
        ['0 test', [0.3]],
      ],
    ],
    [
      'loss',
      [
        ['0 train', [3]],
        ['0 observed', [1]],
        ['0 unobserved', [2]],
      ],
    ],
  ]);
  assert.deepEqual(quantities([{ curve: [] }]), []);
});

test('metrics are named as people write them, and grouped by their cutoffs', () => {
  assert.deepEqual(['rmse', 'ndcg@10', 'recall@20', 'hit_rate@5', 'map@1'].map(label), [
    'RMSE',
    'NDCG@10',
    'Recall@20',
    'Hit rate@5',
    'MAP@1',
  ]);
  const names = ['ndcg@10', 'recall@10', 'map@10', 'ndcg@5', 'recall@5', 'ndcg@100', 'recall@100'];
  const metrics = names.map((name) => ({ name }));
  assert.deepEqual(
    by_cutoff(metrics).map(({ kind, at }) => [kind, at.map(({ cutoff }) => cutoff)]),
    [
      ['ndcg', [5, 10, 100]],
      ['recall', [5, 10, 100]],
    ],
  );
  const shown = (primary) => {
    const { beside, others } = table_metrics({ metrics, primary });
    return [beside, others].map((list) => list.map(({ name }) => name));
  };
  assert.deepEqual(shown('ndcg@10'), [['recall@5'], ['recall@10', 'map@10']]);
  assert.deepEqual(shown('recall@5'), [['ndcg@10'], ['recall@10', 'map@10']]);
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
