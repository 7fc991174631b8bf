import type { AttachmentInput } from '../../../machines/attachment.js';
import type { Outcome } from '../../../machines/ports.js';
import { sessionMachine } from '../../../machines/session.js';
import type {
  EndAgentInput,
  ResumeAgentInput,
  RunCommandInput,
  StartAgentInput,
  WithdrawInput,
} from '../../../machines/sessionPorts.js';
import type { AgentPorts, Failure, SessionRecord } from '../../../machines/vocabulary.js';
import { FakePort } from './fakePort.js';
import { row } from './rows.js';

/** The ports of sessions, and the chart over them; what shows a session is a fake too. */
export function sessionPorts() {
  const ports = {
    startAgent: new FakePort<StartAgentInput>(),
    withdraw: new FakePort<WithdrawInput>(),
    resumeAgent: new FakePort<ResumeAgentInput>(),
    endAgent: new FakePort<EndAgentInput>(),
    runCommand: new FakePort<RunCommandInput>(),
    attachment: new FakePort<AttachmentInput>(),
  };
  const logics = Object.fromEntries(Object.entries(ports).map(([name, { logic }]) => [name, logic]));
  return { ...ports, chart: sessionMachine.provide({ actors: logics as never }) };
}

export const agentPorts: AgentPorts = { graphics: 30_001, sound: 30_002, files: 30_003 };
/** The row of the nth session, as its start gives it. */
export const made = (n: number, changes: Partial<SessionRecord> = {}) =>
  row(n, { ports: agentPorts, ...changes });

export const gave = <T>(value: T, at = 0): { at: number; outcome: Outcome<T> } => ({
  at,
  outcome: { ok: true, value },
});
export const refused = (failure: Failure, at = 0) => ({ at, outcome: { ok: false, failure } as const });
