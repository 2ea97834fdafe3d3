// The page printed to PDF in a real browser, and read back from it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { getDocumentProxy } from 'unpdf';
import { fixture, implicit_fixture, launch, open, report_page } from './page.js';

let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

const pages = {
  'the fixture': report_page(fixture()),
  'lists alone': report_page(implicit_fixture()),
};
if (process.env.PALATE_REPORT_PAGE)
  pages['palate report'] = readFileSync(process.env.PALATE_REPORT_PAGE, 'utf8');

// The texts of each page of the PDF, in its order, as {text, x, y, width}, and the paper's width.
async function printed(page, format) {
  const pdf = await getDocumentProxy(new Uint8Array(await page.pdf({ format })));
  const sheets = await Promise.all(
    Array.from({ length: pdf.numPages }, (_, p) => pdf.getPage(p + 1)),
  );
  const texts = await Promise.all(sheets.map((sheet) => sheet.getTextContent()));
  return {
    width: sheets[0].view[2],
    pages: texts.map(({ items }) =>
      items
        .map(({ str, transform, width }) => ({
          text: str.trim(),
          x: transform[4],
          y: transform[5],
          width,
        }))
        .filter(({ text }) => text !== ''),
    ),
  };
}
const headings_of = (page) =>
  page
    .locator('section > header :is(h2, h3), .parts > div > :is(h3, h4), summary')
    .allTextContents()
    .then((texts) => texts.map((text) => text.trim()));

for (const [name, html] of Object.entries(pages)) {
  for (const format of ['A4', 'Letter']) {
    // A phone, too: what is printed is as wide as the paper and not as the screen was.
    for (const width of [1280, 390]) {
      test(`${name} on ${format}, from a screen of ${width} pixels`, async () => {
        const { page, trouble } = await open(browser, html, { width, colorScheme: 'dark' });
        const comparison = await page.evaluate(() =>
          JSON.parse(document.getElementById('palate-data').textContent),
        );
        const { width: paper, pages: sheets } = await printed(page, format);
        assert.ok(sheets.length < 10, `${sheets.length} pages`);
        const all = sheets.flat();

        // Every curve's chart goes on to its last epoch.
        const { models } = comparison.ratings ?? comparison.lists;
        const epochs = models.map(({ curve }) => (curve.length > 1 ? curve.at(-1).epoch + 1 : 1));
        assert.ok(
          all.some(({ text }) => text === String(Math.max(...epochs))),
          `no tick at epoch ${Math.max(...epochs)}`,
        );
        // Nothing is cut: all text stands between the margins.
        for (const { text, x, width: taken } of all)
          assert.ok(x >= 36 && x + taken <= paper - 36, `${text} at ${x} of ${paper}`);
        // Tables are tables: a model's name and its figures stand in one line.
        const { primary } = comparison.ratings ?? comparison.lists;
        const figure = models[0].metrics[primary].value.toFixed(4);
        assert.ok(
          sheets.some((texts) => {
            const line = texts.filter(({ text }) => text === models[0].name);
            return texts.some(
              ({ text, y }) => text === figure && line.some((one) => Math.abs(one.y - y) < 4),
            );
          }),
          `${models[0].name} and ${figure} are not in one line`,
        );
        // No heading is the last of its page.
        const headings = await headings_of(page);
        for (const texts of sheets) {
          const lowest = texts.reduce((a, b) => (b.y < a.y ? b : a));
          assert.ok(!headings.includes(lowest.text), `${lowest.text} stands alone`);
        }
        for (const pressed of ['Zoom in', 'Show all', 'Copy the command', 'Drag to zoom'])
          assert.ok(!all.some(({ text }) => text.includes(pressed)), pressed);

        // The screen is as it was.
        assert.ok(
          await page.getByRole('button', { name: 'Zoom in', exact: true }).first().isVisible(),
        );
        assert.deepEqual(trouble, []);
        await page.close();
      });
    }
  }
}
