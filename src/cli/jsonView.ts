import type { Printer } from './printer.js';
import type { WatchView } from './view.js';

/** The library's records as they are. A reader who is very late misses what comes again anyway. */
export const jsonView = (printer: Printer): WatchView => ({
  stage: printer.stage,
  open: () => undefined,
  show: (record) => {
    if (record.event === 'cache.refreshed' && printer.isLate) return;
    printer.printJson(record);
  },
  note: (news) => printer.printJson(news),
  close: () => undefined,
});
