// Titles are data, never markup.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fixture, launch, open, report_page } from './page.js';

// Whatever of these runs sets window.ran, opens a dialog, or asks for a file.
const kTitles = [
  '<script>window.ran = 1</script>',
  '</script><script>window.ran = 2</script>',
  '</SCRIPT\t><script>window.ran = 3</script>',
  '</script foo="><script>window.ran = 4</script>',
  '<!--<script>',
  '<!-- --!><script>window.ran = 5</script>',
  ']]><script>window.ran = 6</script>',
  '<![CDATA[<script>window.ran = 7</script>]]>',
  '<img src=x onerror="window.ran = 8">',
  '<img src="http://127.0.0.1:9/pixel.png">',
  '<svg onload=window.ran=9>',
  '<svg><script>window.ran = 10</script></svg>',
  '<svg><animate onbegin=alert(1) attributeName=x dur=1s>',
  '<iframe src="javascript:parent.ran = 11"></iframe>',
  '<iframe srcdoc="<script>parent.ran = 12</script>"></iframe>',
  '<details open ontoggle=alert(2)>',
  '<body onload=alert(3)>',
  '<input autofocus onfocus=window.ran=13>',
  '<link rel=stylesheet href="http://127.0.0.1:9/a.css">',
  '<meta http-equiv=refresh content="0;url=http://127.0.0.1:9/">',
  '<base href="http://127.0.0.1:9/">',
  '<object data="javascript:alert(4)"></object>',
  '<style>@import "http://127.0.0.1:9/b.css";</style>',
  '<a href="javascript:alert(5)">Alien (1979)</a>',
  '<math><mtext></mtext><mglyph><style></math><img src onerror=alert(6)>',
  '<template><script>window.ran = 14</script></template>',
  'javascript:window.ran=15',
  'data:text/html,<script>window.ran=16</script>',
  '" onmouseover="window.ran = 17" x="',
  "' autofocus onfocus='window.ran = 18",
  '&lt;script&gt;window.ran = 19&lt;/script&gt;',
  '&#60;img src=x onerror=alert(7)&#62; &amp; &copy; &nbsp;',
  '{{constructor.constructor("window.ran = 20")()}} ' +
    '${window.ran = 21} {@html "<b>"} {window.ran = 22}',
  '\u202Egnp.exe \u2066Amelie\u2069 \u200F\u05D0\u05D1\u05D2',
  'before\u0000after \u0001\u0008\u001B[31m\u007F\uFFFE',
  'line\u2028separator\u2029paragraph\u0085next\r\nline\ttab',
  '\\u003cscript\\u003ewindow.ran = 23\\u003c/script\\u003e \\" \\\\',
  '\uD83D\uDC69\u200D\uD83D\uDE80 Z\u0351\u036B\u0343a\u0363\u0346l\u034Ago \uD800 lone',
  '`-alert(8)-`";alert(9)//',
  `${'A'.repeat(3000)} __proto__ constructor`,
];

let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

// Every text of the comparison is a hostile one.
function hostile_comparison() {
  const comparison = fixture({ items: 2 * kTitles.length, titles: kTitles });
  const predictions = Object.fromEntries(comparison.ratings.models.map((model) => [model.name, 3]));
  comparison.ratings.samples = kTitles.map((title, t) => ({
    user: kTitles.at(t - 1),
    item: kTitles.at(t - 2),
    title,
    actual: 4,
    predictions,
  }));
  comparison.data.name = comparison.data.file = comparison.command = kTitles[1];
  comparison.data.digest =
    comparison.ratings.split.method =
    comparison.ratings.split.description =
    comparison.lists.split.method =
    comparison.lists.split.description =
    comparison.palate =
      kTitles[1];
  comparison.data.warnings = kTitles.map((title) => ({ message: title, option: title }));
  const rename = (block, names) => {
    const renamed = (name) => names[name] ?? name;
    for (const metric of block.metrics) metric.name = renamed(metric.name);
    block.primary = renamed(block.primary);
    for (const model of block.models) {
      model.metrics = Object.fromEntries(
        Object.entries(model.metrics).map(([name, interval]) => [renamed(name), interval]),
      );
    }
  };
  rename(comparison.ratings, { rmse: kTitles[10], mae: '__proto__', mse: kTitles[16] });
  rename(comparison.lists, {
    'ndcg@10': kTitles[0],
    'map@10': '__proto__',
    'recall@10': `${kTitles[8]}@10`,
    'recall@20': `${kTitles[8]}@20`,
  });
  comparison.lists.models[1].curve.forEach((record) => {
    record[`validation_${kTitles[3]}`] = record[`train_${kTitles[4]}`] = 0.5;
  });
  comparison.lists.models[1].exposure = { [kTitles[5]]: 1, constructor: 2, __proto: 3 };
  for (const block of [comparison.ratings, comparison.lists]) {
    block.models.forEach((model, m) => {
      model.description = kTitles[m];
    });
    block.metrics.forEach((metric, m) => {
      metric.description = kTitles[m];
    });
  }
  comparison.taste.model = comparison.taste.ratings_model = kTitles[0];
  // Five of the forty at a time would not show them all.
  comparison.taste.users = kTitles.map((title, t) => ({
    user: title,
    ratings: 3,
    liked: [{ item: title, title, rating: 4 }],
    recommended: [
      {
        item: title,
        title,
        rating: 4,
        because: [
          { what: kTitles.at(t - 1), rating: 5, adds: 0.5 },
          { what: title, adds: -0.1 },
        ],
      },
    ],
  }));
  comparison.taste.map.genres = comparison.taste.map.genres.map(
    (_, i) => ['other', '__proto__', ...kTitles][i % 9],
  );
  [...comparison.ratings.models, ...comparison.lists.models].forEach((model, m) => {
    model.options = Object.fromEntries(kTitles.map((title) => [title, title]));
    model.advice = model.algorithm = kTitles[m];
    if (m > 0) model.name = ['', '__proto__', 'constructor', ...kTitles][m];
  });
  return comparison;
}

test('there are forty hostile titles', () => assert.equal(new Set(kTitles).size, 40));

const kUnsealed = 'even without the content security policy';
test(`nothing of them runs, and they are shown as typed, ${kUnsealed}`, async () => {
  const context = await browser.newContext({ bypassCSP: true });
  const { page, trouble } = await open(context, report_page(hostile_comparison()));
  for (const summary of await page.locator('summary').all()) await summary.click();
  for (const button of await page.locator('button:enabled').all())
    await button.dispatchEvent('click');
  for (const title of await page.locator('.title').all()) await title.hover();
  await page.waitForTimeout(300);

  assert.equal(await page.evaluate(() => window.ran), undefined);
  assert.deepEqual(trouble, []);
  // A lone surrogate cannot be written to a file: the page has U+FFFD for it, as UTF-8 has.
  const typed = kTitles.map((title) =>
    title.replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])/g, (half) =>
      JSON.parse(`"\\u${half.charCodeAt().toString(16)}"`),
    ),
  );
  assert.deepEqual(
    await page.locator('.title').evaluateAll((titles) => titles.map((title) => title.textContent)),
    typed,
  );
  assert.deepEqual(
    await page
      .locator('.warnings bdi')
      .evaluateAll((messages) => messages.map((message) => message.textContent)),
    typed,
  );
  assert.equal(await page.locator('h1').textContent(), kTitles[1]);
  for (const part of ['article .liked', 'article .what']) {
    assert.deepEqual(
      await page
        .locator(`${part} bdi`)
        .evaluateAll((titles) => titles.map((title) => title.textContent)),
      typed,
      part,
    );
  }
  for (const title of typed) {
    await page.getByLabel('Find an item').fill(title.slice(0, 6));
    const match = await page
      .locator('.match')
      .evaluateAll(
        (found, wanted) => found.findIndex((element) => element.textContent === wanted),
        title,
      );
    assert.ok(match >= 0, `${title} is not found`);
    await page.locator('.found button').nth(match).focus();
    assert.equal(await page.locator('.tip .name').textContent(), title);
  }
  assert.equal(await page.evaluate(() => window.ran), undefined);
  assert.deepEqual(trouble, []);
  // What the titles spell was not made: all elements are the page's own.
  const foreign =
    'img, iframe, object, base, a:not(nav a), math, template, details details, ' +
    '[onerror], [onload], [onfocus], [onmouseover]';
  assert.equal(await page.locator(foreign).count(), 0);
  assert.equal(await page.locator('script').count(), 2);
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 900 });
    assert.ok(
      await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
      `wider than ${width} pixels`,
    );
  }
  await context.close();
});

test('this test would notice: unescaped, they do run', async () => {
  const context = await browser.newContext({ bypassCSP: true });
  const raw = JSON.stringify(kTitles[1]);
  const html = report_page(fixture()).replace('id="palate-data">', (marker) => marker + raw);
  const { page } = await open(context, html);
  assert.equal(await page.evaluate(() => window.ran), 2);
  await context.close();
});

test('the page may open no connection', async () => {
  const { page } = await open(browser, report_page(fixture()));
  const refused = page.evaluate(
    () =>
      new Promise((resolve) => {
        document.addEventListener(
          'securitypolicyviolation',
          (event) => resolve(event.effectiveDirective),
          { once: true },
        );
        fetch('http://127.0.0.1:9/').catch(() => {});
      }),
  );
  assert.equal(await refused, 'connect-src');
  await page.close();
});
