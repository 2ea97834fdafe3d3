// What the tests share: the page as the C++ makes it, and the browser to open it in.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { implicit, whole } from './whole.js';

export const template = readFileSync(new URL('../template/report.html', import.meta.url), 'utf8');
// What `compare` measures of ratings at the least; the same with everything that a page can draw,
// for both tasks; and that of a table without ratings.
export const plain_fixture = () =>
  JSON.parse(readFileSync(new URL('fixture.json', import.meta.url), 'utf8'));
export const fixture = (options) => whole(plain_fixture(), options);
export const implicit_fixture = () => implicit(fixture());

// As src/experiment/report_page.cc does it.
export function report_page(comparison) {
  const escapes = { '<': '\\u003c', '\u2028': '\\u2028', '\u2029': '\\u2029' };
  const data = JSON.stringify(comparison).replace(
    /[<\u2028\u2029]/g,
    (character) => escapes[character],
  );
  return template.replace('id="palate-data">', (marker) => marker + data);
}

// The headless shell is Chromium without what only its windows need: a page opens in half the time.
const kBrowsers = [
  process.env.PALATE_CHROMIUM,
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

export function launch() {
  const executablePath = kBrowsers.find((path) => path && existsSync(path));
  if (!executablePath)
    throw new Error(
      'no Chromium: install the package chromium-headless-shell or chromium, ' +
        'or name one in PALATE_CHROMIUM',
    );
  return chromium.launch({
    // with a new, empty profile
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

// Opens a page, given as HTML or as the path of a file, from file://. `trouble` collects what must
// not happen: console errors, exceptions, dialogs, requests for anything but the page itself.
export async function open(
  browser,
  html_or_path,
  { width = 1280, height = 900, colorScheme = 'light' } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'palate-page-'));
  const path = html_or_path.startsWith('/') ? html_or_path : join(folder, 'report.html');
  if (path !== html_or_path) writeFileSync(path, html_or_path);
  const url = pathToFileURL(path).href;

  const page = await browser.newPage({ viewport: { width, height }, colorScheme });
  const trouble = [];
  page.on(
    'console',
    (message) =>
      ['error', 'warning'].includes(message.type()) && trouble.push(`console: ${message.text()}`),
  );
  page.on('pageerror', (error) => trouble.push(`exception: ${error.message}`));
  page.on('dialog', (dialog) => {
    trouble.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on(
    'request',
    (request) =>
      request.url() !== url &&
      request.url() !== 'data:,' &&
      trouble.push(`request: ${request.url()}`),
  );
  await page.goto(url);
  await page.waitForSelector('h1');
  page.on('close', () => rmSync(folder, { recursive: true, force: true }));
  return { page, trouble };
}

export const settled = (page) =>
  page.evaluate(
    () =>
      new Promise((resolve) => {
        requestAnimationFrame(() => requestAnimationFrame(resolve));
      }),
  );
export async function in_theme(page, colorScheme) {
  await page.emulateMedia({ colorScheme });
  await settled(page);
}

// The colours of a canvas: each as 0xRRGGBB, opaque ones only.
export const colours_of = async (canvas) =>
  new Set(
    await canvas.evaluate((element) => {
      const copy = new OffscreenCanvas(element.width, element.height).getContext('2d', {
        willReadFrequently: true,
      });
      copy.drawImage(element, 0, 0);
      const { data } = copy.getImageData(0, 0, element.width, element.height);
      const colours = new Set();
      for (let i = 0; i < data.length; i += 4)
        if (data[i + 3] === 255) colours.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
      return [...colours];
    }),
  );
