/** Faults planted on purpose, one at a time in a copy of the tree, and the test files that must notice. */

export interface Mutant {
  /** What is wrong then. */
  readonly name: string;
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly find: string;
  readonly put: string;
  readonly tests: readonly string[];
}

export const mutants: readonly Mutant[] = [
  {
    name: 'leak of a child: nxproxy is not ended with its session',
    file: 'src/proxy/nxproxy.ts',
    find: "return child === undefined ? 'closed' : child.end(hurry);",
    put: "return 'closed';",
    tests: ['test/proxy/nxproxy.test.ts'],
  },
  {
    name: 'leak of a directory: the private folder stays',
    file: 'src/proxy/nxproxy.ts',
    find: 'folder?.remove();',
    put: '',
    tests: ['test/proxy/nxproxy.test.ts'],
  },
  {
    name: 'leak of a note: what has ended stays in the journal',
    file: 'src/proxy/nxproxy.ts',
    find: '        strike();\n',
    put: '',
    tests: ['test/proxy/nxproxy.test.ts'],
  },
  {
    name: 'leak of a listener: the port of a tunnel stays open',
    file: 'src/ssh/graphicsTunnel.ts',
    find: "this.#server.close(() => resolve('closed'));",
    put: "resolve('closed');",
    tests: ['test/ssh/tunnelCaps.test.ts'],
  },
  {
    name: 'leak of a forward: the server listens on',
    file: 'src/ssh/forwards.ts',
    find: "this.#client.unforwardIn(address, port, () => done('closed'));",
    put: "done('closed');",
    tests: ['test/ssh/tunnelCaps.test.ts'],
  },
  {
    name: 'a place of a forward is never given back',
    file: 'src/ssh/forwards.ts',
    find: '        entry.channels -= 1;\n',
    put: '',
    tests: ['test/ssh/tunnelCaps.test.ts'],
  },
  {
    name: 'leak of a timer: the beat of a profile goes on',
    file: 'src/metronome.ts',
    find: 'clock.clearTimeout(timer);',
    put: '',
    tests: ['test/metronome.test.ts'],
  },
  {
    name: 'leak of a timer: the connect deadline runs on',
    file: 'src/ssh/connection.ts',
    find: '    this.#options.clock.clearTimeout(this.#deadline);',
    put: '',
    tests: ['test/scenarios/reconnecting.test.ts'],
  },
  {
    name: 'leak of a timer: the watch for silence outlives its line',
    file: 'src/ssh/silence.ts',
    find: '    clock.clearTimeout(timer);\n    socket.off',
    put: '    socket.off',
    tests: ['test/scenarios/stopHealthy.test.ts'],
  },
  {
    name: 'leak of sockets: what a tunnel joins is not closed with it',
    file: 'src/ssh/tunnel.ts',
    find: '      joints.end();\n',
    put: '',
    tests: ['test/ssh/tunnelCaps.test.ts'],
  },
  {
    name: 'leak of a socket: a line is not cut with its transport',
    file: 'src/ssh/transport.ts',
    find: "return connection === undefined ? 'closed' : connection.close(hurry);",
    put: "return 'closed';",
    tests: ['test/ssh/actorsAlone.test.ts'],
  },
  {
    name: 'leak of a transport: its actor ends and the line stays',
    file: 'src/ssh/transport.ts',
    find: 'return () => void world.scope.settle(profile.id);',
    put: 'return () => undefined;',
    tests: ['test/ssh/actorsAlone.test.ts'],
  },
  {
    name: 'leak of a channel: the state watch is not ended',
    file: 'src/ssh/stateWatch.ts',
    find: "return channel === undefined ? 'closed' : endChannel(channel, hurry);",
    put: "return 'closed';",
    tests: ['test/ssh/actorsAlone.test.ts'],
  },
  {
    name: 'leak of a channel: a call is never struck off',
    file: 'src/ssh/owned.ts',
    find: '  } finally {\n    void give();',
    put: '  } finally {',
    tests: ['test/ssh/actorsAlone.test.ts'],
  },
  {
    name: 'a lock that is never released: the hold on a session',
    file: 'src/journal/holds.ts',
    find: 'return () => removeOwn(path, text);',
    put: 'return () => undefined;',
    tests: ['test/journal/holds.test.ts'],
  },
  {
    name: 'a lock that is never released: a turn is not given back',
    file: 'src/ssh/turns.ts',
    find: '    this.#free += 1;\n',
    put: '',
    tests: ['test/ssh/turns.test.ts'],
  },
  {
    name: 'a lock that is never released: the place of a channel',
    file: 'src/ssh/channels.ts',
    find: '      this.#busy -= 1;\n      this.#granted -= 1;',
    put: '      this.#granted -= 1;',
    tests: ['test/ssh/channels.test.ts'],
  },
  {
    name: 'an event dropped: nobody is told of a wake',
    file: 'src/metronome.ts',
    find: "if (gapMs > sleptIntervals * intervalMs) send({ type: 'clock.woke', gapMs });",
    put: '',
    tests: ['test/scenarios/waking.test.ts'],
  },
  {
    name: 'an event dropped: the end of nxproxy',
    file: 'src/proxy/nxproxy.ts',
    find: "      send({ type: 'proxy.ended', end, at: clock.now() });\n",
    put: '',
    tests: ['test/proxy/nxproxy.test.ts'],
  },
  {
    name: 'an event dropped: tunnels are not told that their line has gone',
    file: 'src/ssh/connection.ts',
    find: 'for (const tell of gone) tell(error);',
    put: '',
    tests: ['test/ssh/actorsAlone.test.ts'],
  },
  {
    name: 'resources are given back in the order of their opening',
    file: 'src/scope.ts',
    find: '[...this.#open].reverse()',
    put: '[...this.#open]',
    tests: ['test/scope.test.ts'],
  },
  {
    name: 'a guard inverted: what dies too often is started again for ever',
    file: 'machines/sessionRules.ts',
    find: '.length < mostRestarts;',
    put: '.length >= mostRestarts;',
    tests: ['test/machines/session.test.ts'],
  },
  {
    name: 'a guard inverted: whoever is not ours is let in',
    file: 'src/ssh/doorkeeper.ts',
    find: '!isOurs(socket.remotePort ?? 0)',
    put: 'isOurs(socket.remotePort ?? 0)',
    tests: ['test/ssh/tunnels.test.ts', 'test/scenarios/lives.test.ts'],
  },
  {
    name: 'a host key is a yes unless it is a strict no',
    file: 'src/ssh/hostVerifier.ts',
    find: 'if (answer === true) return true;',
    put: 'if (answer !== false) return true;',
    tests: ['test/ssh/hostVerifier.test.ts'],
  },
  {
    name: 'a revoked host key is passed over',
    file: 'src/ssh/hostKeyVerdict.ts',
    find: 'if (revoked !== undefined) {',
    put: 'if (revoked === undefined) {',
    tests: ['test/ssh/hostKeysAsSsh.test.ts'],
  },
  {
    name: 'a word is not quoted whole: a quote in it ends it',
    file: 'src/protocol/quoting.ts',
    find: 'text.replaceAll(',
    put: 'text.replace(',
    tests: ['test/protocol/quoting.test.ts'],
  },
  {
    name: 'a call that is settled leaves its timer',
    file: 'src/operations.ts',
    find: '        this.#clock.clearTimeout(timer);\n',
    put: '',
    tests: ['test/operations.test.ts'],
  },
  {
    name: 'a page of another origin is let in',
    file: 'src/inspection/pageAccess.ts',
    find: "if (origin !== undefined && !this.#origins.has(origin)) return refuse('Not for pages from elsewhere');",
    put: '',
    tests: ['test/page/access.test.ts'],
  },
];
