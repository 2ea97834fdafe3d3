// What the rows of the data are called: ratings, or interactions where their values say how much
// users chose items and not how much they liked them.
import { plural } from './format.js';

export const has_ratings = ({ feedback }) => feedback !== 'weights';
export const noun_of = (data) => (has_ratings(data) ? 'rating' : 'interaction');

// "9,800 test ratings of 4 or more", "9,800 test interactions": what lists are measured by.
export const relevant_rows = ({ split, relevant }, data, write) =>
  plural(split.tested ?? split.test, `test ${noun_of(data)}`) +
  (relevant === null ? '' : ` of ${write(relevant)} or more`);
