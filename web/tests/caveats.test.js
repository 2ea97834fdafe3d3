// What the page says of a split and of its figures: what the terminal says.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { caveats } from '../src/lib/caveats.js';
import { fixture, implicit_fixture, launch, open, plain_fixture, report_page } from './page.js';

let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

const told = (change) => {
  const comparison = fixture();
  delete comparison.lists;
  change(comparison.ratings.split, comparison.ratings);
  const { doubts, notes } = caveats(comparison);
  return { doubts: doubts.join('\n'), notes: notes.join('\n') };
};

test('what a split leaks, and what is new in its test part', () => {
  const { doubts, notes } = told((_, { models }) => {
    for (const model of models.slice(1)) model.p_value = 0.2;
  });
  assert.equal(doubts, '');
  assert.match(
    notes,
    /^50\u2009% of the test ratings are older than a train rating of their user,/,
  );
  assert.match(notes, /, 49\u2009% older than half of the train part\.$/m);
  assert.match(notes, /^New in the test part: 0 of 610 users \(0\u2009% of ratings\), 1,000 of /m);
  assert.match(notes, /^A random split is optimistic: .* A split by time does neither\.$/m);
  assert.match(notes, /^Each p is the chance that .* Holm’s correction for 5 comparisons\.$/m);
  assert.doesNotMatch(told((split) => (split.method = 'time')).notes, /random/);
  assert.match(told((split) => (split.folds = 5)).notes, /^In the first fold, new in the test/m);
});

test('held-out users are new, and known by what is folded in', () => {
  const { doubts, notes } = told((split) => {
    split.method = 'users';
    split.fold_in = 12345;
    split.leak.users = { tested: 122, cold: 122, cold_ratings: split.leak.test };
  });
  assert.doesNotMatch(doubts, /pair/);
  assert.match(notes, /are older than a fold-in rating of their user,/);
  assert.match(notes, /^New in the test part: 122 of 122 users \(100\u2009% of ratings\)/m);
  assert.match(notes, /^A trained model is given 12,345 other ratings of these users, and folds/m);
  assert.doesNotMatch(notes, /random/);
});

test('both tasks are told of once, and what measures lists by itself', () => {
  const comparison = fixture();
  for (const model of comparison.ratings.models.slice(1)) model.p_value = 0.2;
  comparison.lists.models[0].seen = 12;
  comparison.lists.split.tested_users = 29;
  const { doubts, notes } = caveats(comparison);
  assert.deepEqual(doubts, [
    'The model that popular started from was trained on 12 test ratings: its figure is ' +
      'too optimistic, and is not compared.',
    'With 29 users in the test part, the true intervals are wider and p is larger.',
  ]);
  assert.match(
    notes.join('\n'),
    /with Holm’s correction for 5 and 2 comparisons, each task by itself\.$/m,
  );
  assert.equal(notes.filter((note) => note.startsWith('New in the test part')).length, 1);
});

test('of a table without ratings nothing is said of ratings', () => {
  const comparison = implicit_fixture();
  comparison.lists.split.leak.in_train = 5;
  comparison.lists.models[0].seen = null;
  const { doubts, notes } = caveats(comparison);
  assert.doesNotMatch([...doubts, ...notes].join('\n'), /\brat(ed|ings?)\b/);
  assert.match(doubts.join('\n'), /test interactions are train interactions, too/);
});

test('a comparison without what a split leaks', () => {
  const { doubts, notes } = caveats(plain_fixture());
  assert.deepEqual(doubts, []);
  assert.match(notes.at(-1), /^Intervals say how far the figures may move with other users/);
});

test('what makes figures better than models, or decides nothing, is a doubt', () => {
  const few = told((split) => (split.leak.users.tested = 8)).doubts;
  assert.equal(few, 'With 8 users in the test part, the true intervals are wider and p is larger.');
  assert.match(told((split) => (split.tested_users = 1)).doubts, /^With 1 user in the test part/);
  const lots = (method) =>
    told((split) => {
      split.method = method;
      split.leak.by_lot = 2017;
    }).doubts;
  assert.match(
    lots('time'),
    /^2,017 of 20,168 test ratings \(10\u2009%\) were chosen by chance, not by /,
  );
  assert.match(lots('time'), /time: other ratings have the same time\.$/);
  assert.match(lots('leave-last-out'), /: other ratings of the same user have the same time/);
  assert.equal(told((split) => (split.leak.by_lot = 0)).doubts, '');
  const overlap = told((split) => (split.leak.in_train = 7)).doubts;
  assert.equal(
    overlap,
    '7 of 20,168 test ratings are train ratings, too: the figures are too optimistic.',
  );
  assert.match(
    told(({ leak }) => {
      leak.users.cold_ratings = 20000;
      leak.items.cold_ratings = 268;
      leak.cold_pairs = 100;
    }).doubts,
    /^None of the 20,168 test ratings is by a known user/,
  );
  const scale = { train: { low: 1, high: 5 }, test: { low: 2, high: 10 }, outside: 9 };
  assert.match(
    told((split) => (split.scale = { ...scale, in_doubt: true })).doubts,
    /another scale: they run from 2 to 10, the train ratings from 1 to 5, and 9 lie outside\.$/,
  );
  assert.equal(told((split) => (split.scale = { ...scale, in_doubt: false })).doubts, '');
});

test('the page shows them, and does not compare a model that has seen test ratings', async () => {
  const comparison = fixture();
  const [first] = comparison.ratings.models;
  Object.assign(first, { difference_to_best: null, seen: 12 });
  first.metrics.rmse = { value: 0.1, low: 0.09, high: 0.11 };
  comparison.ratings.split.leak.users.tested = 8;
  const { page, trouble } = await open(browser, report_page(comparison));
  const notes = page.locator('section', { hasText: 'What to know of these figures' });
  assert.deepEqual(await notes.locator('.doubt').allTextContents(), caveats(comparison).doubts);
  assert.match(
    await notes.locator('.doubt').first().textContent(),
    /notebook-adam started from was trained on 12 of the 20,168 test ratings: its figure is too/,
  );
  assert.equal(await notes.locator('li:visible').count(), 2 + caveats(comparison).notes.length);
  const best = comparison.ratings.models.find(
    (model) => model !== first && !model.difference_to_best,
  );
  assert.equal(await page.locator('.sum strong').first().textContent(), best.name);
  assert.match(await page.locator('.sum').textContent(), /of which models have seen some/);
  const row = page.locator('tbody tr', { hasText: 'notebook-adam' }).first();
  assert.match(await row.textContent(), /not compared\s+trained on test ratings/);
  assert.equal(await page.locator('.best').count(), 2, 'one for each task');
  assert.deepEqual(trouble, []);
  await page.close();
});
