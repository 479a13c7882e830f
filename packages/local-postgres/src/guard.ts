import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, renameSync, statSync } from 'node:fs'
import type { Place } from './place.ts'

/**
 * Runs the server and stops it (fast shutdown) once the launcher has ended in any way: the launcher holds the other end of file descriptor
 * 3, which the kernel closes even if the process is killed with -9. The shell itself ignores the signals of a terminal and of service
 * managers; the server gets its signals from the launcher. The watcher repeats its signal, because a server that has just started still
 * ignores it. `read` is built into the shell, so nothing remains if the server ends first.
 */
const guardScript = `
"$@" </dev/null 3<&- &
server=$!
trap '' HUP INT TERM
( read -r _ <&3; while kill -INT "$server"; do sleep 1; done ) >/dev/null 2>&1 &
watcher=$!
exec 3<&-
wait "$server"
status=$?
kill -KILL "$watcher" 2>/dev/null
exit "$status"
`

/** When the server's messages reach this many bytes, a new file is begun; one old file is kept. */
const messagesLimit = 5_000_000

/** Nothing of our own environment, which may contain secrets; and messages in a language that does not depend on the host. */
export const serverEnvironment = { PATH: process.env['PATH'], LC_ALL: 'C' }

/** Starts `program` under the guard, as the account, in a separate process group, and appends its messages to the place's file. */
export function spawnGuarded(place: Place, program: string, parameters: string[]): ChildProcess {
  const messages = openMessages(place)
  try {
    return spawn('/bin/sh', ['-c', guardScript, 'commitments-postgres', program, ...parameters], {
      ...place.account,
      cwd: '/',
      env: serverEnvironment,
      detached: true,
      stdio: ['ignore', messages, messages, 'pipe'],
    })
  } finally {
    closeSync(messages)
  }
}

function openMessages({ messages }: Place): number {
  const size = statSync(messages, { throwIfNoEntry: false })?.size ?? 0
  if (size > messagesLimit) renameSync(messages, `${messages}.old`)
  return openSync(messages, 'a', 0o600)
}
