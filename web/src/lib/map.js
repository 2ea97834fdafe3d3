// The geometry of the items' map: which part of the plane is seen, what lies where, which titles
// have room.

// A view is the point of the plane in the middle of the picture and how many pixels one unit takes;
// y goes up.
const extent = (values) =>
  values.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Infinity, -Infinity],
  );

// All items, with a margin.
export function whole_view({ x, y }, width, height) {
  const [left, right] = extent(x);
  const [below, above] = extent(y);
  const margin = 0.9;
  const scale =
    margin * Math.min(width / Math.max(right - left, 1e-9), height / Math.max(above - below, 1e-9));
  return { x: (left + right) / 2, y: (below + above) / 2, scale };
}

export const to_picture = (view, width, height) => ({
  x: (x) => width / 2 + (x - view.x) * view.scale,
  y: (y) => height / 2 - (y - view.y) * view.scale,
});

// Moved by pixels of the picture.
export const moved = (view, right, down) => ({
  ...view,
  x: view.x - right / view.scale,
  y: view.y + down / view.scale,
});

// `factor` times as large, about a point of the picture that stays where it is; `least` and `most`
// bound the scale.
export function zoomed(view, factor, at_x, at_y, width, height, least, most) {
  const scale = Math.min(most, Math.max(least, view.scale * factor));
  const [right, up] = [at_x - width / 2, height / 2 - at_y];
  return {
    x: view.x + right / view.scale - right / scale,
    y: view.y + up / view.scale - up / scale,
    scale,
  };
}

// The item next to a point of the picture, or null where none is within `reach` pixels.
export function nearest(map, view, width, height, at_x, at_y, reach) {
  const picture = to_picture(view, width, height);
  let found = null;
  let least = reach * reach;
  for (let i = 0; i < map.x.length; ++i) {
    const distance = (picture.x(map.x[i]) - at_x) ** 2 + (picture.y(map.y[i]) - at_y) ** 2;
    if (distance < least) [found, least] = [i, distance];
  }
  return found;
}

export const kBeside = 4; // pixels from an item's dot to its title

// Items whose titles stand beside them without covering one another, most rated first; `measure`
// gives a text's width, `radius` that of an item's dot.
export function labelled(map, order, view, width, height, wanted, measure, radius) {
  const kHeight = 15;
  const picture = to_picture(view, width, height);
  const boxes = [];
  const labels = [];
  for (const i of order) {
    if (labels.length >= wanted) break;
    const x = picture.x(map.x[i]) + radius(i) + kBeside;
    const y = picture.y(map.y[i]);
    if (x < 0 || y < kHeight / 2 || y > height - kHeight / 2 || x > width) continue;
    const text = shortened(map.titles[i]);
    const end = x + measure(text);
    if (
      end > width ||
      boxes.some((box) => x < box.end + 10 && end + 10 > box.x && Math.abs(y - box.y) < kHeight)
    )
      continue;
    boxes.push({ x, end, y });
    labels.push({ i, text });
  }
  return labels;
}

function shortened(title) {
  const letters = [...title.slice(0, 80)];
  return letters.length > 26 ? `${letters.slice(0, 25).join('')}\u2026` : title;
}

// The items whose title has the text in it, as they are ordered.
export function search(lower_titles, order, text) {
  const wanted = text.trim().toLocaleLowerCase();
  return wanted === '' ? [] : order.filter((i) => lower_titles[i].includes(wanted));
}
