import { type AgentState, agentStates } from '../../machines/vocabulary.js';

/**
 * The content of an agent's state file. The agent overwrites it in place, so that a read may be empty or
 * torn (RUNNINGTING has been seen): then undefined, which means read again.
 */
export function parseAgentState(text: string): AgentState | undefined {
  return agentStates.find((state) => state === text);
}
