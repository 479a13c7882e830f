import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, renameSync, statSync } from 'node:fs'
import type { Place } from './place.ts'

/**
 * Runs the server and stops it (fast shutdown) once the launcher is gone, however it went: the launcher holds the other end of file
 * descriptor 3, and a kernel closes that also for a process that was killed with -9. The shell itself ignores the signals of a terminal
 * and of service managers; the server gets its own from the launcher. The watcher asks again, since a server that has only just begun still
 * ignores the signal. `read` is built into the shell, so nothing stays behind when the server ends first.
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

/** The server's messages begin a new file once the old one has grown to this many bytes; one old file is kept. */
const messagesLimit = 5_000_000

/** Nothing of our own environment, which may hold secrets; and messages whose language does not depend on the host. */
export const serverEnvironment = { PATH: process.env['PATH'], LC_ALL: 'C' }

/** Starts `program` under the guard, as the account, in a process group of its own, with its messages appended to the place's file. */
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
