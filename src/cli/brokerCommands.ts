import { X2GoError } from '../errors.js';
import type { BrokerProfile } from '../profiles/brokerAnswer.js';
import { orderOf } from '../profiles/brokerOrder.js';
import { clean } from '../protocol/text.js';
import { type BrokerAccess, openBrokerAccess } from './brokerAccess.js';
import type { BrokerCommandOptions, BrokerInvocation } from './brokerOptions.js';
import { type Column, layOut, line } from './columns.js';
import { type Context, done, type Outcome } from './command.js';
import { cutShort } from './oneShot.js';
import { readTwoPasswords } from './passwordStdin.js';
import { profileListed, record } from './records.js';
import { styleFor } from './style.js';

const noStage = { pause: () => undefined, resume: () => undefined };

/** What a broker is asked for by itself. */
export async function askBroker(invocation: BrokerInvocation, context: Context): Promise<Outcome> {
  try {
    return await ask(invocation, context);
  } catch (cause) {
    const cut = cutShort(context, false);
    if (cut !== undefined) return cut;
    throw cause;
  }
}

async function ask(invocation: BrokerInvocation, context: Context): Promise<Outcome> {
  const { options } = invocation;
  const url = invocation.command === 'brokerProfiles' ? options.broker : invocation.url;
  if (url === undefined)
    throw new X2GoError('usage.invalid', 'Which broker is not said: give --broker with its address');
  const read = invocation.command === 'brokerPassword' ? readTwoPasswords : undefined;
  const access = await openBrokerAccess(url, options, context, noStage, read);
  const { broker, user } = access;
  switch (invocation.command) {
    case 'brokerProfiles':
      return listProfiles(access, options, context);
    case 'brokerTest': {
      const startedAt = performance.now();
      await broker.test(context.ending.asked);
      const tookMs = Math.round(performance.now() - startedAt);
      tell(
        options,
        context,
        'broker.tested',
        { broker: broker.shown, user, tookMs },
        `lets ${user} in (${tookMs} ms)`,
      );
      return done;
    }
    case 'brokerPassword':
      await broker.changePassword(await access.newPassword(), context.ending.asked);
      tell(
        options,
        context,
        'broker.passwordChanged',
        { broker: broker.shown, user },
        'knows the new password',
      );
      return done;
  }
}

function tell(
  { json }: BrokerCommandOptions,
  { printer }: Context,
  event: string,
  fields: { readonly broker: string; readonly user: string; readonly tookMs?: number },
  text: string,
): void {
  if (json) printer.printJson(record(event, fields));
  else printer.print(`${fields.broker}: ${clean(text)}`);
}

async function listProfiles(
  { broker, user }: BrokerAccess,
  { json, quiet }: BrokerCommandOptions,
  { io, printer, ending }: Context,
): Promise<Outcome> {
  const { profiles, skipped } = await broker.list(ending.asked);
  const rows = profiles.map((profile) => rowOf(profile, user));
  if (json) for (const row of rows) printer.printJson(profileListed({ ...row, source: broker.shown }));
  else printer.print(table(rows, styleFor(io.stdout, io.env), io.stdout.columns, broker.shown));
  if (!quiet && skipped.length > 0)
    printer.say(
      `x2go-guardian: ${broker.shown}: left out: ${skipped.length} (${[...new Set(skipped)].join('; ')})`,
    );
  return done;
}

/** A broker may leave the server open until a profile is selected. */
function rowOf(described: BrokerProfile, user: string) {
  const { id, name, settings } = described;
  const made = orderOf(described);
  return {
    profile: id,
    id,
    name,
    host: settings.get('host') || '-',
    port: portOf(settings.get('sshport')),
    user: settings.get('user') || user,
    kind: made.ok ? made.order.kind : null,
  };
}
type Row = ReturnType<typeof rowOf>;

const portOf = (text = ''): number => {
  const port = Number(text);
  return /^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535 ? port : 22;
};

const columns: readonly (Column & { readonly of: (row: Row) => string })[] = [
  { title: 'PROFILE', rank: 0, least: 8, of: ({ profile }) => profile },
  { title: 'NAME', rank: 1, least: 8, of: ({ name }) => name },
  { title: 'USER', rank: 3, of: ({ user }) => user },
  { title: 'HOST', rank: 2, of: ({ host, port }) => (port === 22 ? host : `${host}:${port}`) },
];

function table(rows: readonly Row[], style: ReturnType<typeof styleFor>, width = 0, shown = ''): string {
  if (rows.length === 0) return `${shown}: no profiles`;
  const cells = rows.map((row) => columns.map(({ of }) => clean(of(row))));
  const layout = layOut(columns, cells, width > 0 ? width : Number.MAX_SAFE_INTEGER);
  const titles = columns.map(({ title }) => title);
  return [
    style.paint('dim', line(layout, titles, style.mark)),
    ...cells.map((one) => line(layout, one, style.mark)),
  ].join('\n');
}
