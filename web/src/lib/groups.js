// By what the map can colour its items. A grouping is {key, name, said, groups: [{name, colour,
// items}], of}: of[i] is the group of item i; a colour is a custom property of palette.js; `said`
// tells in a sentence what the colours mean.
import { kRamp } from './palette.js';

const kGenres = 6; // with a colour of their own; more could not be told apart

function grouping(key, name, said, names, colours, of) {
  const groups = names.map((group, g) => ({ name: group, colour: colours[g], items: 0 }));
  for (const g of of) ++groups[g].items;
  return { key, name, said, groups, of };
}

function by_genre(genres) {
  const counts = new Map();
  for (const genre of genres) if (genre !== '') counts.set(genre, (counts.get(genre) ?? 0) + 1);
  const most = [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, kGenres)
    .map(([genre]) => genre);
  const position = new Map(most.map((genre, g) => [genre, g]));
  const of = genres.map((genre) => position.get(genre) ?? most.length);
  const rest = of.includes(most.length) ? ['other'] : [];
  return grouping(
    'genre',
    'genre',
    'An item has the color of the genre that says most of it: the least common of its genres, of ' +
      'those that at least one in ten of these items has.' +
      (rest.length > 0
        ? ` \u201cOther\u201d are all but the ${most.length} most frequent, and items ` +
          'without a genre.'
        : ''),
    [...most, ...rest],
    [...most.map((_, g) => `--series-${g}`), '--quiet'],
    of,
  );
}

// Decades, the earliest ones together.
function by_year(years) {
  const decades = [
    ...new Set(years.filter((year) => year !== null).map((year) => Math.floor(year / 10) * 10)),
  ].sort((a, b) => a - b);
  const later = decades.slice(-(kRamp.light.length - 1));
  const early = decades.length > later.length;
  const names = [...(early ? [`before ${later[0]}`] : []), ...later.map((decade) => `${decade}s`)];
  const of = years.map((year) => {
    if (year === null) return names.length;
    return Math.max(0, later.indexOf(Math.floor(year / 10) * 10) + early);
  });
  // The latest decade has the end of the ramp, however many there are.
  const colours = names.map((_, n) => `--ramp-${kRamp.light.length - names.length + n}`);
  return grouping(
    'year',
    'year',
    'An item has the color of the decade that it is of.',
    [...names, ...(of.includes(names.length) ? ['unknown'] : [])],
    [...colours, '--quiet'],
    of,
  );
}

export function groupings(map) {
  const list = [];
  if (map.genres?.some((genre) => genre !== '')) list.push(by_genre(map.genres));
  if (map.years?.some((year) => year !== null)) list.push(by_year(map.years));
  if (list.length === 0)
    list.push(
      grouping(
        'none',
        '',
        '',
        ['items'],
        ['--accent'],
        map.x.map(() => 0),
      ),
    );
  return list;
}
