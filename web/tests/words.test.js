// What the page says of tables of all sizes, and where it says it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { article, name_of, period_of } from '../src/lib/words.js';
import { fixture, launch, open, report_page } from './page.js';

let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

const kRiddles = /flatter|dresses|\bfactor \d|\b1 (ratings|users|items|epochs|folds)\b|\ban Recall/;
const described = (comparison) => {
  for (const block of [comparison.ratings, comparison.lists]) {
    for (const model of block.models) model.description = `What ${model.algorithm} does. And how.`;
    for (const metric of block.metrics)
      metric.description = `What ${metric.name.split('@')[0]} says. And of what.`;
  }
  return comparison;
};

test('data is called by its own name, without folders', () => {
  assert.equal(name_of({ name: 'ml-1m', file: '/data/ml-1m/ratings.dat' }), 'ml-1m');
  assert.equal(name_of({ file: '/data/ml-1m/ratings.dat' }), 'ratings.dat');
  assert.equal(name_of({ file: 'C:\\data\\r.csv' }), 'r.csv');
  assert.equal(name_of({ file: 'r.csv' }), 'r.csv');
});

test('the period is told of dates alone, and in the singular of one', () => {
  const of = (span, ratings = 100) => period_of({ time_span: span, ratings });
  assert.equal(of(null), '');
  assert.equal(of([1, 99]), '');
  assert.equal(of([828124615, 1537799250]), ', from 29 Mar 1996 to 24 Sep 2018');
  assert.equal(of([828124615, 828124616]), ', all of 29 Mar 1996');
  assert.equal(of([828124615, 828124615], 1), ', of 29 Mar 1996');
});

test('a metric has the article by which it is read aloud', () => {
  const articles = ['RMSE', 'MAE', 'NDCG@10', 'MRR@10', 'MAP@10', 'Recall@20', 'Hit rate@10'];
  assert.deepEqual(articles.map(article), ['an', 'an', 'an', 'an', 'a', 'a', 'a']);
});

test('title and heading are the name, and every section is in the contents', async () => {
  const comparison = fixture();
  comparison.data.file = '/home/somebody/data/ratings.csv';
  const { page, trouble } = await open(browser, report_page(comparison), { width: 390 });
  assert.equal(await page.title(), 'ratings.csv \u2013 Palate report');
  assert.equal(await page.locator('h1').textContent(), 'ratings.csv');
  assert.match(
    await page.locator('.sum').innerText(),
    /by 610 users, from 29 Mar 1996 to 24 Sep 2018\./,
  );
  const links = await page.getByRole('navigation', { name: 'Contents' }).getByRole('link').all();
  const titles = await page
    .locator('section > header :is(h2, h3)')
    .evaluateAll((all) => all.map((heading) => heading.textContent));
  assert.deepEqual(await Promise.all(links.map((link) => link.textContent())), titles);
  for (const link of links) {
    await link.focus();
    await page.keyboard.press('Enter');
    const top = await page.evaluate(
      () => document.querySelector(':target :is(h2, h3)').getBoundingClientRect().top,
    );
    assert.ok(top < 844, `${await link.textContent()} leads elsewhere`);
    assert.equal(
      await page.evaluate(() => document.querySelector(':target :is(h2, h3)').textContent),
      await link.textContent(),
    );
  }
  assert.doesNotMatch(await page.locator('main').innerText(), kRiddles);
  assert.deepEqual(trouble, []);
  await page.close();
});

test('methods and metrics are described on demand, each once, by keyboard too', async () => {
  const { page, trouble } = await open(browser, report_page(described(fixture())));
  const about = page
    .getByRole('region', { name: 'Models for lists', exact: true })
    .locator('details');
  const text = about.getByText('What ials does. And how.');
  assert.equal(await text.isVisible(), false);
  await about.locator('summary').focus();
  await page.keyboard.press('Enter');
  assert.ok(await text.isVisible());
  assert.deepEqual(await about.locator('dt').allTextContents(), [
    'popular',
    'ials, ials:factors=32',
    'NDCG',
    'Recall',
    'Precision',
    'MAP',
    'MRR',
    'Hit rate',
  ]);
  assert.match(await about.textContent(), /@10 measures the first 10 items\s+of each/);
  assert.deepEqual(trouble, []);
  await page.close();
});

test('a model that stands alone is not called the best of any', async () => {
  const comparison = fixture();
  for (const block of [comparison.ratings, comparison.lists])
    block.models = block.models.filter(({ difference_to_best: gap }) => gap === null).slice(0, 1);
  const { page } = await open(browser, report_page(comparison));
  const told = (await page.locator('.sum').innerText()).replaceAll(/\s+/g, ' ');
  assert.match(told, /no model has seen, als has an RMSE of/);
  assert.match(told, /Of the lists those of ials have an NDCG@10 of/);
  await page.close();
});

test('what is similar is told as such, and what says nothing to a reader is left out', async () => {
  const comparison = fixture();
  for (const { recommended } of comparison.taste.users)
    for (const item of recommended)
      item.because = [
        { what: 'Northern Winter (2018)', rating: 5, similarity: 0.81 },
        { what: 'factor 13', adds: 0.4 },
      ];
  const { page, trouble } = await open(browser, report_page(comparison));
  const taste = page.getByRole('region', { name: 'Taste', exact: true });
  assert.match(
    (await taste.innerText()).replaceAll(/\s+/g, ' '),
    /under it those of the user’s ratings that are most like it among those that the user liked\./,
  );
  assert.equal(await taste.getByText('0.81').first().isVisible(), true);
  assert.equal(await page.getByText('factor 13').count(), 0);
  assert.deepEqual(trouble, []);
  await page.close();
});

test('errors are drawn as differences where the lines would hide each other', async () => {
  const comparison = fixture();
  const { models } = comparison.ratings;
  // All alike but for a little, which grows with the rating.
  models.forEach((model, m) => {
    model.breakdown.value.forEach((group, g) => {
      group.rmse = 0.5 + Math.abs(g - 6) / 4 + 0.004 * m;
    });
  });
  const { page, trouble } = await open(browser, report_page(comparison));
  const figure = (name) => page.locator('figure', { hasText: `Errors by ${name}` }).first();
  assert.match(await figure('ratings of the user').innerText(), /The RMSE on each part/);
  await page
    .getByRole('group', { name: 'Break the errors down by' })
    .getByRole('button', { name: 'rating', exact: true })
    .click();
  assert.match(
    await figure('rating').innerText(),
    /How much larger the RMSE of each model is than that of als/,
  );
  const heights = await figure('rating')
    .locator('circle.mark')
    .evaluateAll((marks) => marks.map((mark) => Number(mark.getAttribute('cy'))));
  const groups = models[0].breakdown.value.length;
  assert.equal(new Set(heights.slice(0, groups)).size, 1, 'the best is a straight line');
  assert.equal(
    new Set(heights.map(Math.round)).size,
    models.length,
    'the others are apart from it',
  );
  assert.deepEqual(trouble, []);
  await page.close();
});

test('losses of very different scales have a chart for each method', async () => {
  const comparison = fixture();
  const { page } = await open(browser, report_page(comparison));
  const titles = (region) =>
    page
      .getByRole('region', { name: region, exact: true })
      .locator('.chart .heading')
      .allTextContents();
  assert.deepEqual(await titles('Loss curves'), [
    'notebook-adam',
    'notebook-sgd',
    'sgd',
    'als',
    'bias',
  ]);
  assert.deepEqual(await titles('Learning curves'), ['All models']);
  // Lines have their names at their ends.
  const names = await page
    .getByRole('region', { name: 'Learning curves', exact: true })
    .locator('.chart .name')
    .allTextContents();
  assert.deepEqual(names, ['ials', 'ials:factors=32']);
  await page.close();
});

test('of one user no interval is told, and no model is told from another', async () => {
  const comparison = fixture();
  for (const block of [comparison.ratings, comparison.lists]) {
    Object.assign(block.split, { test: 1, tested: 1, tested_users: 1 });
    for (const model of block.models)
      for (const figure of Object.values(model.metrics)) figure.low = figure.high = figure.value;
  }
  comparison.lists.users_without_relevant = 0;
  Object.assign(comparison.data, { users: 1, items: 2, ratings: 3 });
  const { page, trouble } = await open(browser, report_page(comparison));
  const text = (await page.locator('main').innerText()).replaceAll(/\s+/g, ' ');
  assert.doesNotMatch(text, /interval [0-9]|95 % interval|bootstrap|Differences to|\bp 0|Each p/);
  assert.match(text, /With 1 user in the test part there are no intervals/);
  assert.match(text, /though notebook-adam, notebook-sgd, sgd, bias and mean cannot be told apart/);
  // Of two items there are no tenths.
  assert.doesNotMatch(text, /The long tail|Exposure by popularity/);
  assert.doesNotMatch(await page.locator('main').innerText(), kRiddles);
  assert.deepEqual(trouble, []);
  await page.close();
});

test('of a single test user that measures no lists, it is told in the singular', async () => {
  const comparison = fixture();
  const { lists } = comparison;
  Object.assign(lists.split, { tested: 0, tested_users: 0 });
  lists.users_without_relevant = 1;
  for (const model of lists.models)
    Object.assign(model, { metrics: {}, difference_to_best: null, same_as_best: false });
  const { page } = await open(browser, report_page(comparison));
  const text = (await page.locator('main').innerText()).replaceAll(/\s+/g, ' ');
  assert.match(
    text,
    /Not measured: the only test user has nothing relevant, which is a test rating of 4/,
  );
  await page.close();
});
