// Whether everybody can use the page: axe's rules in both themes and widths, the keyboard, paper.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import axe from 'axe-core';
import {
  fixture,
  implicit_fixture,
  in_theme,
  launch,
  open,
  plain_fixture,
  report_page,
  settled,
} from './page.js';

let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

const violations = async (page) => {
  await page.evaluate(axe.source);
  const { violations: list, passes } = await page.evaluate(() =>
    window.axe.run({ resultTypes: ['violations'] }),
  );
  assert.ok(passes.length > 15, 'axe looked at nothing');
  return list
    .filter(({ impact }) => ['serious', 'critical'].includes(impact))
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target}: ${failureSummary}`),
    );
};

for (const width of [1280, 390]) {
  test(`axe finds nothing serious, ${width} pixels wide, dark and light`, async () => {
    const { page, trouble } = await open(browser, report_page(fixture()), {
      width,
      colorScheme: 'dark',
    });
    // All that opens is open.
    await page.locator('summary').click();
    await page.getByLabel('Find an item').fill('river');
    await page.locator('.found button').first().focus();
    await page
      .getByRole('group', { name: 'Break the errors down by' })
      .getByRole('button')
      .last()
      .click();
    for (const colorScheme of ['dark', 'light']) {
      await in_theme(page, colorScheme);
      assert.deepEqual(await violations(page), [], colorScheme);
    }
    assert.deepEqual(trouble, []);
    await page.close();
  });
}

for (const [name, comparison] of [
  ['a plain comparison', plain_fixture()],
  ['lists alone', implicit_fixture()],
])
  test(`axe finds nothing serious on ${name}`, async () => {
    const { page } = await open(browser, report_page(comparison));
    assert.deepEqual(await violations(page), []);
    await page.close();
  });

test('this test would notice: axe finds a button without a name, and grey on grey', async () => {
  const { page } = await open(browser, report_page(plain_fixture()));
  await page.evaluate(() => {
    document.querySelector('main').append(document.createElement('button'));
    document.querySelector('h1').style.color = '#ccc';
  });
  const found = await violations(page);
  assert.ok(
    found.some((text) => text.startsWith('button-name')) &&
      found.some((text) => text.startsWith('color-contrast')),
    found.join(),
  );
  await page.close();
});

test('on paper the page is light, whole, and without what can only be pressed', async () => {
  const { page } = await open(browser, report_page(fixture()), { colorScheme: 'dark' });
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await settled(page);
  assert.equal(
    await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor),
    'rgb(255, 255, 255)',
  );
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  assert.ok(await page.getByText('learning_rate').first().isVisible());
  for (const name of ['Zoom in', 'Copy the command', 'Show all items'])
    assert.ok(await page.getByRole('button', { name, exact: true }).first().isHidden(), name);
  // This one has a number on it.
  assert.ok(await page.getByRole('button', { name: /^als, test loss/ }).isVisible());
  await page.evaluate(() => dispatchEvent(new Event('afterprint')));
  assert.ok(await page.getByText('learning_rate').first().isHidden());
  await page.close();
});

for (const clipboard of [true, false]) {
  const how = clipboard ? '' : ', without the clipboard interface, too';
  test(`a button copies the command${how}`, async () => {
    const { page, trouble } = await open(browser, report_page(fixture()));
    if (!clipboard)
      await page.evaluate(() =>
        Object.defineProperty(navigator, 'clipboard', { value: undefined }),
      );
    const button = page.getByRole('button', { name: 'Copy the command' });
    await button.focus();
    await page.keyboard.press('Enter');
    await page.getByText('Copied').waitFor();
    assert.ok(await button.evaluate((element) => element === document.activeElement));
    const box = page.getByLabel('Find an item');
    await box.focus();
    await page.keyboard.press('Control+V');
    assert.equal(await box.inputValue(), fixture().command);
    assert.deepEqual(trouble, []);
    await page.close();
  });
}
