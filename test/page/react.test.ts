/** The React example in a browser: useSelector on a root actor as the guardian's, drawn again as it changes. */
import { rolldown } from 'rolldown';
import { expect, test } from 'vitest';
import { describeChromium, launch } from './support/chromium.js';

const root = new URL('../../', import.meta.url).pathname;

/** The very charts over ports that answer when the page says so. */
const entry = `
import { createActor, fromCallback, fromPromise } from 'xstate';
import { defaultTiming, guardianMachine, profileMachine, refreshPlan } from '${root}machines/index.ts';
import { show } from '${root}examples/react/live.ts';
let ready = () => undefined;
const noRefresh = {
  autoUpdateListSessionsCache: false, autoUpdateListDesktopsCache: false, autoUpdateListMountsCache: false,
  autoUpdateSessionRegistry: false, autoRegisterSessions: false, skipPublishedSessions: false,
};
const never = fromPromise(() => new Promise(() => undefined));
const profile = profileMachine.provide({ actors: {
  transport: fromCallback(({ sendBack }) => { ready = () => sendBack({ type: 'ssh.ready' }); }),
  survey: never, desktops: never, watch: fromCallback(() => undefined), metronome: fromCallback(() => undefined),
  release: fromPromise(async () => []),
} });
const actor = createActor(guardianMachine.provide({ actors: { profile, release: fromPromise(async () => []) } }), {
  id: 'guardian',
  input: { profiles: [{ id: 'office', host: 'x2go', port: 22, user: 'alice' }], plan: refreshPlan(noRefresh),
    timing: defaultTiming, watch: false, identify: false, connect: true },
});
actor.start();
actor.send({ type: 'guardian.start' });
window.ready = () => ready();
window.leave = show({ actor }, document.body);
`;

async function bundled(): Promise<string> {
  const bundle = await rolldown({
    input: 'entry',
    cwd: root,
    platform: 'browser',
    transform: { define: { 'process.env.NODE_ENV': '"production"' } },
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === 'entry' ? `${root}examples/react/entry.js` : undefined),
        load: (id) => (id.endsWith('/entry.js') ? entry : undefined),
      },
    ],
  });
  const { output } = await bundle.generate({ format: 'iife' });
  await bundle.close();
  return output[0].code;
}

describeChromium('the React example', () => {
  test('shows a profile that connects without being told to draw', async () => {
    const browser = await launch();
    try {
      const page = await browser.newPage();
      const troubles: unknown[] = [];
      page.on('pageerror', (trouble) => void troubles.push(trouble));
      await page.addScriptTag({ content: await bundled() });
      const text = (wanted: string) => page.getByText(`office: alice@x2go is ${wanted}`).waitFor();
      await text('connecting');
      await page.evaluate('ready()');
      await text('connected');
      await page.evaluate('leave()');
      expect(await page.evaluate('document.body.textContent')).toBe('');
      expect(troubles).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});
