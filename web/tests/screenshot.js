// node screenshot.js PAGE.html OUT.png: the page down to its loss curves, 1280 pixels wide.
import { readFileSync } from 'node:fs';
import { launch, open } from './page.js';

const [, , path, out] = process.argv;
const browser = await launch();
const { page } = await open(browser, readFileSync(path, 'utf8'));
await page.waitForTimeout(300);
const end = await page.locator('section', { has: page.locator('canvas') }).evaluate((section) => section.getBoundingClientRect().bottom);
await page.screenshot({ path: out, fullPage: true, clip: { x: 0, y: 0, width: 1280, height: Math.ceil(end) + 32 } });
await browser.close();
