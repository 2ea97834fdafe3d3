// The page in a real browser, opened from file://: the fixture's, and, where PALATE_REPORT_PAGE
// names a page that `palate report` wrote, that one too.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { readFileSync } from 'node:fs';
import { curve_table, differ_in_scale, quantities } from '../src/lib/curves.js';
import {
  colours_of,
  fixture,
  implicit_fixture,
  in_theme,
  launch,
  open,
  plain_fixture,
  report_page,
  template,
} from './page.js';

let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

const pages = {
  'the fixture': report_page(fixture()),
  'a plain comparison': report_page(plain_fixture()),
  'lists alone': report_page(implicit_fixture()),
};
if (process.env.PALATE_REPORT_PAGE)
  pages['palate report'] = readFileSync(process.env.PALATE_REPORT_PAGE, 'utf8');

const comparison_of = (page) =>
  page.evaluate(() => JSON.parse(document.getElementById('palate-data').textContent));

// The first chart of curves, and what shows all of them.
const chart_of = (page) => page.locator('.chart svg').first();
const drawing = (chart) => chart.evaluate((svg) => svg.innerHTML);
// The curves that a page draws in the colour of a model, `model_index` in its task.
const curves_of = (page, model_index) =>
  page.locator(
    `.chart svg :is([stroke="${series(model_index)}"], [fill="${series(model_index)}"])`,
  );
const series = (model_index) => `var(--series-${model_index})`;
const show_all_of = (page) => page.getByRole('button', { name: 'Show all', exact: true }).first();
// What is measured of each task.
const blocks_of = ({ ratings, lists }) => [ratings, lists].filter(Boolean);
const region = (page, name) => page.getByRole('region', { name, exact: true });

for (const [name, html] of Object.entries(pages)) {
  for (const width of [1280, 390]) {
    test(`${name} shows all of itself, ${width} pixels wide, dark and light`, async () => {
      const { page, trouble } = await open(browser, html, { width, colorScheme: 'dark' });
      const comparison = await comparison_of(page);
      const { ratings, lists, data } = comparison;
      const with_curves = blocks_of(comparison)
        .map(({ models }) => models.findIndex(({ curve }) => curve.length > 0))
        .filter((model_index) => model_index >= 0);
      for (const colorScheme of ['dark', 'light']) {
        await in_theme(page, colorScheme);
        assert.equal(await page.locator('canvas').count(), comparison.taste ? 1 : 0);
        for (const drawn of await page.locator('canvas').all())
          assert.ok((await colours_of(drawn)).size > 5, 'a canvas is blank');
        for (const model_index of with_curves)
          assert.ok((await curves_of(page, model_index).count()) > 0, `no curve of ${model_index}`);

        for (const [title, block, tables] of [
          ['Models', ratings, 1],
          ['Models for lists', lists, 2],
        ]) {
          assert.equal(
            await region(page, title).locator('tbody tr').count(),
            tables * (block?.models.length ?? 0),
          );
        }
        assert.equal(await page.locator('.title').count(), ratings?.samples.length ?? 0);
        assert.equal(await page.locator('.track').count(), ratings ? data.histogram.length : 0);
        for (const part of [
          ...(ratings ? ['Ratings', 'Models', 'Loss curves', 'Sample predictions'] : []),
          ...(lists ? ['Lists', 'Models for lists', 'Learning curves'] : []),
          'Data',
          'How this was made',
        ]) {
          assert.ok(await page.getByRole('heading', { name: part, exact: true }).isVisible(), part);
        }
        const charts = await charts_of(page);
        assert.deepEqual(
          charts.map(({ title }) => title),
          charts_for(comparison),
        );
        for (const { title, marks, outside, ...told } of charts) {
          assert.ok(marks > 0, `${title} is empty`);
          assert.deepEqual(outside, [], `${title} draws outside of itself`);
          assert.ok(
            told.label.length > 30 && told.role === 'img',
            `${title} does not tell what it shows`,
          );
        }
        assert.ok(
          await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
          'wider than the window',
        );
        assert.deepEqual(await cut_off(page), [], 'text outside of the window');
      }
      assert.deepEqual(trouble, []);
      await page.close();
    });
  }

  test(`${name}: a drag zooms in, a double click shows all again`, async () => {
    const { page, trouble } = await open(browser, html);
    const show_all = show_all_of(page);
    const pixels = () => drawing(chart_of(page));
    const whole = await pixels();
    assert.ok(await show_all.isDisabled());
    const box = await scrolled_box(page.locator('.chart .plane').first());
    const at = (x, y) => [box.x + x * box.width, box.y + y * box.height];

    await page.mouse.move(...at(0.2, 0.5));
    await page.mouse.down();
    await page.mouse.move(...at(0.6, 0.5), { steps: 5 });
    await page.mouse.up();
    await page.waitForTimeout(100);
    assert.notEqual(await pixels(), whole);
    assert.ok(await show_all.isEnabled());

    await page.mouse.dblclick(...at(0.5, 0.5));
    await page.mouse.move(5, 5);
    await page.waitForTimeout(100);
    assert.equal(await pixels(), whole);
    assert.ok(await show_all.isDisabled());

    // Up and down alone zooms into the losses.
    await page.mouse.move(...at(0.4, 0.5));
    await page.mouse.down();
    await page.mouse.move(...at(0.4, 0.9), { steps: 5 });
    await page.mouse.up();
    await page.waitForTimeout(100);
    assert.notEqual(await pixels(), whole);
    assert.ok(await show_all.isEnabled());
    await show_all.click();
    await page.waitForTimeout(100);
    assert.equal(await pixels(), whole);
    assert.deepEqual(trouble, []);
    await page.close();
  });
}

// What the SVG charts show: marks that are seen, texts and marks that reach out of the chart.
const charts_of = (page) =>
  page.locator('figure:has(svg)').evaluateAll((figures) =>
    figures.map((figure) => {
      const svg = figure.querySelector('svg');
      const frame = svg.getBoundingClientRect();
      const seen = [...svg.querySelectorAll('.mark')]
        .map((mark) => mark.getBoundingClientRect())
        .filter((box) => box.width > 0 || box.height > 0);
      const outside = [...svg.querySelectorAll('text, .mark')]
        .filter((element) => {
          const box = element.getBoundingClientRect();
          return (
            box.left < frame.left - 2 ||
            box.right > frame.right + 2 ||
            box.top < frame.top - 2 ||
            box.bottom > frame.bottom + 2
          );
        })
        .map((element) => element.textContent);
      return {
        title: figure.querySelector('figcaption .heading').textContent,
        marks: seen.length,
        outside,
        label: svg.getAttribute('aria-label'),
        role: svg.getAttribute('role'),
      };
    }),
  );

const best_first = (models) =>
  models.toSorted((a, b) => a.metrics.rmse.value - b.metrics.rmse.value);

// The titles of the charts that a comparison asks for.
const charts_for = ({ data, ratings, lists }) => [
  ...(ratings ? charts_for_ratings(ratings) : []),
  ...(lists ? charts_for_lists(lists) : []),
  ...(data.profile ? charts_for_data(data) : []),
];
const differences = ({ models }) =>
  models.some((model) => model.difference_to_best)
    ? [`Differences to ${models.find((model) => model.difference_to_best === null).name}`]
    : [];
// The charts of the curves that are shown first: one of all models, or one for each.
function curves({ models }) {
  const [quantity] = quantities(models);
  if (!quantity) return [];
  if (!differ_in_scale(curve_table(models, quantity))) return ['All models'];
  return models.filter(({ curve }) => curve.length > 1).map(({ name }) => name);
}
const charts_for_ratings = (ratings) => [
  ...differences(ratings),
  ...curves(ratings),
  ...(ratings.models[0].breakdown ? ['Errors by ratings of the user'] : []),
  ...best_first(ratings.models)
    .filter((model) => model.residuals)
    .map(({ name }) => name),
  ...best_first(ratings.models)
    .filter((model) => model.predicted)
    .map(({ name }) => name),
];
const charts_for_lists = (lists) => [
  ...differences(lists),
  ...curves(lists),
  'NDCG at each cutoff',
  'Recall at each cutoff',
  'Exposure by popularity',
];
function charts_for_data({ feedback, profile }) {
  const rows = feedback === 'weights' ? 'interactions' : 'ratings';
  return [
    `Users by their number of ${rows}`,
    `Items by their number of ${rows}`,
    ...(profile.time ? [`${rows[0].toUpperCase()}${rows.slice(1)} over time`] : []),
    'The long tail',
  ];
}

// The texts that reach over the window's right edge.
const cut_off = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('td, th, dd, dt, p, h1, h2, li, pre, button, label')]
      .filter(
        (element) =>
          element.getBoundingClientRect().right > innerWidth + 0.5 && element.checkVisibility(),
      )
      .map((element) => element.textContent.trim().slice(0, 40)),
  );

async function scrolled_box(locator) {
  await locator.scrollIntoViewIfNeeded();
  return locator.boundingBox();
}

test('both scales can be linear or logarithmic, and the zoom stays', async () => {
  const { page, trouble } = await open(browser, pages['the fixture']);
  const pixels = () => drawing(chart_of(page));
  await page.getByRole('button', { name: 'Zoom in', exact: true }).first().click();
  const seen = new Set([await pixels()]);
  for (const box of ['logarithmic loss', 'logarithmic epochs', 'logarithmic loss']) {
    await page.getByLabel(box).first().click();
    await page.waitForTimeout(100);
    seen.add(await pixels());
    assert.ok(await show_all_of(page).isEnabled());
  }
  assert.equal(seen.size, 4);
  assert.deepEqual(trouble, []);
  await page.close();
});

test('the errors are broken down by what is chosen', async () => {
  const comparison = fixture();
  const { page, trouble } = await open(browser, pages['the fixture'], { width: 390 });
  for (const [key, button] of [
    ['item_ratings', 'ratings of the item'],
    ['value', 'rating'],
    ['time', 'time'],
    ['user_ratings', 'ratings of the user'],
  ]) {
    await page
      .getByRole('group', { name: 'Break the errors down by' })
      .getByRole('button', { name: button, exact: true })
      .click();
    const figure = page.locator('figure', { hasText: `Errors by ${button}` }).first();
    const groups = comparison.ratings.models[0].breakdown[key];
    assert.equal(
      await figure.locator('circle.mark').count(),
      groups.length * comparison.ratings.models.length,
    );
    const heights = await figure
      .locator('circle.mark')
      .evaluateAll((marks) => marks.map((mark) => Number(mark.getAttribute('cy'))));
    // als, which is drawn first; where the lines would hide each other and what is drawn is how
    // much worse the others are, the worst, which is drawn last.
    const errors = (m) => comparison.ratings.models[m].breakdown[key].map(({ rmse }) => rmse);
    const apart = /How much larger/.test(await figure.innerText());
    const best = apart ? errors(0).map((rmse, g) => rmse - errors(3)[g]) : errors(3);
    if (apart) heights.splice(0, heights.length - best.length);
    const sorted = best.map((_, g) => g).sort((a, b) => best[a] - best[b]);
    assert.deepEqual(
      best.map((_, g) => g).sort((a, b) => heights[b] - heights[a]),
      sorted,
      `${key}: the higher an error, the higher its dot`,
    );
    const charts = await charts_of(page);
    assert.deepEqual(
      charts.flatMap(({ outside }) => outside),
      [],
    );
  }
  assert.deepEqual(trouble, []);
  await page.close();
});

test('the legend switches one curve, a model, a part', async () => {
  const { page, trouble } = await open(browser, pages['the fixture']);
  const adam = () =>
    region(page, 'Loss curves')
      .locator(`polyline[stroke="${series(0)}"]`)
      .count();
  const pressed = () =>
    region(page, 'Loss curves').locator('td button[aria-pressed="true"]').count();
  const all = await pressed();

  await page.getByRole('button', { name: 'notebook-adam, test loss' }).click();
  assert.equal(await pressed(), all - 1);
  // One is off: all on.
  await page.getByRole('button', { name: 'notebook-adam', exact: true }).click();
  assert.equal(await pressed(), all);
  await page.getByRole('button', { name: 'notebook-adam', exact: true }).click();
  assert.equal(await pressed(), all - 2);
  assert.equal(await adam(), 0);
  await page.getByRole('button', { name: 'notebook-adam', exact: true }).click();
  assert.equal(await adam(), 2);
  await page.getByRole('button', { name: 'train', exact: true }).first().click();
  assert.equal(await pressed(), all - fixture().ratings.models.length);
  for (const button of await region(page, 'Loss curves').locator('thead button').all()) {
    if ((await button.getAttribute('aria-pressed')) === 'true') await button.click();
  }
  assert.equal(await pressed(), 0); // an empty chart is no trouble either
  assert.deepEqual(trouble, []);
  await page.close();
});

test('the keyboard reaches every control and reads the curves', async () => {
  const { page, trouble } = await open(browser, pages['the fixture']);
  // Enables `Show all`.
  for (const zoom_in of await page.getByRole('button', { name: 'Zoom in', exact: true }).all())
    await zoom_in.click();
  await page.evaluate(() => {
    document.activeElement.blur();
    getSelection().removeAllRanges();
    scrollTo(0, 0);
  });
  const kControls = 'button, input, summary, [tabindex="0"]';
  const controls = await page.locator(kControls).count();
  await page.locator('body').evaluate((body) => {
    body.tabIndex = -1;
    body.focus();
  });
  const reached = new Set();
  for (let i = 0; i < controls; ++i) {
    await page.keyboard.press('Tab');
    reached.add(
      await page.evaluate((all) => {
        const element = document.activeElement;
        const place = [...document.querySelectorAll(all)].indexOf(element);
        const outlined = getComputedStyle(element).outlineStyle !== 'none';
        const name =
          element.getAttribute('aria-label') ??
          element.closest('label')?.textContent ??
          element.textContent;
        return `${place} ${element.tagName} ${name} ${outlined}`;
      }, kControls),
    );
  }
  assert.equal(reached.size, controls);
  assert.ok(
    [...reached].every((name) => name.endsWith(' true')),
    `no outline: ${[...reached].filter((name) => !name.endsWith(' true'))}`,
  );

  const caption = page.locator('caption', { hasText: /epoch|training/ }).first();
  const show_all = show_all_of(page);
  await show_all.click();
  await page.getByRole('application', { name: 'Loss curves' }).first().focus();
  await page.keyboard.press('+');
  assert.ok(await show_all.isEnabled());
  await page.keyboard.press('0');
  assert.ok(await show_all.isDisabled());
  await page.keyboard.press('Home');
  assert.match(await caption.textContent(), /After 1 epoch\s*$/);
  await page.keyboard.press('ArrowRight');
  assert.match(await caption.textContent(), /After 2 epochs/);
  const reading = await page.getByRole('button', { name: /^als, test loss/ }).textContent();
  assert.equal(reading.trim(), fixture().ratings.models[3].curve[1].test_loss.toFixed(4));
  await page.keyboard.press('+');
  assert.ok(await show_all.isEnabled());
  await page.keyboard.press('Escape');
  assert.ok(await show_all.isDisabled());
  assert.deepEqual(trouble, []);
  await page.close();
});

test('the page follows when the theme changes', async () => {
  const { page } = await open(browser, pages['the fixture']);
  const stroke = () =>
    curves_of(page, 3)
      .first()
      .evaluate((curve) => getComputedStyle(curve).stroke);
  const light = await stroke();
  await in_theme(page, 'dark');
  assert.notEqual(await stroke(), light);
  await page.close();
});

test('lists have curves of their metric, and of the loss with its parts', async () => {
  const { page, trouble } = await open(browser, pages['the fixture']);
  const curves = region(page, 'Learning curves');
  const heads = () =>
    curves
      .locator('thead th')
      .allTextContents()
      .then((texts) => texts.map((text) => text.trim()));
  const pixels = () => drawing(curves.locator('.chart svg').first());
  assert.deepEqual(await heads(), ['validation', 'test']);
  const last = fixture().lists.models[1].curve.at(-1);
  assert.equal(
    (await curves.getByRole('button', { name: /^ials, test NDCG@10/ }).textContent()).trim(),
    last['test_ndcg@10'].toFixed(4),
  );
  const before = await pixels();
  await curves
    .getByRole('group', { name: 'Show the curves of' })
    .getByRole('button', { name: 'loss' })
    .click();
  assert.deepEqual(await heads(), ['train', 'observed', 'unobserved', 'regularization']);
  assert.equal(
    (await curves.getByRole('button', { name: /^ials, unobserved loss/ }).textContent()).trim(),
    last.train_unobserved.toFixed(4),
  );
  assert.notEqual(await pixels(), before);
  assert.deepEqual(trouble, []);
  await page.close();
});

test('a metric has a point at each cutoff, and exposure one for each tenth', async () => {
  const { lists } = fixture();
  const { page, trouble } = await open(browser, pages['the fixture'], { width: 390 });
  const heights = (title) =>
    page
      .locator('figure', { hasText: title })
      .locator('circle')
      .evaluateAll((marks) => marks.map((mark) => Number(mark.getAttribute('cy'))));
  const best = lists.models[1];
  const higher_is_higher = (of_best, values, title) => {
    const order = (numbers) =>
      numbers.map((_, n) => n).sort((a, b) => numbers[a] - numbers[b] || a - b);
    assert.deepEqual(order(of_best), order(values.map((value) => -value)), title);
  };
  const recalls = await heights('Recall at each cutoff');
  assert.equal(recalls.length, 5 * lists.models.length);
  higher_is_higher(
    recalls.slice(0, 5),
    [5, 10, 20, 50, 100].map((k) => best.metrics[`recall@${k}`].value),
    'recall',
  );
  const shares = await heights('Exposure by popularity');
  assert.equal(shares.length, 10 * lists.models.length);
  higher_is_higher(shares.slice(0, 4), best.exposure_by_popularity.slice(0, 4), 'exposure');
  assert.deepEqual(trouble, []);
  await page.close();
});

test('where values are no ratings, nothing is said of ratings', async () => {
  const { page, trouble } = await open(browser, pages['lists alone']);
  const text = await page.locator('main').innerText();
  assert.doesNotMatch(text, /RMSE|\bMAE\b|mean rating|\brat(ed|ings?)\b|null|NaN|undefined/);
  assert.match(text, /100,836 interactions of 9,724 items by 610 users/);
  assert.match(text, /all that a user chose/);
  assert.equal(await page.locator('.track').count(), 0);
  assert.deepEqual(trouble, []);
  await page.close();
});

describe('a comparison at its limits', () => {
  const shown = async (change) => {
    const comparison = fixture();
    delete comparison.lists;
    change(comparison.ratings, comparison);
    const { page, trouble } = await open(browser, report_page(comparison));
    assert.deepEqual(trouble, []);
    return page;
  };
  test('without models, samples, warnings', async () => {
    const page = await shown((c, { data }) => {
      c.models = [];
      c.samples = [];
      data.warnings = [];
      data.time_span = null;
      data.histogram = [];
    });
    assert.equal(await page.locator('.chart').count(), 0);
    await page.close();
  });
  test('with one model of one epoch and no spread', async () => {
    const page = await shown((c, { data }) => {
      c.models = [{ ...c.models[5], difference_to_best: null }];
      for (const m of Object.values(c.models[0].metrics)) m.low = m.high = m.value;
      c.models[0].curve = [{ epoch: 0, train_loss: 0 }];
      data.lowest = data.highest = 1;
    });
    assert.equal(await page.locator('.chart').count(), 1);
    await page.close();
  });
  test('with twelve models, a divergence and its advice', async () => {
    const page = await shown((c) => {
      c.models = [...c.models, ...c.models].map((m, i) => ({
        ...m,
        name: `model-${i}`,
        difference_to_best: i ? { value: 0, low: 0, high: 0 } : null,
      }));
      Object.assign(c.models[4], {
        ending: 'diverged',
        advice: 'loss not finite after epoch 7: try --learning-rate 0.01',
      });
    });
    assert.ok(await page.getByText('try --learning-rate 0.01').isVisible());
    await page.close();
  });
  test('by a metric of lists, of which more is better, and one without an interval', async () => {
    const page = await shown((_, comparison) => {
      const { lists } = fixture();
      const [model] = lists.models;
      delete comparison.ratings;
      comparison.lists = lists;
      lists.metrics = [
        { name: 'recall@10', better: 'higher' },
        { name: 'ndcg@10', better: 'higher' },
        { name: 'hit_rate@10', better: 'higher' },
      ];
      lists.models = [0, 1, 2].map((m) => ({
        ...model,
        name: `lists-${m}`,
        same_as_best: undefined,
        p_value_holm: undefined,
        metrics: {
          'recall@10': { value: 0.9, low: 0.8, high: 1 },
          'ndcg@10': { value: 0.2 + 0.1 * m, low: 0.1 + 0.1 * m, high: 0.3 + 0.1 * m },
          'hit_rate@10': { value: 0.4321 },
        },
        exposure: { 'coverage@10': 0.1234 },
        difference_to_best:
          m === 2
            ? null
            : {
                value: 0.1 * (m - 2),
                low: 0.1 * (m - 2) - 0.15 * m,
                high: 0.1 * (m - 2) + 0.15 * m,
              },
        over_seeds: { seeds: 3, metrics: { 'ndcg@10': { mean: 0.3, standard_deviation: 0.0123 } } },
      }));
    });
    const table = region(page, 'Models for lists');
    const texts = (locator) =>
      locator.allTextContents().then((all) => all.map((text) => text.trim()));
    const best_first = ['lists-2', 'lists-1', 'lists-0'];
    assert.deepEqual(
      await table.locator('tbody th bdi').allTextContents(),
      [...best_first, ...best_first],
      'the greatest first, in both tables',
    );
    assert.deepEqual(
      (await texts(table.locator('thead th'))).filter(
        (heading) => /@/.test(heading) && !/drawn/.test(heading),
      ),
      ['NDCG@10', 'Recall@10', 'Hit rate@10', 'Coverage@10'],
    );
    assert.match(
      await page.locator('.sum').textContent(),
      /lists-2\s+makes the best lists, with\s+an\s+NDCG@10 of\s+0\.4000/,
    );
    assert.match(
      await table.textContent(),
      /Lists of 597 users, by 9,811 test ratings of 4 or more, highest NDCG@10 first/,
    );
    assert.match(await table.textContent(), /13 users without one are left out\./);
    assert.match(await table.textContent(), /± 0\.0123 over 3 seeds/);
    assert.deepEqual(await texts(table.locator('td[data-label="Hit rate@10"]')), [
      '0.4321',
      '0.4321',
      '0.4321',
    ]);
    assert.deepEqual(
      await table
        .locator('td.gap')
        .evaluateAll((cells) => cells.map((cell) => /may be chance/.test(cell.textContent))),
      [false, true, false],
    );
    assert.match(
      await page.locator('figure svg').first().getAttribute('aria-label'),
      /^Forest plot of NDCG@10 minus that of lists-2/,
    );
    await page.close();
  });
  test('lists that no user can measure', async () => {
    const comparison = fixture();
    const { lists } = comparison;
    lists.split.tested = lists.split.tested_users = 0;
    lists.users_without_relevant = 610;
    for (const model of lists.models) {
      Object.assign(model, { metrics: {}, difference_to_best: null, same_as_best: false });
      for (const key of ['exposure', 'exposure_by_popularity', 'p_value', 'p_value_holm'])
        delete model[key];
    }
    const { page, trouble } = await open(browser, report_page(comparison));
    assert.deepEqual(trouble, []);
    assert.match(
      await region(page, 'Lists').textContent(),
      /Not measured: none of the 610 test users has anything relevant, which is a\s+test rating/,
    );
    assert.doesNotMatch(await page.locator('.sum').textContent(), /lists/);
    assert.equal(await page.getByText('in the test part, the true intervals').count(), 0);
    assert.equal(await page.getByText('Models for lists').count(), 0);
    await page.close();
  });
  test('the bare template says that it is empty', async () => {
    const { page, trouble } = await open(browser, template);
    assert.ok(await page.getByText('holds no comparison yet').isVisible());
    assert.deepEqual(trouble, []);
    await page.close();
  });
});
