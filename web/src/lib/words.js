// What the rows of the data are called: ratings, or interactions where their values say how much
// users chose items and not how much they liked them.
import { milliseconds, plural, time } from './format.js';

// The data's name: that of the data set, or of the file without its folders, in which old
// comparisons have it.
export const name_of = ({ name, file }) => name ?? (file.split(/[\\/]/).at(-1) || file);

// "a" or "an" before a metric's name as it is read aloud: an RMSE, a recall.
export const article = (name) => (/^(RMSE|MAE|MSE|NDCG|MRR)\b/.test(name) ? 'an' : 'a');

export const has_ratings = ({ feedback }) => feedback !== 'weights';
export const noun_of = (data) => (has_ratings(data) ? 'rating' : 'interaction');

// "9,800 test ratings of 4 or more", "9,800 test interactions": what lists are measured by.
export const relevant_rows = ({ split, relevant }, data, write) =>
  plural(split.tested ?? split.test, `test ${noun_of(data)}`) +
  (relevant === null ? '' : ` of ${write(relevant)} or more`);

// ", from 29 Mar 1996 to 24 Sep 2018": the time that the data is of; nothing where times are no
// dates.
export function period_of({ time_span: span, ratings }) {
  if (!span || span.some((end) => milliseconds(end) === null)) return '';
  const [from, to] = span.map(time);
  if (from !== to) return `, from ${from} to ${to}`;
  return `, ${ratings > 1 ? 'all ' : ''}of ${from}`;
}
