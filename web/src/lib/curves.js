// The learning curves of all models as one table over the epochs, which is what the chart draws.

const kStyles = {
  train: { dash: [2, 3], width: 1.5 },
  validation: { dash: [8, 4], width: 1.5 },
  test: { dash: [], width: 2 },
};
// Of the parts that a train loss is the sum of.
const kPartStyles = [
  { dash: [], width: 2 },
  { dash: [8, 4], width: 1.5 },
  { dash: [10, 3, 2, 3], width: 1.5 },
];

// What the curves are of: [{name, parts: [{name, key, dash, width, of_train}]}]. A part's values
// stand in the records under `key`: "validation_ndcg@10" and "test_ndcg@10" are the parts of
// ndcg@10; "train_loss", what it is the sum of, as "train_observed", and "test_loss" those of the
// loss, which comes last.
export function quantities(models) {
  const keys = [...new Set(models.flatMap(({ curve }) => curve.flatMap(Object.keys)))];
  const found = new Map();
  let summands = 0;
  for (const place of Object.keys(kStyles)) {
    const of_train = place === 'train';
    for (const key of keys.filter((one) => one.startsWith(`${place}_`))) {
      const rest = key.slice(place.length + 1);
      const is_summand = of_train && rest !== 'loss';
      const style = is_summand ? kPartStyles[summands++ % kPartStyles.length] : kStyles[place];
      const name = of_train ? 'loss' : rest;
      if (!found.has(name)) found.set(name, { name, parts: [] });
      found.get(name).parts.push({ name: is_summand ? rest : place, key, of_train, ...style });
    }
  }
  return [...found.values()].sort((a, b) => (a.name === 'loss') - (b.name === 'loss'));
}

// x: epochs done, ascending, over all models. series: one per model and part of the quantity that
// has any value; values[t] belongs to x[t], null where the model has none. Record `epoch` e is the
// one after e + 1 epochs.
export function curve_table(models, { parts }) {
  const x = [
    ...new Set(models.flatMap((model) => model.curve.map((record) => record.epoch + 1))),
  ].sort((a, b) => a - b);
  const position = new Map(x.map((epoch, t) => [epoch, t]));
  const series = [];
  models.forEach((model, model_index) => {
    for (const part of parts) {
      const values = Array(x.length).fill(null);
      for (const record of model.curve)
        values[position.get(record.epoch + 1)] = record[part.key] ?? null;
      const last = values.findLastIndex((value) => value !== null);
      if (last >= 0)
        series.push({ key: `${model_index} ${part.name}`, model_index, part, values, last });
    }
  });
  return { x, parts, series };
}

// Whether the largest losses of the models are so far apart that one axis would flatten the curves
// of some: by a factor of ten, of those that have a curve and not a point.
export function differ_in_scale({ series }) {
  const most = new Map();
  for (const { model_index, values } of series) {
    const known = values.filter((value) => value !== null && Number.isFinite(value));
    if (known.length > 1) most.set(model_index, Math.max(most.get(model_index) ?? 0, ...known));
  }
  const scales = [...most.values()];
  return scales.length > 1 && Math.max(...scales) >= 10 * Math.min(...scales);
}

// Round numbers within [low, high]: 1, 2, 5 times powers of ten on a logarithmic axis that has at
// least three of them, otherwise evenly spaced, about `wanted` many.
export function ticks(low, high, logarithmic, wanted) {
  const within = (value) => value >= low * (1 - 1e-9) - 1e-12 && value <= high * (1 + 1e-9) + 1e-12;
  if (logarithmic) {
    const round = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); ++power) {
      for (const digit of [1, 2, 5]) round.push(Number(`${digit}e${power}`));
    }
    const tens = round.filter(
      (value) =>
        within(value) && String(value / 10 ** Math.floor(Math.log10(value) + 1e-9))[0] === '1',
    );
    const fitting = round.filter(within);
    if (fitting.length > wanted && tens.length >= 3) return tens;
    if (fitting.length >= 3) return fitting;
  }
  const rough = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((digit) => digit * power >= rough * 0.999);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, t) =>
    Number(((first + t) * step).toPrecision(12)),
  );
}
