/** Does one step to a world. What does not apply to it as it is, does nothing. */
import type { Misbehaviour } from '../../src/emulator/faultPlan.js';
import type { SimulatedServer, SimulatedWorld } from '../../src/testing/index.js';
import type { Calls } from './calls.js';
import type { Action, Wrong } from './steps.js';

const misbehaviours: Readonly<Record<Wrong, Misbehaviour>> = {
  hang: { kind: 'hang' },
  slow: { kind: 'slow', ms: 9_000 },
  fail: { kind: 'fail', code: 1, stderr: 'failed\n' },
  garbage: { kind: 'garbage', text: 'not a row\n1|2|3\n\u001b[2J\n' },
  cut: { kind: 'cut', after: 0 },
};

/** The names of its sessions that are still something, oldest first. */
const sessionsOf = (server: SimulatedServer): readonly string[] =>
  server.store.all.filter(({ status, alive }) => status !== 'F' || alive).map(({ session }) => session);

export function happen(world: SimulatedWorld, calls: Calls, profile: string, action: Action): void {
  const server = world.server(profile);
  const { guardian } = world;
  const named = (nth: number) => {
    const names = sessionsOf(server);
    return names[nth % Math.max(1, names.length)];
  };
  switch (action.do) {
    case 'connect':
      calls.make('connect', (signal) => guardian.connect(profile, { signal }));
      return;
    case 'disconnect':
      calls.make('disconnect', (signal) => guardian.disconnect(profile, { signal }));
      return;
    case 'refresh':
      guardian.refresh(profile);
      return;
    case 'pause':
      guardian.pauseRegistration(profile);
      return;
    case 'unpause':
      guardian.resumeRegistration(profile);
      return;
    case 'start':
      calls.make('start', (signal) =>
        guardian.startSession(profile, action.order, { signal, timeout: action.patienceMs }),
      );
      return;
    case 'ask': {
      const session = named(action.nth);
      if (session === undefined) return;
      calls.make(action.verb, async (signal) => {
        if (action.verb === 'resume')
          await guardian.resumeSession(profile, session, { sound: false }, { signal });
        else if (action.verb === 'suspend') await guardian.suspendSession(profile, session, { signal });
        else await guardian.terminateSession(profile, session, { signal });
      });
      return;
    }
    case 'otherStart':
      if (server.store.all.length < 8) server.sessions.start();
      return;
    case 'other':
    case 'endApplication':
    case 'killAgent':
    case 'abandon': {
      const session = named(action.nth);
      if (session === undefined || server.store.find(session)?.pid === undefined) return;
      if (action.do !== 'other') server.sessions[action.do](session);
      else server.sessions[action.verb](session);
      return;
    }
    case 'abort':
      calls.abort();
      return;
    case 'cut':
      server.cut();
      return;
    case 'silence':
      server.silence();
      return;
    case 'heal':
      world.viewers.fault = undefined;
      server.heal();
      return;
    case 'down':
      server.door = 'down';
      server.cut();
      return;
    case 'lock':
      server.door = 'locked';
      return;
    case 'noForwards':
      server.plan.forwarding = false;
      return;
    case 'noChannels':
      server.plan.channelLimit = 1;
      return;
    case 'agentsDie':
      server.plan.agentDies = server.plan.agentDies === 'atOnce' ? 'afterwards' : 'atOnce';
      return;
    case 'outlive':
      server.plan.outlives = server.plan.outlives === 'first' ? 'all' : 'first';
      return;
    case 'limit':
      server.plan.sessionLimit = 1;
      return;
    case 'takePorts':
      for (const { ports } of server.store.all) if (ports) server.plan.takenPorts.add(ports.graphics);
      return;
    case 'plant':
      server.plant(action.command, misbehaviours[action.wrong]);
      return;
    case 'killViewer':
      world.viewers.kill();
      return;
    case 'viewers':
      world.viewers.fault = action.fault;
      return;
    case 'fillDisk':
    case 'freeDisk':
      world.journal.full = action.do === 'fillDisk';
      return;
    case 'stall':
      world.time.stall(action.ms);
      return;
    case 'sleep':
      world.time.sleep(action.ms);
      return;
    case 'stepClock':
      server.stepped += action.ms;
      return;
  }
}
