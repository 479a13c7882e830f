import { Unavailable } from './faults.ts'
import { digestOf, type RecordRequest, type RecordResult } from './requests.ts'

/** A request on its way through the recorder. It is answered once: settled with a result, or failed with a fault. */
export interface Pending {
  readonly request: RecordRequest
  readonly keyDigest: string | null
  /** Rough weight, for the bounds of queue and group. */
  readonly bytes: number
  /** Refused once on what may be behind the log, or overtaken: to be decided on a fresh read. */
  certainly: boolean
  tries: number
  /** Put off by a group because it needs a whole history: it does not keep others out of the next one. */
  putOff: boolean
  settle(result: RecordResult): void
  fail(fault: unknown): void
}

export function toPending(
  request: RecordRequest,
  bytes: number,
  settle: Pending['settle'],
  fail: Pending['fail'],
): Pending {
  return { request, keyDigest: digestOf(request), bytes, certainly: false, tries: 0, putOff: false, settle, fail }
}

/** A stream that many writers want may move on between our read and our append; so often in a row is not a race but a fault. */
const triesBeforeGivingUp = 25

/** Counts a lost race and asks for a fresh read next time. False where the request was given up and failed. */
export function mayTryAgain(pending: Pending): boolean {
  pending.certainly = true
  pending.tries += 1
  if (pending.tries <= triesBeforeGivingUp) return true
  pending.fail(new Unavailable(`overtaken ${triesBeforeGivingUp} times by other writers of the same proposal`))
  return false
}
