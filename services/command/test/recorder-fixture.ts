import type { EventBody } from '@commitments/domain'
import { openDatabase, type TestDatabase } from '@commitments/test-kit'
import { Registry } from 'prom-client'
import type { Test } from 'tap'
import { type Log, openLog } from '../src/recorder/log.ts'
import { recorderMetrics } from '../src/recorder/metrics.ts'
import { drain, type Recorder, type RecorderDeps, record, startRecorder } from '../src/recorder/recorder.ts'
import { digestOfKey, type Precondition, type RecordRequest } from '../src/recorder/requests.ts'

export { openDatabase }

export const recordedBy = 'key:registry'

/** A recorder as in the service, with the rights of the command role. */
export function openRecorder(t: Test, database: TestDatabase, options: Partial<RecorderDeps> = {}): Recorder {
  const recorder = startRecorder({
    log: openLog(database.pool('command', { max: 4 })),
    clock: () => new Date('2026-11-22T08:00:00Z'),
    timeZone: 'Asia/Ho_Chi_Minh',
    metrics: recorderMetrics(new Registry()),
    announce: () => {},
    warn: (detail, message) => t.fail(message, detail),
    ...options,
  })
  t.teardown(() => drain(recorder))
  return recorder
}

/** The real log, except that something happens once at one point of its work: before or after a call. */
export function interrupted(log: Log, call: keyof Log, when: 'before' | 'after', happens: () => Promise<unknown>): Log {
  let due = true
  return new Proxy(log, {
    get(target, name) {
      const method = Reflect.get(target, name) as (...parameters: unknown[]) => Promise<unknown>
      if (name !== call) return method
      return async (...parameters: unknown[]) => {
        const now = due
        due = false
        if (now && when === 'before') await happens()
        const result = await method(...parameters)
        if (now && when === 'after') await happens()
        return result
      }
    },
  })
}

export function request(
  proposalId: string,
  body: EventBody,
  { key = null, precondition = { demand: 'nothing' } }: { key?: string | null; precondition?: Precondition } = {},
): RecordRequest {
  return {
    body: { proposalId, ...body },
    speaker: { recordedBy, party: null, correctsAnything: false },
    keyDigest: key === null ? null : digestOfKey(recordedBy, key),
    precondition,
    traceparent: null,
  }
}

/** Records events one after the other; each must be recorded. Returns their versions. */
export async function recordInTurn(recorder: Recorder, proposalId: string, ...bodies: EventBody[]): Promise<number[]> {
  const versions: number[] = []
  for (const body of bodies) {
    const result = await record(recorder, request(proposalId, body), 1000)
    if (result.outcome !== 'recorded') throw new Error(`not recorded: ${JSON.stringify(result)}`)
    versions.push(result.version)
  }
  return versions
}

/** The contents of the log, as `proposal/version type`. */
export async function logOf(database: TestDatabase): Promise<string[]> {
  const { rows } = await database.pool().query<{ line: string }>('SELECT line FROM events ORDER BY position')
  return rows.map(({ line }) => {
    const { proposalId, version, type } = JSON.parse(line) as { proposalId: string; version: number; type: string }
    return `${proposalId}/${version} ${type}`
  })
}
