// node screenshot.js PAGE.html FOLDER: the pictures of the README. report.png is the page down to
// its loss curves, report_lists.png its lists down to theirs, report_map.png its map, all 1280
// pixels wide; report_phone.png is the upper part on a phone.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { launch, open } from './page.js';

const [, , path, folder] = process.argv;
const html = readFileSync(path, 'utf8');
const browser = await launch();

const { page: desk } = await open(browser, html);
await desk.waitForTimeout(300);
const box = (name) =>
  desk.getByRole('region', { name, exact: true }).evaluate((section) => {
    const { top, bottom } = section.getBoundingClientRect();
    return { top: top + window.scrollY, bottom: bottom + window.scrollY };
  });
const picture = (name, from, to) =>
  desk.screenshot({
    path: join(folder, name),
    fullPage: true,
    clip: { x: 0, y: from, width: 1280, height: Math.ceil(to - from) + 32 },
  });
await picture('report.png', 0, (await box('Loss curves')).bottom);
await picture('report_lists.png', (await box('Lists')).top, (await box('Learning curves')).bottom);

const map = desk.locator('figure:has(.map)');
if ((await map.count()) > 0) {
  await map.scrollIntoViewIfNeeded();
  await desk.waitForTimeout(1500); // it is drawn when it is seen
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
