// The page in a real browser, opened from file://: the fixture's, and, where PALATE_REPORT_PAGE
// names a page that `palate report` wrote, that one too.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { readFileSync } from 'node:fs';
import {
  colours_of,
  fixture,
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
};
if (process.env.PALATE_REPORT_PAGE)
  pages['palate report'] = readFileSync(process.env.PALATE_REPORT_PAGE, 'utf8');

const comparison_of = (page) =>
  page.evaluate(() => JSON.parse(document.getElementById('palate-data').textContent));

for (const [name, html] of Object.entries(pages)) {
  for (const width of [1280, 390]) {
    test(`${name} shows all of itself, ${width} pixels wide, dark and light`, async () => {
      const { page, trouble } = await open(browser, html, { width, colorScheme: 'dark' });
      const comparison = await comparison_of(page);
      const { models, samples, data } = comparison;
      const canvas = page.locator('.chart canvas');
      for (const colorScheme of ['dark', 'light']) {
        await in_theme(page, colorScheme);
        assert.equal(await page.locator('canvas').count(), comparison.taste ? 2 : 1);
        for (const drawn of await page.locator('canvas').all())
          assert.ok((await colours_of(drawn)).size > 20, 'a canvas is blank');
        const line = await page.evaluate(() =>
          getComputedStyle(document.documentElement).getPropertyValue('--series-0'),
        );
        assert.ok(await shows_colour(canvas, line), `no curve in ${line}`);

        assert.equal(
          await page.locator('section', { hasText: 'Models' }).first().locator('tbody tr').count(),
          models.length,
        );
        assert.equal(await page.locator('.title').count(), samples.length);
        assert.equal(await page.locator('.track').count(), data.histogram.length);
        for (const part of [
          'Models',
          'Loss curves',
          'Sample predictions',
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
    const show_all = page.getByRole('button', { name: 'Show all', exact: true });
    const pixels = () => page.locator('.chart canvas').evaluate((canvas) => canvas.toDataURL());
    const whole = await pixels();
    assert.ok(await show_all.isDisabled());
    const box = await scrolled_box(page.locator('.u-over'));
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
const charts_for = ({ data, models }) => [
  ...(models.some((model) => model.difference_to_best)
    ? [`Differences to ${best_first(models)[0].name}`]
    : []),
  ...(models[0].breakdown ? ['Errors by ratings of the user'] : []),
  ...best_first(models)
    .filter((model) => model.residuals)
    .map(({ name }) => name),
  ...best_first(models)
    .filter((model) => model.predicted)
    .map(({ name }) => name),
  ...(data.profile ? ['Users by their number of ratings', 'Items by their number of ratings'] : []),
  ...(data.profile?.time ? ['Ratings over time'] : []),
  ...(data.profile ? ['The long tail'] : []),
];

// Whether a canvas has a pixel of this very colour.
const shows_colour = async (canvas, hex) =>
  (await colours_of(canvas)).has(parseInt(hex.trim().slice(1), 16));

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
  const pixels = () => page.locator('.chart canvas').evaluate((canvas) => canvas.toDataURL());
  await page.getByRole('button', { name: 'Zoom in', exact: true }).click();
  const seen = new Set([await pixels()]);
  for (const box of ['logarithmic loss', 'logarithmic epochs', 'logarithmic loss']) {
    await page.getByLabel(box).click();
    await page.waitForTimeout(100);
    seen.add(await pixels());
    assert.ok(await page.getByRole('button', { name: 'Show all', exact: true }).isEnabled());
  }
  assert.equal(seen.size, 4);
  assert.equal(await page.locator('.chart canvas').count(), 1);
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
    const groups = comparison.models[0].breakdown[key];
    assert.equal(
      await figure.locator('circle.mark').count(),
      groups.length * comparison.models.length,
    );
    const heights = await figure
      .locator('circle.mark')
      .evaluateAll((marks) => marks.map((mark) => Number(mark.getAttribute('cy'))));
    // als, which is drawn first.
    const best = comparison.models[3].breakdown[key].map(({ rmse }) => rmse);
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
  const canvas = page.locator('.chart canvas');
  const adam = await page.evaluate(() =>
    getComputedStyle(document.documentElement).getPropertyValue('--series-0'),
  );
  const pressed = () => page.locator('td button[aria-pressed="true"]').count();
  const all = await pressed();

  await page.getByRole('button', { name: 'notebook-adam, test loss' }).click();
  assert.equal(await pressed(), all - 1);
  // One is off: all on.
  await page.getByRole('button', { name: 'notebook-adam', exact: true }).click();
  assert.equal(await pressed(), all);
  await page.getByRole('button', { name: 'notebook-adam', exact: true }).click();
  assert.equal(await pressed(), all - 2);
  await page.waitForTimeout(100);
  assert.ok(!(await shows_colour(canvas, adam)));
  await page.getByRole('button', { name: 'notebook-adam', exact: true }).click();
  await page.waitForTimeout(100);
  assert.ok(await shows_colour(canvas, adam));
  await page.getByRole('button', { name: 'train', exact: true }).click();
  assert.equal(await pressed(), all - fixture().models.length);
  for (const button of await page.locator('thead button').all()) {
    if ((await button.getAttribute('aria-pressed')) === 'true') await button.click();
  }
  assert.equal(await pressed(), 0); // an empty chart is no trouble either
  assert.deepEqual(trouble, []);
  await page.close();
});

test('the keyboard reaches every control and reads the curves', async () => {
  const { page, trouble } = await open(browser, pages['the fixture']);
  await page.getByRole('button', { name: 'Zoom in', exact: true }).click(); // enables `Show all`
  await page.evaluate(() => {
    document.activeElement.blur();
    getSelection().removeAllRanges();
    scrollTo(0, 0);
  });
  const controls = await page.locator('button, input, summary, [tabindex="0"]').count();
  await page.locator('body').evaluate((body) => {
    body.tabIndex = -1;
    body.focus();
  });
  const reached = new Set();
  for (let i = 0; i < controls; ++i) {
    await page.keyboard.press('Tab');
    reached.add(
      await page.evaluate(() => {
        const element = document.activeElement;
        const outlined = getComputedStyle(element).outlineStyle !== 'none';
        const name =
          element.getAttribute('aria-label') ??
          element.closest('label')?.textContent ??
          element.textContent;
        return `${element.tagName} ${name} ${outlined}`;
      }),
    );
  }
  assert.equal(reached.size, controls);
  assert.ok(
    [...reached].every((name) => name.endsWith(' true')),
    `no outline: ${[...reached].filter((name) => !name.endsWith(' true'))}`,
  );

  const caption = page.locator('caption', { hasText: /epoch|training/ });
  const show_all = page.getByRole('button', { name: 'Show all', exact: true });
  await page.getByRole('application', { name: 'Loss curves' }).focus();
  await page.keyboard.press('0');
  assert.ok(await show_all.isDisabled());
  await page.keyboard.press('Home');
  assert.match(await caption.textContent(), /After 1 epoch\s*$/);
  await page.keyboard.press('ArrowRight');
  assert.match(await caption.textContent(), /After 2 epochs/);
  const reading = await page.getByRole('button', { name: /^als, test loss/ }).textContent();
  assert.equal(reading.trim(), fixture().models[3].curve[1].test_loss.toFixed(4));
  await page.keyboard.press('+');
  assert.ok(await show_all.isEnabled());
  await page.keyboard.press('Escape');
  assert.ok(await show_all.isDisabled());
  assert.deepEqual(trouble, []);
  await page.close();
});

test('the page follows when the theme changes', async () => {
  const { page } = await open(browser, pages['the fixture']);
  const series = () =>
    page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--series-3'));
  const light = await series();
  await in_theme(page, 'dark');
  const dark = await series();
  assert.notEqual(dark, light);
  assert.ok(await shows_colour(page.locator('.chart canvas'), dark));
  assert.ok(!(await shows_colour(page.locator('.chart canvas'), light)));
  await page.close();
});

describe('a comparison at its limits', () => {
  const shown = async (change) => {
    const comparison = fixture();
    change(comparison);
    const { page, trouble } = await open(browser, report_page(comparison));
    assert.deepEqual(trouble, []);
    return page;
  };
  test('without models, samples, warnings', async () => {
    const page = await shown((c) => {
      c.models = [];
      c.samples = [];
      c.data.warnings = [];
      c.data.time_span = null;
      c.data.histogram = [];
    });
    assert.equal(await page.locator('.chart canvas').count(), 0);
    await page.close();
  });
  test('with one model of one epoch and no spread', async () => {
    const page = await shown((c) => {
      c.models = [{ ...c.models[5], difference_to_best: null }];
      for (const m of Object.values(c.models[0].metrics)) m.low = m.high = m.value;
      c.models[0].curve = [{ epoch: 0, train_loss: 0 }];
      c.data.lowest = c.data.highest = 1;
    });
    assert.equal(await page.locator('.chart canvas').count(), 1);
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
    const page = await shown((c) => {
      c.task = 'lists';
      c.metrics = [
        { name: 'recall@10', better: 'higher' },
        { name: 'ndcg@10', better: 'higher' },
        { name: 'coverage@10', better: 'neither' },
      ];
      c.primary = 'ndcg@10';
      c.models = c.models.slice(0, 3).map(({ breakdown, residuals, predicted, ...model }, m) => ({
        ...model,
        name: `lists-${m}`,
        metrics: {
          'recall@10': { value: 0.9, low: 0.8, high: 1 },
          'ndcg@10': { value: 0.2 + 0.1 * m, low: 0.1 + 0.1 * m, high: 0.3 + 0.1 * m },
          'coverage@10': { value: 0.4321 },
        },
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
      c.samples = [];
    });
    const table = page.locator('section', { hasText: 'Models' }).first();
    assert.deepEqual(
      await table.locator('tbody th bdi').allTextContents(),
      ['lists-2', 'lists-1', 'lists-0'],
      'the greatest first',
    );
    assert.deepEqual(
      (await table.locator('thead th').allTextContents()).filter(
        (heading) => /@/.test(heading) && !/drawn/.test(heading),
      ),
      ['NDCG@10', 'RECALL@10', 'COVERAGE@10'],
    );
    assert.match(
      await page.locator('.sum').textContent(),
      /lists-2 is best, with\s+NDCG@10 of\s+0\.4000/,
    );
    assert.match(await table.textContent(), /Lists on .*, highest NDCG@10 first/);
    assert.match(await table.textContent(), /± 0\.0123 over 3 seeds/);
    assert.deepEqual(
      await table
        .locator('td[data-label="COVERAGE@10"]')
        .allTextContents()
        .then((texts) => texts.map((text) => text.trim())),
      ['0.4321', '0.4321', '0.4321'],
    );
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
  test('the bare template says that it is empty', async () => {
    const { page, trouble } = await open(browser, template);
    assert.ok(await page.getByText('holds no comparison yet').isVisible());
    assert.deepEqual(trouble, []);
    await page.close();
  });
});
