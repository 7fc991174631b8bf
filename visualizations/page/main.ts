import type { FeedLine } from '../../src/inspection/feed.js';
import { ActorView } from './actorView.js';
import { Connection, type ConnectionState } from './connection.js';
import { createControl } from './control.js';
import { at, onceAFrame, setText } from './dom.js';
import { Earlier } from './earlier.js';
import { Past } from './past.js';
import { SequenceView } from './sequenceView.js';
import { Slider } from './slider.js';
import { TableView } from './tableView.js';
import { Tabs } from './tabs.js';
import { followTheme } from './theme.js';
import { TimelineView } from './timelineView.js';
import { Traffic } from './traffic.js';
import { TreeView } from './treeView.js';
import { World } from './world.js';

// The token stands in the address once; the cookie has taken over.
if (location.search !== '') history.replaceState(null, '', '/');
followTheme();

const about = (await (await fetch('/about')).json()) as {
  recording: string | null;
  controlKey: string | null;
};
const isRecording = () => about.recording !== null;
const states: Readonly<Record<ConnectionState, string>> = {
  connecting: 'connecting',
  live: isRecording() ? 'recording' : 'live',
  lost: 'reconnecting',
  refused: 'ended: open the address that `x2go-guardian inspect` prints',
};

const live = new World();
const past = new Past();
const traffic = new Traffic();
const earlier = new Earlier(() => draw());
let selected = '';
let shownPast:
  | { readonly moment: number; readonly world: World; readonly lines: readonly FeedLine[] }
  | undefined;

const draw = onceAFrame(drawAll);
const slider = new Slider(past, draw, about.recording);
const tabs = new Tabs(draw);
const select = (id: string) => {
  selected = id;
  draw();
};
const tree = new TreeView(select);
const actor = new ActorView();
const timeline = new TimelineView(select, draw);
const sequence = new SequenceView(draw);
const table = new TableView({
  select,
  traffic,
  ...(about.controlKey === null ? {} : { act: createControl(about.controlKey) }),
});
document.body.classList.toggle('may-control', about.controlKey !== null);

// Lines are taken as they come, and drawn a frame at a time.
let waiting: FeedLine[] = [];
const connection = new Connection({
  take: (line) => {
    waiting.push(line);
    // Frames stop while nobody looks.
    if (waiting.length > 5_000) takeAll();
    draw();
  },
  state: (state) => {
    const element = at('connection', HTMLElement);
    setText(element, states[state]);
    element.dataset.state = state;
  },
});

setInterval(() => {
  const sessions = [...live.actors.values()].filter(({ chart }) => chart === 'session').map(({ id }) => id);
  traffic.turn(sessions);
  draw();
}, 1_000);

function takeAll(): void {
  const lines = waiting;
  waiting = [];
  for (const line of lines) {
    const isNext = live.take(line);
    past.add(line, live);
    traffic.take(line);
    // Whatever happened while nothing came is in the guardian's own history.
    if (line.t === 'tree') earlier.forget();
    // A recording has no other lines than these.
    if (isNext || isRecording()) continue;
    // Something is missing: begin with a fresh tree.
    connection.open();
    return;
  }
  if (selected === '') selected = live.root;
}

function pastAt(moment: number) {
  if (shownPast?.moment !== moment)
    shownPast = { moment, world: past.at(moment), lines: past.lines.slice(0, past.countAt(moment)) };
  return shownPast;
}

function drawAll(): void {
  takeAll();
  const { moment } = slider;
  const isLive = moment === undefined;
  const { world, lines } = isLive ? { world: live, lines: past.lines } : pastAt(moment);
  const now = isRecording() ? Date.parse(world.time) : (moment ?? Date.now());
  slider.show();
  tree.show(world, selected);
  actor.show(world, selected, lines, now, earlier.of(selected));
  if (tabs.current === 'timeline') timeline.show(lines);
  else if (tabs.current === 'sequence') sequence.show(lines, world, selected);
  else table.show(world, selected, now, isLive && at('connection', HTMLElement).dataset.state === 'live');
}

// For a look from outside: nothing here can be changed through it.
Object.assign(globalThis, {
  x2goGuardianPage: {
    tree: () => (slider.moment === undefined ? live : pastAt(slider.moment).world).tree(),
    size: () => live.actors.size,
    seq: () => live.seq,
  },
});
