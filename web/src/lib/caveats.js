// What the figures of a comparison leave out, in the words of the terminal.
import { count, percent, plural, scale_value } from './format.js';

const kFewUsers = 30;
const kRandomSplits = ['random', 'kfold', 'per-user', 'notebook'];

const share = (part, whole) => percent(whole > 0 ? part / whole : 0);
const sentence = (text) => text[0].toUpperCase() + text.slice(1);

const seen = ({ name, seen: ratings }, tested) =>
  ratings === null
    ? `whether the model that ${name} started from was trained on test ratings is not known: ` +
      'its figure may flatter, and is not compared'
    : `the model that ${name} started from was trained on ${count(ratings)} of the ` +
      `${count(tested)} test ratings: its figure flatters, and is not compared`;

const scale_in_doubt = ({ train, test, outside }) =>
  `the test ratings may be of another scale: they run from ${scale_value(test.low)} to ` +
  `${scale_value(test.high)}, the train ratings from ${scale_value(train.low)} to ` +
  scale_value(train.high) +
  (outside > 0 ? `, and ${count(outside)} lie outside` : '');

function doubts_of_split({ leak, method }) {
  const doubts = [];
  const { test, users, items, cold_pairs, in_train = 0, by_lot = 0 } = leak;
  if (cold_pairs !== undefined && users.cold_ratings + items.cold_ratings - cold_pairs === test)
    doubts.push(
      `no pair is known: of none of the ${count(test)} test ratings a model knows user and item ` +
        'both, so that the figures measure the mean and biases, not taste',
    );
  if (in_train > 0)
    doubts.push(
      `${count(in_train)} of ${count(test)} test ratings are train ratings, too: ` +
        'the figures flatter',
    );
  if (by_lot > 0)
    doubts.push(
      `${count(by_lot)} of ${count(test)} test ratings (${share(by_lot, test)}) are there by ` +
        `lot, not by time: ratings ${method === 'leave-last-out' ? 'of the same user ' : ''}` +
        'that are no test ratings have the same time',
    );
  return doubts;
}

function notes_of_split({ leak }) {
  const notes = [];
  const { test, before_own, before_half } = leak;
  if (before_own !== undefined)
    notes.push(
      `of the test ratings ${share(before_own, test)} are older than a train rating of their ` +
        `user, ${share(before_half, test)} than half of the train part`,
    );
  const cold = ({ tested, cold, cold_ratings }, what) =>
    `${count(cold)} of ${plural(tested, what)} (${share(cold_ratings, test)} of ratings)`;
  notes.push(`new in the test part: ${cold(leak.users, 'user')}, ${cold(leak.items, 'item')}`);
  return notes;
}

// {doubts, notes}: sentences. Doubts say that a figure is not what it seems to be.
export function caveats({ split, models }) {
  const tested = split.tested ?? split.test;
  const of_split = (sentences) =>
    sentences.map((text) => (split.folds > 1 ? `in the first fold, ${text}` : text));
  const doubts = models
    .filter((model) => model.seen !== undefined)
    .map((model) => seen(model, tested));
  const notes = [];
  if (split.scale?.in_doubt) doubts.push(scale_in_doubt(split.scale));
  if (split.leak) {
    doubts.push(...of_split(doubts_of_split(split)));
    notes.push(...of_split(notes_of_split(split)));
  }
  const users = split.tested_users ?? split.leak?.users.tested;
  if (users < kFewUsers)
    doubts.push(
      `with ${plural(users, 'user')} in the test part, intervals and p are surer than they ` +
        'should be',
    );
  if (kRandomSplits.includes(split.method))
    notes.push(
      'a random split flatters: models learn from what a user rated after the test ratings, and ' +
        'meet few new users and items; a split by time does not',
    );
  notes.push(
    'intervals say what other users would change (bootstrap over users), not what other seeds of ' +
      'training would',
  );
  const compared = models.filter(({ p_value }) => p_value !== undefined).length;
  if (compared > 0)
    notes.push(
      'each p is how often equals would differ as far from the best, users paired, with Holm’s ' +
        `correction for ${plural(compared, 'comparison')}`,
    );
  if (models.some(({ over_seeds }) => over_seeds))
    notes.push(
      'over seeds: mean and standard deviation, the split fixed; differences below some two of ' +
        'these may be the seeds’',
    );
  const sentences = (texts) => texts.map((text) => `${sentence(text)}.`);
  return { doubts: sentences(doubts), notes: sentences(notes) };
}
