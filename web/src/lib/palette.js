// One colour per model, in the order of the comparison: distinguishable with any kind of colour
// vision, and against the page (tests/palette.test.js measures it). An eighth model would begin
// again; its name stands beside the colour everywhere.
export const kColours = {
  light: ['#1c5cc8', '#d8700a', '#0e5a41', '#b5608f', '#74691a', '#2196e3', '#641a78'],
  dark: ['#3a78e6', '#d87812', '#12b98c', '#b0608f', '#f0d040', '#9fe6f7', '#b79af5'],
};
// From early to late: ever further from the paper, so that the order is seen without a legend.
export const kRamp = {
  light: ['#be8832', '#b45f36', '#9b3e4a', '#762759', '#4a175d', '#1d0953'],
  dark: ['#6359bb', '#a05db4', '#d76fa2', '#fe8d87', '#ffb773', '#ffe77f'],
};
export const kPaper = { light: '#fcfcfa', dark: '#15171a' };

export const colour_of = (model_index) => `var(--series-${model_index % kColours.light.length})`;

// The custom properties that page.css and colour_of speak of.
export function palette_css() {
  const properties = (theme) =>
    [
      `--paper: ${kPaper[theme]}`,
      ...kColours[theme].map((colour, i) => `--series-${i}: ${colour}`),
      ...kRamp[theme].map((colour, i) => `--ramp-${i}: ${colour}`),
    ].join('; ');
  return [
    `:root { ${properties('light')} }`,
    `@media (prefers-color-scheme: dark) { :root:not(.paper) { ${properties('dark')} } }`,
    `:root.paper { ${properties('light')}; --paper: #ffffff }`,
  ].join(' ');
}
