/** A page sets the same custom properties on `.chart`, or restyles `.state` and `.edge`. */
export const css = `
.chart { --paper: #ffffff; --ink: #1f2937; --line: #6b7280; --state: #e8eefc; --around: #64748b0f; --end: #e5e7eb; --sign: #fdf3dc; }
@media (prefers-color-scheme: dark) {
  .chart { --paper: #10141c; --ink: #e5e9f0; --line: #9aa5b8; --state: #24344f; --around: #94a3b814; --end: #374151; --sign: #43381f; }
}
.chart text { font: 11.5px Helvetica, Arial, 'Liberation Sans', sans-serif; fill: var(--ink); }
.chart .paper { fill: var(--paper); }
.chart .edge text { font-size: 9.5px; transform: translateX(7px); }
.chart .edge path, .chart .begin path { fill: none; stroke: var(--line); }
.chart .edge polygon, .chart .begin polygon { fill: var(--line); stroke: var(--line); }
.chart .entry :is(ellipse, path, polygon) { fill: var(--ink); stroke: var(--ink); }
.chart .state :is(path, polygon, ellipse) { fill: var(--state); stroke: var(--line); }
.chart .state[data-kind~='final'] :is(path, polygon) { fill: var(--end); }
.chart .state[data-kind~='final'] path + path { fill: none; }
.chart .state[data-kind~='cluster'] :is(path, polygon) { fill: var(--around); }
.chart .state[data-kind~='region'] :is(path, polygon) { stroke-dasharray: 5 3; }
.chart .state[data-kind~='cluster'] text { font-weight: bold; }
.chart .sign :is(path, polygon, polyline) { fill: var(--sign); stroke: var(--line); }
.chart .sign text, .chart .anywhere text { font-size: 10.5px; }
.chart .anywhere :is(path, polygon) { fill: none; stroke: none; }
.chart .anywhere text { font-style: italic; }
`;
