// The colours of the models, by measure: apart from each other for every kind of vision, and from
// the paper.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kColours, kPaper, kRamp } from '../src/lib/palette.js';
import { contrast, least_distances } from './colours.js';

for (const theme of ['light', 'dark']) {
  test(`${theme}: any two models can be told apart with every kind of colour vision`, () => {
    for (const [vision, distance] of Object.entries(least_distances(kColours[theme]))) {
      // A just noticeable difference is about 0.02.
      assert.ok(distance >= 0.08, `${vision}: ${distance.toFixed(3)} in OKLab`);
    }
  });

  test(`${theme}: every colour has the contrast to the paper that WCAG 2 asks of graphics`, () => {
    for (const colour of [...kColours[theme], ...kRamp[theme]])
      assert.ok(contrast(colour, kPaper[theme]) >= 3, colour);
  });
}

for (const theme of ['light', 'dark']) {
  const promise = 'the ramp moves away from the paper, in steps that every kind of vision sees';
  test(`${theme}: ${promise}`, () => {
    const away = kRamp[theme].map((colour) => contrast(colour, kPaper[theme]));
    assert.deepEqual(
      away,
      away.toSorted((a, b) => a - b),
    );
    kRamp[theme].slice(1).forEach((colour, step) => {
      for (const [vision, distance] of Object.entries(
        least_distances([kRamp[theme][step], colour]),
      )) {
        assert.ok(
          distance >= 0.045,
          `${vision}: ${kRamp[theme][step]} and ${colour} are ${distance.toFixed(3)} apart ` +
            'in OKLab',
        );
      }
    });
  });
}

const kKnown = 'red and green look alike to a deuteranope, black and white to nobody';
test(`the measure itself: ${kKnown}`, () => {
  const { full, deuteranopia } = least_distances(['#c04040', '#5f7a2a']);
  assert.ok(deuteranopia < full / 2);
  assert.ok(Math.abs(contrast('#000000', '#ffffff') - 21) < 1e-6);
});
