import { aliveFunction } from './script.js';

/**
 * Shell functions around the agent of $sid. It is known by its own command line (`-name X2GO-SID`, one whole argument) or,
 * when its pid is known, by the options file in its environment: a pid that is somebody else's by now is left alone.
 * The brackets keep a search from finding itself.
 */
export const agentFunctions = `${aliveFunction}
find_agents() {
  agents=
  for file in $(grep -lzsx "X2GO[-]$sid" /proc/[0-9]*/cmdline); do
    file=\${file#/proc/}; agents="$agents \${file%/cmdline}"
  done
  case $given in ?*) if grep -qs "/C[-]$sid/options" "/proc/$given/environ"; then agents="$agents $given"; fi;; esac
}
any_alive() {
  for pid in $agents; do alive "$pid"; case $how in alive) return 0;; esac; done
  return 1
}
await_end() {
  turns=$1
  while any_alive; do
    [ $turns -gt 0 ] || return 1
    turns=$((turns-1)); sleep 0.1
  done
}`;

/**
 * x2goterminate-session may take a session off the list and leave its agent alive, even when asked twice (PROTOCOL T27).
 * Its exit code says nothing but 127.
 */
export const endSessionFunction = `end_session() {
  find_agents
  x2goterminate-session "$sid" </dev/null; code=$?
  await_end $patience && return
  x2goterminate-session "$sid" </dev/null
  await_end $patience && return
  find_agents
  kill -TERM $agents; await_end 20 && return
  kill -KILL $agents; await_end 10
}`;

/** How long an agent may take after x2goterminate-session, in tenths of a second: 3 s where the deadline allows it. */
export const endPatience = (seconds: number): number => Math.max(5, Math.min(30, (seconds - 6) * 4));
