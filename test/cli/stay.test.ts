import { expect, test } from 'vitest';
import { stubNxproxy } from '../support/stubNxproxy/stubNxproxy.js';
import { stubScreen } from '../support/stubNxproxy/stubScreen.js';
import { Cli } from './support/cli.js';
import { startServer } from './support/server.js';

test('a session is told of in words while it is here, and at its end', async () => {
  await using server = await startServer();
  const [stub, screen] = [stubNxproxy(), await stubScreen()];
  try {
    const { HOME = '' } = server.place.env();
    const env = server.place.env({ ...stub.env({ DISPLAY: screen.display }), HOME });
    const words = ['start', ...server.there, '--command', 'xterm', '--no-sound', '--timeout', '15000'];
    const cli = new Cli(words, server.place, { env });
    await cli.until(() => /session\.started/.test(cli.stdout), 'the session');
    cli.child.kill('SIGINT');
    const { code, stdout, stderr } = await cli.ended;
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/Ended: SIGINT\. .*Everything of ours is closed\.\n$/);
    expect(server.place.leftovers()).toEqual([]);
  } finally {
    stub.remove();
    await screen.stop();
  }
});
