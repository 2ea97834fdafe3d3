// The map of the items and the recommendations, in a real browser.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  colours_of,
  fixture,
  implicit_fixture,
  in_theme,
  launch,
  open,
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

const canvas_of = (page) => page.locator('.map canvas');
const pixels = (page) => canvas_of(page).evaluate((canvas) => canvas.toDataURL());
const token = (page, name) =>
  page.evaluate(
    (of) => getComputedStyle(document.documentElement).getPropertyValue(of).trim(),
    name,
  );
const rgb = (hex) => parseInt(hex.slice(1), 16);
const shows = async (page, hex) => (await colours_of(canvas_of(page))).has(rgb(hex));

// Brings the map into the window and gives its box.
async function map_box(page) {
  await page.locator('.map').scrollIntoViewIfNeeded();
  await settled(page);
  return page.locator('.map').boundingBox();
}

for (const width of [1280, 390]) {
  const where = `${width} pixels wide, dark and light`;
  test(`the map has a dot in the colour of every genre and decade, ${where}`, async () => {
    const { page, trouble } = await open(browser, report_page(fixture()), {
      width,
      colorScheme: 'dark',
    });
    await map_box(page);
    for (const colorScheme of ['dark', 'light']) {
      await in_theme(page, colorScheme);
      for (const [by, name, groups] of [
        ['genre', '--series-', 6],
        ['year', '--ramp-', 6],
      ]) {
        await page
          .getByRole('group', { name: 'Color the map by' })
          .getByRole('button', { name: by })
          .click();
        await settled(page);
        const colours = await colours_of(canvas_of(page));
        for (let g = 0; g < groups; ++g)
          assert.ok(colours.has(rgb(await token(page, name + g))), `${colorScheme}, ${by} ${g}`);
        assert.ok((await page.locator('.legend li').count()) >= groups);
      }
    }
    assert.deepEqual(trouble, []);
    await page.close();
  });
}

test('the map moves and zooms by mouse, keys and buttons, and shows all again', async () => {
  const { page, trouble } = await open(browser, report_page(fixture()));
  const box = await map_box(page);
  const all = await pixels(page);
  const seen = new Set([all]);
  const changes = async (what, act) => {
    const before = await pixels(page);
    await act();
    await settled(page);
    const now = await pixels(page);
    assert.notEqual(now, before, `${what} changes nothing`);
    seen.add(now);
  };
  const back = async () => {
    await page.getByRole('button', { name: 'Show all items' }).click();
    await page.mouse.move(2, 2);
    await settled(page);
    assert.equal(await pixels(page), all);
  };
  await changes('a drag', async () => {
    await page.mouse.move(box.x + 300, box.y + 200);
    await page.mouse.down();
    await page.mouse.move(box.x + 400, box.y + 260, { steps: 4 });
    await page.mouse.up();
  });
  await changes('the wheel', () => page.mouse.wheel(0, -300));
  await back();
  await page.locator('.map').focus();
  for (const key of ['ArrowLeft', 'ArrowUp', '+', 'ArrowRight', 'ArrowDown', '-'])
    await changes(key, () => page.keyboard.press(key));
  await page.keyboard.press('0');
  await settled(page);
  assert.equal(await pixels(page), all);
  await changes('the button', () =>
    page.getByRole('button', { name: 'Zoom into the map' }).click(),
  );
  await changes('the other button', () =>
    page.getByRole('button', { name: 'Zoom out of the map' }).click(),
  );
  await back();
  assert.ok(seen.size >= 8);
  assert.deepEqual(trouble, []);
  await page.close();
});

test('the wheel scrolls the page as long as the map was not clicked', async () => {
  const { page } = await open(browser, report_page(fixture()));
  const box = await map_box(page);
  await page.mouse.move(box.x + 100, box.y + 100);
  const before = await page.evaluate(() => scrollY);
  await page.mouse.wheel(0, 200);
  await page.waitForFunction((from) => scrollY > from, before);
  await page.close();
});

test('one finger scrolls the page over the map, too', async () => {
  const viewport = { width: 390, height: 700 };
  const context = await browser.newContext({ hasTouch: true, viewport });
  const { page } = await open(context, report_page(fixture()));
  const box = await map_box(page);
  const [before, map] = [await page.evaluate(() => scrollY), await pixels(page)];
  const client = await page.context().newCDPSession(page);
  const touch = (type, up) =>
    client.send('Input.dispatchTouchEvent', {
      type,
      touchPoints:
        up === null ? [] : [{ x: box.x + box.width / 2, y: box.y + box.height / 2 - up, id: 1 }],
    });
  await touch('touchStart', 0);
  for (const up of [10, 30, 60, 90, 120, 150]) await touch('touchMove', up);
  await touch('touchEnd', null);
  await page.waitForFunction((from) => scrollY > from + 50, before);
  assert.ok((await pixels(page)) === map, 'the map has moved');
  await context.close();
});

test('the name of an item stays within the map, wherever the item lies', async () => {
  const comparison = fixture();
  const { map } = comparison.taste;
  map.titles = map.titles.map((title) => `${title}, ${'a very long title '.repeat(4)}`);
  const { page, trouble } = await open(browser, report_page(comparison), { width: 390 });
  const box = await map_box(page);
  let named = 0;
  for (let across = 0.03; across < 1; across += 0.06) {
    for (let down = 0.05; down < 1; down += 0.15) {
      await page.mouse.move(box.x + across * box.width, box.y + down * box.height);
      await settled(page);
      const tip = await page
        .locator('.tip')
        .evaluateAll((tips) => tips.map((one) => one.getBoundingClientRect().toJSON())[0]);
      if (!tip) continue;
      ++named;
      assert.ok(tip.left >= box.x && tip.right <= box.x + box.width, `${tip.left} to ${tip.right}`);
      assert.ok(tip.top >= box.y && tip.bottom <= box.y + box.height);
      assert.ok(tip.width > 100, `${tip.width} pixels wide`);
    }
  }
  assert.ok(named > 20);
  assert.deepEqual(trouble, []);
  await page.close();
});

test('two fingers zoom the map', async () => {
  const context = await browser.newContext({ hasTouch: true });
  const { page } = await open(context, report_page(fixture()), { width: 390 });
  const box = await map_box(page);
  const before = await pixels(page);
  const client = await page.context().newCDPSession(page);
  const touch = (type, apart) =>
    client.send('Input.dispatchTouchEvent', {
      type,
      touchPoints:
        apart === null
          ? []
          : [-apart, apart].map((side, id) => ({
              x: box.x + box.width / 2 + side,
              y: box.y + box.height / 2,
              id,
            })),
    });
  await touch('touchStart', 20);
  for (const apart of [30, 50, 80]) await touch('touchMove', apart);
  await touch('touchEnd', null);
  await settled(page);
  assert.notEqual(await pixels(page), before);
  await context.close();
});

test('pointing at a dot names it', async () => {
  const comparison = fixture();
  const { map } = comparison.taste;
  // One item alone in the middle of them.
  map.x = map.x.map((x, i) => (i === 5 ? 0 : x < 0 ? x - 6 : x + 6));
  map.y = map.y.map((y, i) => (i === 5 ? 0 : y));
  const { page } = await open(browser, report_page(comparison));
  const box = await map_box(page);
  const left = Math.min(...map.x);
  const right = Math.max(...map.x);
  const scale =
    0.9 *
    Math.min(box.width / (right - left), box.height / (Math.max(...map.y) - Math.min(...map.y)));
  const [x, y] = [
    box.width / 2 - ((left + right) / 2) * scale,
    box.height / 2 + ((Math.max(...map.y) + Math.min(...map.y)) / 2) * scale,
  ];
  await page.mouse.move(box.x + x, box.y + y);
  assert.equal(await page.locator('.tip .name').textContent(), map.titles[5]);
  await page.mouse.move(box.x + x + 40, box.y + y);
  await page.waitForSelector('.tip', { state: 'detached' });
  await page.close();
});

test('the search marks what it finds, lists some, and names them by keyboard', async () => {
  const comparison = fixture();
  comparison.taste.map.titles[77] = 'Amélie & Söhne (2001)';
  const { page, trouble } = await open(browser, report_page(comparison));
  await map_box(page);
  const accent = await token(page, '--accent');
  const box = page.getByLabel('Find an item');
  await box.fill('  amÉLIE ');
  await settled(page);
  assert.equal(await page.locator('.match').count(), 1);
  assert.ok(await shows(page, accent), 'no ring');
  await box.press('Tab');
  while (!(await page.locator('.found button:focus').count())) await page.keyboard.press('Tab');
  assert.equal(await page.locator('.tip .name').textContent(), 'Amélie & Söhne (2001)');
  const before = await pixels(page);
  await page.keyboard.press('Enter');
  await settled(page);
  assert.notEqual(await pixels(page), before); // moved there

  const titles = comparison.taste.map.titles.filter((title) => title.includes('River'));
  await box.fill('river');
  assert.match(await page.locator('.found p').textContent(), new RegExp(`^${titles.length} items`));
  assert.equal(await page.locator('.match').count(), 8);
  await box.fill('no such title');
  assert.match(await page.locator('.found p').textContent(), /^No title/);
  assert.deepEqual(trouble, []);
  await page.close();
});

test('every user has liked items, recommendations and what speaks for them', async () => {
  const { taste } = fixture();
  const { page, trouble } = await open(browser, report_page(fixture()));
  for (const { user, liked, recommended } of taste.users) {
    await page
      .getByRole('group', { name: 'User' })
      .getByRole('button', { name: `${user} (` })
      .click();
    assert.equal(await page.locator('article:visible').count(), 1);
    const article = page.getByRole('article', { name: `User ${user}` });
    assert.deepEqual(
      await article.locator('.liked bdi').allTextContents(),
      liked.map(({ title }) => title),
    );
    assert.deepEqual(
      await article.locator('.what bdi').allTextContents(),
      recommended.map(({ title }) => title),
    );
    assert.deepEqual(
      await article.locator('.because bdi').allTextContents(),
      recommended.flatMap(({ because }) => because.map(({ what }) => what)),
    );
    assert.equal(
      await article.locator('.what .number').first().textContent(),
      recommended[0].rating.toFixed(2),
    );
  }
  await page.emulateMedia({ media: 'print' });
  await settled(page);
  assert.equal(await page.locator('article:visible').count(), taste.users.length);
  assert.deepEqual(trouble, []);
  await page.close();
});

test('it is told what ranks and what predicts, and a score is no rating', async () => {
  const both = await open(browser, report_page(fixture()));
  const lead = (page) => page.locator('.lead', { hasText: 'Beside each' }).textContent();
  assert.match(
    await lead(both.page),
    /Ranked by the score of ials\. Beside each\s+title stands the rating that als predicts/,
  );
  const ratings_alone = fixture();
  Object.assign(ratings_alone.taste, { model: 'als', task: 'ratings' });
  const other = await open(browser, report_page(ratings_alone));
  assert.match(
    await lead(other.page),
    /from few ratings to many\.\s+Beside each\s+title stands the/,
  );
  const lists_alone = implicit_fixture();
  const { page, trouble } = await open(browser, report_page(lists_alone));
  assert.match(await lead(page), /from few interactions to many[\s\S]* stands that score/);
  const [first] = lists_alone.taste.users;
  const article = page.getByRole('article', { name: `User ${first.user}` });
  assert.equal(
    await article.locator('.what .number').first().textContent(),
    first.recommended[0].score.toFixed(3),
  );
  // All weigh 1, which says nothing.
  assert.deepEqual(
    new Set(await article.locator('.liked .number').allTextContents()),
    new Set(['']),
  );
  lists_alone.taste.users[0].liked[0].weight = 35;
  lists_alone.taste.users[0].recommended[0].because[0].weight = 35;
  const weighted = await open(browser, report_page(lists_alone));
  assert.equal(await weighted.page.locator('.liked .number').first().textContent(), '35');
  assert.match(await weighted.page.locator('.because li').first().textContent(), /, weight 35/);
  for (const one of [both, other, weighted]) {
    trouble.push(...one.trouble);
    await one.page.close();
  }
  assert.deepEqual(trouble, []);
  await page.close();
});

test('an empty list says why it is empty', async () => {
  const comparison = fixture();
  const [some, all] = comparison.taste.users;
  some.recommended = all.recommended = [];
  all.ratings = comparison.data.items;
  const { page, trouble } = await open(browser, report_page(comparison));
  const why = (user) =>
    page
      .locator(`article[aria-label="User ${user}"] ol .quiet`)
      .textContent()
      .then((text) => text.trim());
  assert.equal(await why(some.user), 'nothing: the items that are left have too few ratings');
  assert.equal(await why(all.user), 'nothing: every item is rated already');
  assert.deepEqual(trouble, []);
  await page.close();
});

test('a map without genres, years or users, and users without a map', async () => {
  const bare = fixture();
  delete bare.taste.map.genres;
  delete bare.taste.map.years;
  bare.taste.users = [];
  const { page, trouble } = await open(browser, report_page(bare));
  await map_box(page);
  assert.ok(await shows(page, await token(page, '--accent')));
  assert.equal(await page.getByRole('heading', { name: 'Recommendations' }).count(), 0);
  await page.close();
  const mapless = fixture();
  delete mapless.taste.map;
  const other = await open(browser, report_page(mapless));
  assert.ok(await other.page.getByRole('heading', { name: 'Recommendations' }).isVisible());
  assert.deepEqual([...trouble, ...other.trouble], []);
  await other.page.close();
});

// Two of the 60 that a browser offers a second, told in tenths of a millisecond.
const kFrame = 1000 / 30 + 0.1;
test('10,000 items follow the mouse at 30 frames a second or more', async (context) => {
  const { page, trouble } = await open(browser, report_page(fixture({ items: 10000 })));
  const box = await map_box(page);
  // Counted are frames in which the map was drawn, not those that the browser only offered.
  await page.evaluate(() => {
    let drawn = false;
    const { putImageData } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.putImageData = function (...what) {
      drawn = true;
      putImageData.apply(this, what);
    };
    window.times = [];
    (function watch(now) {
      if (drawn) window.times.push(now);
      drawn = false;
      requestAnimationFrame(watch);
    })();
  });
  const before = await pixels(page);
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  // What else the machine does only adds to a frame, so that one quiet try of some is enough.
  let median;
  for (let tries = 0; tries < 4 && !(median < kFrame); ++tries) {
    await page.evaluate(() => {
      window.times.length = 0;
    });
    const end = Date.now() + 2500;
    for (let turn = 0; Date.now() < end; turn += 0.15) {
      await page.mouse.move(
        box.x + box.width / 2 + 150 * Math.cos(turn),
        box.y + box.height / 2 + 100 * Math.sin(turn),
      );
    }
    const times = await page.evaluate(() => window.times);
    const frames = times
      .slice(1)
      .map((time, t) => time - times[t])
      .sort((a, b) => a - b);
    assert.ok(frames.length > 10, `${frames.length} frames were drawn`);
    median = frames[frames.length >> 1];
    context.diagnostic(
      `median ${median.toFixed(1)} ms, ` +
        `95th percentile ${frames[Math.floor(frames.length * 0.95)].toFixed(1)} ms ` +
        `of ${frames.length} frames: ${(1000 / median).toFixed(0)} a second`,
    );
  }
  await page.mouse.up();
  assert.notEqual(await pixels(page), before);
  assert.ok(median < kFrame, `the median frame takes ${median.toFixed(1)} ms`);
  assert.deepEqual(trouble, []);
  await page.close();
});
