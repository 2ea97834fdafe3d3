// node screenshot.js PAGE.html FOLDER: the pictures of the README. report.png is the page down to
// its loss curves, report_map.png its map, both 1280 pixels wide; report_phone.png is the upper
// part on a phone.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { launch, open } from './page.js';

const [, , path, folder] = process.argv;
const html = readFileSync(path, 'utf8');
const browser = await launch();

const { page: desk } = await open(browser, html);
await desk.waitForTimeout(300);
const end = await desk
  .locator('section', { has: desk.locator('.chart canvas') })
  .evaluate((section) => section.getBoundingClientRect().bottom);
await desk.screenshot({
  path: join(folder, 'report.png'),
  fullPage: true,
  clip: { x: 0, y: 0, width: 1280, height: Math.ceil(end) + 32 },
});

const map = desk.locator('figure:has(.map)');
if ((await map.count()) > 0) {
  await map.scrollIntoViewIfNeeded();
  const { y, height } = await map.boundingBox();
  await desk.screenshot({
    path: join(folder, 'report_map.png'),
    clip: { x: 0, y: y - 24, width: 1280, height: height + 48 },
  });
}

const { page: phone } = await open(browser, html, { width: 390, height: 844 });
await phone.waitForTimeout(300);
await phone.screenshot({
  path: join(folder, 'report_phone.png'),
  fullPage: true,
  clip: { x: 0, y: 0, width: 390, height: 1560 },
});
await browser.close();
