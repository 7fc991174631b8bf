import { type Command, InvalidArgumentError, Option } from 'commander';
import { type ClipboardMode, clipboardModes, type LinkSpeed, linkSpeeds } from '../../machines/orders.js';
import type { SessionTag } from '../../machines/vocabulary.js';
import type { BrokerOptions } from './brokerOptions.js';
import type { CommonOptions } from './options.js';
import type { SweepOptions } from './sieve.js';
import { visibleStates } from './sieveOptions.js';

/** How a session is shown here: of `start`, `resume` and `share`. */
export interface ShowOptions extends CommonOptions {
  readonly geometry?: string;
  readonly link?: LinkSpeed;
  readonly pack?: string;
  readonly quality?: number;
  readonly keyboard?: string;
  readonly kbdVariant?: string;
  readonly kbdType?: string;
  readonly clipboard?: ClipboardMode;
  readonly xinerama?: boolean;
  readonly title?: string;
  readonly sound?: boolean;
  readonly display?: string;
}
export interface StartOptions extends ShowOptions, ShareMode, BrokerOptions {
  readonly command?: string;
  readonly sessionType?: 'application' | 'desktop';
  readonly desktop?: string;
  readonly published?: boolean;
  readonly share?: string;
  readonly xdmcp?: string;
  readonly rdp?: string;
  readonly dpi?: number;
  readonly depth?: number;
}
export interface ShareMode {
  readonly view?: boolean;
  readonly full?: boolean;
}
export interface ShareOptions extends ShowOptions, ShareMode {}
export interface PickOptions {
  readonly newest?: boolean;
  readonly oldest?: boolean;
}
export interface ResumeOptions extends ShowOptions, PickOptions, BrokerOptions {}
export interface EndOptions extends CommonOptions, PickOptions, SweepOptions {}
export interface WaitOptions extends CommonOptions, PickOptions {
  readonly state: SessionTag;
}
export interface ReapOptions extends CommonOptions {
  readonly terminate?: readonly string[];
  readonly suspend?: readonly string[];
}

const sizes = 'WxH, WxH+X+Y, fullscreen or maximize';

function whole(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number.');
}

export const addShowOptions = (command: Command): Command =>
  command
    .option('-g, --geometry <size>', `${sizes} (default: 1024x768 for a desktop)`)
    .addOption(
      new Option('-q, --link <speed>', 'how fast the line is (default: adsl)').choices([...linkSpeeds]),
    )
    .option(
      '--pack <method>',
      'how pictures are compressed, e.g. 16m-jpeg or 16m-png-9 (default: 16m-jpeg-9)',
    )
    .option('--quality <n>', 'of the pictures, 0 to 9 (default: 9)', whole)
    .option('--keyboard <layout>', 'xkb layout, e.g. de (default: that of this screen)')
    .option('--kbd-variant <name>', 'xkb variant of that layout, e.g. nodeadkeys')
    .option('--kbd-type <type>', 'auto, query, null/null, or like pc105/us (default: auto)')
    .addOption(
      new Option('--clipboard <way>', 'server: only from there to here (default: both)').choices([
        ...clipboardModes,
      ]),
    )
    .option('-x, --xinerama', 'tell the session of each of the screens here')
    .option('--title <text>', "of a desktop's window (default: the session's name)")
    .option('--sound', 'play the sound of the session here (default)')
    .option('--no-sound', 'leave the sound out')
    .option('--display <name>', 'the X display to paint on (default: $DISPLAY)');

export const addWorkOptions = (command: Command): Command =>
  addModeOptions(
    command
      .option('-c, --command <command>', 'start this application')
      .option('--desktop <command>', 'start this desktop, e.g. mate-session')
      .option('--published', 'start the published applications')
      .option('--share <user@:n>', 'share this desktop')
      .option('--xdmcp <host>', 'the login screen of this host')
      .option('--rdp <host[:port]>', 'a Windows desktop, by rdesktop on the server')
      .addOption(
        new Option('-t, --session-type <type>', 'what --command is (default: application)').choices([
          'application',
          'desktop',
        ]),
      ),
  )
    .option('--dpi <n>', 'dots per inch (default: what the server says)', whole)
    .option('--depth <bits>', '8, 16, 24 or 32 (default: 24)', whole);

export const addModeOptions = (command: Command): Command =>
  command
    .addOption(new Option('--view', 'of a shared desktop: only look (default)').conflicts('full'))
    .addOption(new Option('--full', 'of a shared desktop: take part'));

export const addPickOptions = (command: Command): Command =>
  command
    .addOption(new Option('--newest', 'the youngest one').conflicts('oldest'))
    .addOption(new Option('--oldest', 'the one that is there for longest'));

export const addStateOption = (command: Command): Command =>
  command.addOption(
    new Option('--state <state>', 'the state to wait for').choices(visibleStates).makeOptionMandatory(),
  );

export const addReapOptions = (command: Command): Command =>
  command
    .option('--terminate <session...>', 'end these of the sessions that were left', leftName)
    .option('--suspend <session...>', 'suspend these of them', leftName);

/** An option that is misspelt is no session. */
function leftName(word: string, before: readonly string[] = []): readonly string[] {
  if (/^[A-Za-z0-9._]/.test(word)) return [...before, word];
  throw new InvalidArgumentError(`${JSON.stringify(word)} is no name of a session.`);
}
