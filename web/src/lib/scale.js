// Where numbers lie on a chart, and the marks along its axes.
import { ticks } from './curves.js';
import { milliseconds } from './format.js';

// Maps [low, high] to [from, to]; all of an empty range to the middle.
export function scale(low, high, from, to) {
  return (value) =>
    high > low ? from + ((value - low) / (high - low)) * (to - from) : (from + to) / 2;
}

// An axis of an even scale: from `low` to `high`, with about `wanted` marks that `write` writes.
export function axis(low, high, wanted, write, title) {
  const marks = high > low ? ticks(low, high, false, wanted) : [low];
  return { low, high, title, marks: marks.map((at) => ({ at, text: write(at) })) };
}

// An axis of times as the file has them: years where these are dates over some years, otherwise the
// ends.
export function time_axis(first, last, write) {
  const [from, to] = [first, last].map(milliseconds);
  const marks = [];
  if (from !== null && to !== null && to > from) {
    const per_millisecond = (last - first) / (to - from);
    const years = ticks(
      new Date(from).getUTCFullYear(),
      new Date(to).getUTCFullYear(),
      false,
      8,
    ).filter(Number.isInteger);
    for (const year of years) {
      const at = first + (Date.UTC(year, 0) - from) * per_millisecond;
      if (at >= first && at <= last) marks.push({ at, text: String(year) });
    }
  }
  return {
    low: first,
    high: last,
    marks:
      marks.length >= 3
        ? marks
        : [
            { at: first, text: write(first), anchor: 'start' },
            { at: last, text: write(last), anchor: 'end' },
          ],
  };
}

// As many of the marks, evenly, as stand side by side at at(mark.at) when a letter takes `letter`
// pixels.
export function thinned(marks, at, letter) {
  const half = ({ text, note = '' }) => (Math.max(text.length, note.length) * letter) / 2;
  for (let every = 1; ; ++every) {
    const kept = marks.filter((_, m) => m % every === 0);
    if (
      kept.every(
        (mark, k) =>
          k === 0 || at(mark.at) - at(kept[k - 1].at) >= half(mark) + half(kept[k - 1]) + 4,
      )
    )
      return kept;
  }
}
