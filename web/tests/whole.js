// Adds to a comparison of ratings what `palate report` draws beyond its tables: what the split
// leaks, profile, breakdowns, residuals, predictions, the lists' models, taste. Made up, the same
// on every run, and shaped like the real ones: a long tail, errors that shrink where there is more
// to learn from.

// G. Steele and S. Vigna's splitmix, in 32 bits: numbers in [0, 1).
function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return ((z ^ (z >>> 15)) >>> 0) / 2 ** 32;
  };
}
// Of deviation 0.7, near enough.
const normal = (next) => next() + next() + next() + next() + next() + next() - 3;
const rounded = (value) => Number(value.toFixed(6));

const kGenres = [
  'Drama',
  'Comedy',
  'Action',
  'Thriller',
  'Adventure',
  'Crime',
  'Horror',
  'Documentary',
  'Animation',
  '',
];
const kAdjectives = [
  'Quiet',
  'Second',
  'Golden',
  'Lost',
  'Silent',
  'Burning',
  'Last',
  'Paper',
  'Northern',
  'Hidden',
  'Glass',
  'Early',
];
const kNouns = [
  'River',
  'Letter',
  'Garden',
  'Winter',
  'Harbour',
  'Machine',
  'Orchard',
  'Signal',
  'Mountain',
  'Stranger',
  'Tide',
  'Bridge',
];

const by_ratings = (counts) =>
  counts.map((count, b) => ({ first: 2 ** b, last: 2 ** (b + 1) - 1, count }));

function profile(data) {
  const share = (top) => (top === 0 ? 0 : top === 100 ? 1 : rounded(1 - (1 - top / 100) ** 4.2));
  return {
    users: by_ratings([0, 0, 0, 0, 92, 196, 141, 101, 48, 24, 7, 1]),
    items: by_ratings([3446, 2098, 1606, 1105, 781, 471, 178, 37, 2]),
    long_tail: Array.from({ length: 101 }, (_, top) => share(top)),
    ...(data.time_span && {
      time: {
        first: data.time_span[0],
        last: data.time_span[1],
        counts: Array.from({ length: 60 }, (_, t) =>
          t === 7
            ? 0
            : Math.round(900 + 4200 * Math.exp(-t / 5) + 1500 * (t % 7 === 3) + 60 * (t % 5)),
        ),
      },
    }),
  };
}

const kSupport = [
  [0, 0],
  [1, 4],
  [5, 19],
  [20, 99],
  [100, 499],
  [500, null],
];

function errors(model, data, next) {
  const rmse = model.metrics.rmse.value;
  const group = (first, last, ratings, factor) => ({
    first,
    last,
    ratings,
    rmse: rounded(rmse * factor),
    mae: rounded(rmse * factor * 0.77),
  });
  const support = (steepness) =>
    kSupport.map(([first, last], g) =>
      group(
        first,
        last,
        [210, 1600, 4100, 7900, 5300, 1058][g],
        1 + (steepness * (2.6 - g)) / 5 + 0.02 * next(),
      ),
    );
  const total = data.histogram.reduce((sum, [, count]) => sum + count, 0);
  const ratings = (count) => Math.round((20168 * count) / total);
  const span = data.time_span ?? [0, 5];
  const flat = model.algorithm === 'mean';
  const slope = flat ? 0 : 0.42;
  return {
    breakdown: {
      user_ratings: support(flat ? 0.02 : 0.25),
      item_ratings: support(flat ? 0.03 : 0.4),
      value: data.histogram.map(([value, count]) =>
        group(
          value,
          value,
          ratings(count),
          0.55 + 0.62 * Math.abs(value - data.mean) + 0.03 * next(),
        ),
      ),
      ...(data.time_span && {
        time: Array.from({ length: 5 }, (_, t) =>
          group(
            span[0] + Math.round(((span[1] - span[0]) * t) / 5),
            span[0] + Math.round(((span[1] - span[0]) * (t + 1)) / 5) - 1,
            4033,
            0.96 + 0.02 * t + 0.02 * next(),
          ),
        ),
      }),
    },
    residuals: {
      low: -4.5,
      width: 0.25,
      counts: Array.from({ length: 36 }, (_, b) =>
        Math.round(
          (2000 / rmse) *
            Math.exp(-0.5 * ((-4.375 + 0.25 * b - 0.1) / rmse) ** 2) *
            (0.9 + 0.2 * next()),
        ),
      ),
    },
    predicted: data.histogram.map(([value, count]) => {
      const mean = rounded(data.mean + slope * (value - data.mean));
      const half = flat ? 0.001 : 0.5 + 0.1 * next();
      return {
        first: value,
        last: value,
        ratings: ratings(count),
        mean,
        lower: rounded(mean - 1.2 * half),
        median: rounded(mean + 0.04),
        upper: rounded(mean + half),
      };
    }),
  };
}

const kCutoffs = [10, 20, 5, 50, 100];

// Three models of lists: the best, one that cannot be told apart from it, and the popular items.
function lists(split) {
  const figure = (value) => ({
    value: rounded(value),
    low: rounded(0.93 * value),
    high: rounded(1.07 * value),
  });
  const model = (name, ndcg, first_share) => {
    const at = (kind, share, k) => [`${kind}@${k}`, figure(ndcg * share * (k / 10) ** 0.3)];
    const shares = Array.from({ length: 10 }, (_, t) => (1 - first_share) ** t * first_share);
    const rest = shares.reduce((sum, share) => sum - share, 1);
    return {
      name,
      algorithm: name.split(':', 1)[0],
      options: name === 'popular' ? {} : { factors: 64, epochs: 10, unobserved: 6, seed: 1 },
      metrics: Object.fromEntries([
        at('ndcg', 1, 10),
        at('recall', 0.8, 10),
        at('precision', 0.7, 10),
        at('map', 0.4, 10),
        at('mrr', 1.3, 10),
        at('hit_rate', 1.9, 10),
        ...kCutoffs.slice(1).flatMap((k) => [at('ndcg', 1, k), at('recall', 0.8, k)]),
      ]),
      exposure: { 'coverage@10': 0.1234, 'novelty@10': 2.345, 'gini@10': 0.9123 },
      exposure_by_popularity: shares.map((share, t) => rounded(t === 0 ? share + rest : share)),
      curve: Array.from({ length: name === 'popular' ? 0 : 10 }, (_, epoch) => {
        const parts = [0.5 + 0.4 / (epoch + 1), 0.2 + 0.02 * epoch, 0.05 + 0.01 * epoch];
        return {
          epoch,
          train_loss: rounded(parts.reduce((sum, part) => sum + part)),
          train_observed: rounded(parts[0]),
          train_unobserved: rounded(parts[1]),
          train_regularization: rounded(parts[2]),
          'validation_ndcg@10': rounded(ndcg * (0.97 - 0.3 / (epoch + 1))),
          'test_ndcg@10': rounded(ndcg * (1 - 0.3 / (epoch + 1))),
        };
      }),
      seconds: name === 'popular' ? 0.004 : 0.61,
      ending: 'completed',
      epochs_kept: name === 'popular' ? 1 : 10,
    };
  };
  const to_best = (value, half, p_value_holm) => ({
    difference_to_best: { value, low: rounded(value - half), high: rounded(value + half) },
    p_value: p_value_holm,
    p_value_holm,
    same_as_best: p_value_holm >= 0.05,
  });
  const models = [
    { ...model('popular', 0.176, 0.99), ...to_best(-0.201, 0.02, 0.002) },
    { ...model('ials', 0.377, 0.93), difference_to_best: null, same_as_best: true },
    { ...model('ials:factors=32', 0.374, 0.94), ...to_best(-0.003, 0.006, 0.41) },
  ];
  return {
    split: { ...split, tested: 9811, tested_users: 597 },
    metrics: Object.keys(models[0].metrics).map((name) => ({ name, better: 'higher' })),
    primary: 'ndcg@10',
    models,
    relevant: 4,
    users_without_relevant: 13,
  };
}

// `titles`: these instead of made up ones, for as many items as there are.
function taste(items, titles, next) {
  const columns = { x: [], y: [], titles: [], ratings: [], genres: [], years: [] };
  for (let i = 0; i < items; ++i) {
    const genre = Math.floor(next() ** 1.6 * kGenres.length);
    const year = next() < 0.02 ? null : Math.round(2018 - 70 * next() ** 2.2);
    const angle = 0.7 * genre;
    columns.x.push(rounded(Math.cos(angle) * 0.8 + normal(next)));
    columns.y.push(
      rounded(Math.sin(angle) * 0.5 + 0.7 * normal(next) + (2000 - (year ?? 2000)) / 60),
    );
    const adjective = kAdjectives[Math.floor(next() * 12)];
    const noun = kNouns[Math.floor(next() * 12)];
    const name = `${adjective} ${noun}${i < 144 ? '' : ` ${i}`}`;
    columns.titles.push(
      titles ? titles[i % titles.length] : `${name}${year === null ? '' : ` (${year})`}`,
    );
    columns.ratings.push(Math.max(1, Math.round(330 / (1 + i / 12))));
    columns.genres.push(kGenres[genre]);
    columns.years.push(year);
  }
  const title = (i) => columns.titles[i % columns.titles.length];
  const users = [
    [414, 20],
    [37, 45],
    [606, 71],
    [1, 232],
    [599, 2478],
  ].map(([user, ratings], u) => ({
    user: String(user),
    ratings,
    liked: [0, 1, 2, 3].map((l) => ({
      item: String(l),
      title: title(7 * u + l),
      rating: 5 - 0.5 * (l > 1),
    })),
    recommended: [0, 1, 2, 3, 4].map((r) => ({
      item: String(100 + r),
      title: title(11 * u + 40 + r),
      rating: rounded(4.9 - 0.08 * r - 0.1 * u),
      because: [0, 1, 2].map((b) => ({
        what: title(7 * u + b),
        rating: 5 - b,
        adds: rounded(0.35 - 0.1 * b - 0.02 * r),
      })),
    })),
  }));
  return {
    model: 'ials',
    task: 'lists',
    ratings_model: 'als',
    map: { explained: [0.231, 0.142], items: Math.max(items, 9724), ...columns },
    users,
  };
}

export function whole(comparison, { items = 600, titles = null } = {}) {
  const next = random(7);
  comparison.data.profile = profile(comparison.data);
  const { ratings } = comparison;
  for (const model of ratings.models) Object.assign(model, errors(model, comparison.data, next));
  const { users } = comparison.data;
  ratings.split.leak = {
    test: ratings.split.test,
    users: { tested: users, cold: 0, cold_ratings: 0 },
    items: { tested: 5128, cold: 1000, cold_ratings: 1100 },
    before_own: 10084,
    before_half: 9882,
  };
  comparison.lists = lists(ratings.split);
  comparison.taste = taste(items, titles, next);
  return comparison;
}

// The same of a table without ratings, for which lists alone were trained.
export function implicit(comparison) {
  delete comparison.ratings;
  comparison.command = 'palate report views.csv';
  Object.assign(comparison.data, {
    file: 'views.csv',
    warnings: [],
    feedback: 'weights',
    mean: null,
    lowest: null,
    highest: null,
    histogram: [],
  });
  comparison.lists.split.method = 'random';
  comparison.lists.split.description = 'random, 20 % test, seed 1';
  comparison.lists.relevant = null;
  comparison.lists.users_without_relevant = 0;
  delete comparison.taste.ratings_model;
  for (const { liked, recommended } of comparison.taste.users) {
    const as_weight = (one) => {
      one.weight = 1;
      delete one.rating;
    };
    liked.forEach(as_weight);
    for (const item of recommended) {
      item.score = rounded(item.rating / 5);
      delete item.rating;
      item.because.filter(({ rating }) => rating !== undefined).forEach(as_weight);
    }
  }
  return comparison;
}
