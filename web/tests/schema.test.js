// docs/comparison.schema.json, by an independent validator.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import Ajv2020 from 'ajv/dist/2020.js';
import { fixture, implicit_fixture, plain_fixture } from './page.js';

const schema = JSON.parse(
  readFileSync(new URL('../../docs/comparison.schema.json', import.meta.url), 'utf8'),
);
const validate = new Ajv2020({
  strict: true,
  strictRequired: false, // "one of these" names members that are defined beside it
  strictTuple: false,
  allowUnionTypes: true,
  allErrors: true,
}).compile(schema);
const accepts = (document) => validate(document);

test('the fixtures are valid', () => {
  for (const document of [fixture(), plain_fixture(), implicit_fixture()])
    assert.ok(accepts(document), JSON.stringify(validate.errors));
});

test(
  'what compare printed is valid',
  { skip: !process.env.PALATE_COMPARISON && 'PALATE_COMPARISON names no file' },
  () => {
    assert.ok(
      accepts(JSON.parse(readFileSync(process.env.PALATE_COMPARISON, 'utf8'))),
      JSON.stringify(validate.errors),
    );
  },
);

test('a member that is not in the schema is refused, wherever it stands', () => {
  const free = ['options', 'predictions', 'curve', 'exposure'];
  let tried = 0;
  const visit = (document, value, key) => {
    if (Array.isArray(value)) value.slice(0, 2).forEach((item) => visit(document, item, key));
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return;
    if (!free.includes(key)) {
      value.unexpected = 1;
      assert.ok(!accepts(document), `in ${key}`);
      delete value.unexpected;
      ++tried;
    }
    for (const [name, inside] of Object.entries(value)) visit(document, inside, name);
  };
  const document = fixture();
  visit(document, document, 'the document');
  assert.ok(tried > 20);
});

test('a document has ratings, or lists, or both', () => {
  for (const [less, accepted] of [
    [['ratings'], true],
    [['lists'], true],
    [['ratings', 'lists'], false],
  ]) {
    const document = fixture();
    for (const name of less) delete document[name];
    assert.equal(accepts(document), accepted, less.join());
  }
});

test('a curve may have numbers of any metric, and nothing else', () => {
  const document = fixture();
  document.ratings.models[0].curve[0]['validation_ndcg@10'] = 0.3;
  assert.ok(accepts(document), JSON.stringify(validate.errors));
  document.ratings.models[0].curve[0]['validation_ndcg@10'] = 'high';
  assert.ok(!accepts(document));
});

test('a metric may have no interval, but has a value', () => {
  const document = fixture();
  document.ratings.models[0].metrics.rmse = { value: 0.9 };
  assert.ok(accepts(document), JSON.stringify(validate.errors));
  document.ratings.models[0].metrics.rmse = { low: 0.8, high: 1 };
  assert.ok(!accepts(document));
});

test('a member that is missing is refused, but for those that may be', () => {
  const optional = [
    'validation_loss',
    'test_loss',
    'advice',
    'taste',
    'map',
    'genres',
    'years',
    'profile',
    'time',
    'breakdown',
    'residuals',
    'predicted',
    'rating',
    'leak',
    'before_own',
    'before_half',
    'by_lot',
    'ratings_model',
    'exposure',
    'exposure_by_popularity',
    'same_as_best',
    'p_value',
    'p_value_holm',
  ];
  const document = fixture();
  for (const object of [
    document,
    document.data,
    document.data.ratings_per_user,
    document.ratings,
    document.ratings.split,
    document.ratings.split.leak,
    document.ratings.split.leak.users,
    document.ratings.metrics[0],
    document.ratings.models[0],
    document.ratings.models[0].curve[0],
    document.ratings.samples[0],
    document.data.profile,
    document.data.profile.users[0],
    document.data.profile.time,
    document.ratings.models[0].breakdown,
    document.ratings.models[0].breakdown.value[0],
    document.ratings.models[0].residuals,
    document.ratings.models[0].predicted[0],
    document.taste,
    document.lists,
    document.lists.models[0],
    document.taste.map,
    document.taste.users[0],
    document.taste.users[0].recommended[0].because[0],
  ]) {
    for (const [name, value] of Object.entries(object)) {
      delete object[name];
      const may_be =
        optional.includes(name) || (object === document && ['ratings', 'lists'].includes(name));
      assert.equal(accepts(document), may_be, name);
      object[name] = value;
    }
  }
});
