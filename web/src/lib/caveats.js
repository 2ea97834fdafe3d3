// What the figures of a comparison leave out, in the words of the terminal.
import { count, percent, plural, scale_value } from './format.js';
import { is_measured, tasks_of } from './metrics.js';
import { has_intervals } from './one_user.js';
import { noun_of } from './words.js';

const kFewUsers = 30;
const kRandomSplits = ['random', 'kfold', 'per-user', 'notebook'];

const share = (part, whole) => percent(whole > 0 ? part / whole : 0);
const sentence = (text) => text[0].toUpperCase() + text.slice(1);

// `tested`: how many rows measure; nothing of lists, since some of the test rows do.
function seen({ name, seen: known }, tested, rows) {
  if (known === null)
    return (
      `it is not known whether the model that ${name} started from was trained on ${rows}: ` +
      'its figure may be too optimistic, and is not compared'
    );
  const of_all = tested === undefined ? '' : `of the ${count(tested)} `;
  return (
    `the model that ${name} started from was trained on ${count(known)} ${of_all}${rows}: ` +
    'its figure is too optimistic, and is not compared'
  );
}

const scale_in_doubt = ({ train, test, outside }) =>
  `the test ratings may be on another scale: they run from ${scale_value(test.low)} to ` +
  `${scale_value(test.high)}, the train ratings from ${scale_value(train.low)} to ` +
  scale_value(train.high) +
  (outside > 0 ? `, and ${count(outside)} lie outside` : '');

function doubts_of_split({ leak, method, fold_in }, noun, of_ratings) {
  const doubts = [];
  const { test, users, items, cold_pairs, in_train = 0, by_lot = 0 } = leak;
  const none_known =
    cold_pairs !== undefined && users.cold_ratings + items.cold_ratings - cold_pairs === test;
  if (none_known && !fold_in)
    doubts.push(
      `none of the ${count(test)} test ${noun}s is by a known user and of a known item: the ` +
        `figures measure ${of_ratings ? 'the mean and biases' : 'what many choose'}, not taste`,
    );
  if (in_train > 0)
    doubts.push(
      `${count(in_train)} of ${count(test)} test ${noun}s are train ${noun}s, too: ` +
        'the figures are too optimistic',
    );
  if (by_lot > 0)
    doubts.push(
      `${count(by_lot)} of ${count(test)} test ${noun}s (${share(by_lot, test)}) were chosen by ` +
        `chance, not by time: other ${noun}s ` +
        (method === 'leave-last-out' ? 'of the same user ' : '') +
        'have the same time',
    );
  return doubts;
}

function notes_of_split({ leak, fold_in }, noun) {
  const notes = [];
  const { test, before_own, before_half } = leak;
  if (before_own !== undefined)
    notes.push(
      `${share(before_own, test)} of the test ${noun}s are older than a ` +
        `${fold_in ? 'fold-in' : 'train'} ${noun} of their user, ` +
        `${share(before_half, test)} older than half of the train part`,
    );
  const cold = ({ tested, cold, cold_ratings }, what) =>
    `${count(cold)} of ${plural(tested, what)} (${share(cold_ratings, test)} of ${noun}s)`;
  notes.push(`new in the test part: ${cold(leak.users, 'user')}, ${cold(leak.items, 'item')}`);
  if (fold_in)
    notes.push(
      `a trained model is given ${plural(fold_in, `other ${noun}`)} of these users, and folds ` +
        'the users in',
    );
  return notes;
}

// {doubts, notes}: sentences. Doubts say that a figure is not what it seems to be.
export function caveats(comparison) {
  const noun = noun_of(comparison.data);
  const tasks = tasks_of(comparison);
  const { split } = tasks[0][1]; // the same for each task but for what measures
  const measured = tasks.filter(([, block]) => is_measured(block));
  const of_split = (sentences) =>
    sentences.map((text) => (split.folds > 1 ? `in the first fold, ${text}` : text));
  const doubts = measured.flatMap(([task, { models, split: of_task }]) =>
    models
      .filter((model) => model.seen !== undefined)
      .map((model) =>
        seen(
          model,
          task === 'ratings' ? (of_task.tested ?? of_task.test) : undefined,
          `test ${noun}s`,
        ),
      ),
  );
  const notes = [];
  if (split.scale?.in_doubt && comparison.ratings) doubts.push(scale_in_doubt(split.scale));
  if (split.leak) {
    doubts.push(...of_split(doubts_of_split(split, noun, comparison.ratings !== undefined)));
    notes.push(...of_split(notes_of_split(split, noun)));
  }
  const users = Math.min(
    ...measured.map(([, { split: own }]) => own.tested_users ?? own.leak?.users.tested ?? Infinity),
  );
  if (users === 1)
    doubts.push(
      'with 1 user in the test part there are no intervals, and no model can be told from another',
    );
  else if (users < kFewUsers)
    doubts.push(
      `with ${plural(users, 'user')} in the test part, the true intervals are wider and p is ` +
        'larger',
    );
  if (kRandomSplits.includes(split.method))
    notes.push(
      `a random split is optimistic: models learn from what a user ${
        noun === 'rating' ? 'rated' : 'did'
      } after the test ${noun}s, and meet few new users and items. A split by time does neither`,
    );
  if (measured.some(([, block]) => has_intervals(block)))
    notes.push(
      'intervals say how far the figures may move with other users (bootstrap over users), not ' +
        'with other seeds of training',
    );
  const compared = tasks
    .map(([, { models }]) => models.filter(({ p_value }) => p_value !== undefined).length)
    .filter((number) => number > 0);
  if (compared.length > 0)
    notes.push(
      'each p is the chance that a model as good as the best would seem so much worse, by a test ' +
        `that pairs users, with Holm’s correction for ${compared.map(count).join(' and ')} ` +
        `comparison${compared.length === 1 && compared[0] === 1 ? '' : 's'}` +
        (compared.length > 1 ? ', each task by itself' : ''),
    );
  if (tasks.some(([, { models }]) => models.some(({ over_seeds }) => over_seeds)))
    notes.push(
      'over seeds: means ± standard deviations, all on one split; a difference below two ' +
        'standard deviations may come from the seeds alone',
    );
  const sentences = (texts) => texts.map((text) => `${sentence(text)}.`);
  return { doubts: sentences(doubts), notes: sentences(notes) };
}
