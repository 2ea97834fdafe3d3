// The page on paper. A browser lays a page out for paper without telling its scripts how wide that
// is, and once it has begun, it is too late to draw anything anew. So the page lays itself out for
// the narrowest paper in use before the browser does: the root has the class `paper`, by which
// page.css gives `main` the width that A4 and Letter both have within the margins, and charts
// measure themselves.
import { flushSync } from 'svelte';

let on = $state(false);
const charts = new Set();

export const paper = {
  get on() {
    return on;
  },
};

// Calls `measure` with the width of `element` once it is known, whenever it changes, and when the
// page is laid out for paper or for the screen again. Gives back what ends it.
export function follow_width(element, measure) {
  const measured = () => measure(element.clientWidth);
  const observer = new ResizeObserver(measured);
  observer.observe(element);
  charts.add(measured);
  return () => {
    observer.disconnect();
    charts.delete(measured);
  };
}

function lay_out(for_paper) {
  if (on === for_paper) return;
  on = for_paper;
  document.documentElement.classList.toggle('paper', on);
  flushSync();
  for (const measure of charts) measure();
  flushSync();
}

// Both, since a browser that shows the page as it will be printed sends no event of printing.
addEventListener('beforeprint', () => lay_out(true));
addEventListener('afterprint', () => lay_out(false));
matchMedia('print').addEventListener('change', ({ matches }) => lay_out(matches));
