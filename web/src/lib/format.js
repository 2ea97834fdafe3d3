// How numbers are written: the same digits for the same kind of number, so that columns align.
const kMinus = '\u2212';
const kThin = '\u2009';

const typographic = (text) => text.replace('-', kMinus);

// Made once: making one takes as long as writing some two hundred numbers with it.
const formatter = (options) => new Intl.NumberFormat('en-US', options);
const kGrouped = [0, 1].map((digits) =>
  formatter({ minimumFractionDigits: digits, maximumFractionDigits: digits }),
);
const kCompact = formatter({ notation: 'compact', maximumSignificantDigits: 3 });

// 12,345 or 12,345.6: with no digit or one.
export const grouped = (value, digits) => typographic(kGrouped[digits].format(value));
export const count = (value) => grouped(value, 0);
export const fixed = (value, digits) => typographic(value.toFixed(digits));
export const metric = (value) => fixed(value, 4);
export const rating = (value) => fixed(value, 2);
export const difference = (value) => (value >= 0 ? '+' : '') + metric(value);
export const share_of_score = (value) => (value >= 0 ? '+' : '') + fixed(value, 3);
export const range = (low, high) => `${metric(low)}\u2013${metric(high)}`;
export const difference_range = (low, high) => `${difference(low)} to ${difference(high)}`;

// A value of the rating scale, as short as it goes: 4, 3.5, 0.25.
export const scale_value = (value) => typographic(String(Number(value.toPrecision(4))));

export const percent = (share) => {
  const value = 100 * share;
  const digits = value >= 10 || value === 0 ? 0 : value >= 1 ? 1 : 2;
  return `${value.toFixed(digits)}${kThin}%`;
};

export const seconds = (value) => {
  if (value < 0.0095) return value.toFixed(4);
  if (value < 0.95) return value.toFixed(3);
  if (value < 9.5) return value.toFixed(2);
  if (value < 95) return value.toFixed(1);
  return count(value);
};

// Milliseconds since 1970 of seconds that can only be a date, up to the year 9999; null of others.
export const milliseconds = (value) => (value >= 1e8 && value < 2.6e11 ? value * 1000 : null);

// Times are shown as seconds, but for those that can only be dates.
export function time(value) {
  const since = milliseconds(value);
  return since === null ? String(value) : new Date(since).toUTCString().slice(5, 16); // 29 Mar 1996
}

// 980, 3,446, 12.1K, 12M: where there is little room.
export const compact = (value) => (value < 10000 ? count(value) : kCompact.format(value));

export const plural = (value, one, many = `${one}s`) =>
  `${count(value)} ${value === 1 ? one : many}`;

// As in "p 0.21", "p < 0.001".
export const p_value = (value) => (value < 0.001 ? '< 0.001' : value.toPrecision(2));

// Whether a model may be as good as the best one: by the corrected test where there is one, else
// where the interval has zero in it.
export const may_be_chance = ({ same_as_best, difference_to_best: gap }) =>
  same_as_best ?? (gap ? gap.low <= 0 && gap.high >= 0 : false);
