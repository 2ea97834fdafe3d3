// Names at the ends of lines, one below the other.

export const kLine = 14; // pixels from one name to the next

// Where names stand that would like to be at `wanted`, in any order: as near as they can, none
// above `top` or below `bottom` while there is room, none on another.
export function spread(wanted, top, bottom) {
  const order = wanted.map((_, n) => n).sort((a, b) => wanted[a] - wanted[b]);
  const places = Array(wanted.length);
  let next = top;
  for (const n of order) {
    places[n] = Math.max(wanted[n], next);
    next = places[n] + kLine;
  }
  let last = bottom;
  for (const n of order.toReversed()) {
    places[n] = Math.min(places[n], last);
    last = places[n] - kLine;
  }
  return places;
}

// The beginning of a text, of so many letters at the most.
export const shortened = (text, letters) => {
  const all = [...text];
  return all.length > letters ? `${all.slice(0, letters - 1).join('')}\u2026` : text;
};
