import type { Ending } from './ending.js';
import type { Io } from './io.js';
import type { CommonOptions } from './options.js';
import type { Printer } from './printer.js';
import type { View } from './view.js';

export function linesView(_io: Io, printer: Printer, _ending: Ending, _options: CommonOptions): View {
  return {
    stage: { pause: () => undefined, resume: () => undefined },
    open: () => undefined,
    show: (record) => printer.print(record.event),
    close: () => undefined,
  };
}
