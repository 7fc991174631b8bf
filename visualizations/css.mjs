/** A page sets the same custom properties on `.chart`, or restyles `.state` and `.edge`. */
export const css = `
.chart { --paper: #ffffff; --ink: #1f2937; --quiet: #4b5563; --line: #6b7280; --state: #e8eefc; --around: #64748b0f; --end: #e5e7eb; --sign: #fdf3dc; --to: #1d4ed8; }
@media (prefers-color-scheme: dark) {
  .chart { --paper: #10141c; --ink: #e5e9f0; --quiet: #b6bfcd; --line: #9aa5b8; --state: #24344f; --around: #94a3b814; --end: #374151; --sign: #43381f; --to: #93c5fd; }
}
.chart text { font: 11px Helvetica, Arial, 'Liberation Sans', sans-serif; fill: var(--ink); }
.chart .paper { fill: var(--paper); }
.chart .name, .chart .title { font-size: 13px; }
.chart .title { font-weight: bold; }
.chart .name, .chart .actor { text-anchor: middle; }
.chart .actor { fill: var(--quiet); font-style: italic; }
.chart .to { fill: var(--to); }
.chart .edge path, .chart .begin path, .chart .rule { fill: none; stroke: var(--line); }
.chart .edge polygon, .chart .begin polygon { fill: var(--line); stroke: var(--line); }
.chart .entry circle { fill: var(--ink); }
.chart .frame, .chart .inset { fill: var(--state); stroke: var(--line); }
.chart .rule { stroke-width: 0.5; }
.chart .anywhere .frame { fill: var(--sign); stroke-dasharray: 2 3; }
.chart .anywhere .name { font-style: italic; }
.chart .state[data-kind~='final'] .frame { fill: var(--end); }
.chart .state[data-kind~='final'] .inset { fill: none; }
.chart .state[data-kind~='cluster'] .frame { fill: var(--around); }
.chart .state[data-kind~='region'] .frame { stroke-dasharray: 5 3; }
`;
