import { maxRestBytes, refusals } from '@commitments/domain'
import { type Problem, problem } from '@commitments/http-kit'
import {
  Halted,
  type NotRecorded,
  OutcomeUnknown,
  Overloaded,
  Overtaken,
  type Precondition,
  TooMuchWork,
  Unavailable,
} from '../recorder/requests.ts'

/** Codes of the problems of a write, in addition to those of http-kit. */
export const writeProblems: readonly string[] = [
  'not-your-party',
  'not-your-event',
  'bad-signature',
  'signature-required',
  'not-your-signing-key',
  'signed-for-another-log',
  'idempotency-key-reused',
  ...Object.keys(refusals),
  'version-conflict',
  'too-large',
  'unavailable',
  'log-went-back',
  'outcome-unknown',
]

/** Seconds after which to retry when the log is overloaded or unreachable. */
const headers = { 'Retry-After': '1' }

/** A person has to decide: whoever asks each second only fills the log of the service. */
const untilDecided = { 'Retry-After': '300' }

/**
 * The answer to a request that was not recorded.
 *
 * @param precondition that of the headers; absent for a line of an import, which has only `ifVersion`.
 */
export function problemOf(answer: NotRecorded, precondition?: Precondition): Problem {
  switch (answer.outcome) {
    case 'refused': {
      const { outcome: _, code, detail, ...extra } = answer.refusal
      return problem(code, detail, extra)
    }
    case 'version-conflict':
      return conflict(answer.actual, precondition)
    case 'key-reused':
      return keyReused(answer)
    case 'too-large':
      return problem('too-large', `The event takes ${answer.bytes} bytes in the log; the limit is ${maxRestBytes}.`)
    default:
      return answer satisfies never
  }
}

function conflict(actual: number, precondition: Precondition | undefined): Problem {
  const detail = precondition ? conflictDetail(actual, precondition) : conflictOfLine(actual)
  if (actual === 0) return problem('version-conflict', detail, { currentVersion: 0 })
  return problem('version-conflict', detail, { currentVersion: actual, headers: { ETag: `"${actual}"` } })
}

function conflictDetail(actual: number, precondition: Precondition): string {
  if (actual === 0) {
    return 'The proposal does not exist yet, so it has no version. To record its first event, send `If-None-Match: *`, or no precondition.'
  }
  if (precondition.demand === 'absent') return `The proposal exists already; it is at version ${actual}.`
  if (precondition.demand === 'version' && precondition.versions.length === 0) {
    return `The tag in \`If-Match\` is not the version of a proposal. The \`ETag\` of a status is not a version: it also changes when the proposal does not. Send the \`version\` in the status. The proposal is at version ${actual}: if you decided on that version, send \`If-Match: "${actual}"\`.`
  }
  return `The proposal is at version ${actual}. Read it, decide again, and send \`If-Match: "${actual}"\`.`
}

function conflictOfLine(actual: number): string {
  if (actual === 0)
    return 'The proposal does not exist yet, so it has no version. Send its first event with `"ifVersion":0`, or without `ifVersion`.'
  return `The proposal is at version ${actual}. Read it, decide again, and send \`"ifVersion":${actual}\`.`
}

function keyReused({ position, isUnsigned = false }: Extract<NotRecorded, { outcome: 'key-reused' }>): Problem {
  const where = position > 0 ? ` (the event at position ${position})` : ''
  const other = isUnsigned ? 'an event that it did not sign' : 'another event'
  const detail = `This caller used the key before, for ${other}${where}. Send a new event with a new key.`
  return problem('idempotency-key-reused', detail, position > 0 ? { position } : {})
}

/** Passes results on, and turns faults into the caller's problems. */
export function orProblem<Result>(work: Promise<Result>): Promise<Result> {
  return work.catch((fault: unknown) => {
    throw problemOfFault(fault)
  })
}

/** The problem of a fault that a caller can act on. Every other fault, and a problem, is thrown on; a fault becomes a 500. */
export function problemOfFault(fault: unknown): Problem {
  if (fault instanceof Overloaded) {
    return problem('unavailable', 'More requests are waiting than can be served in time. Nothing was recorded.', {
      headers,
    })
  }
  if (fault instanceof Halted) {
    const detail = `The log takes no writes until its operator has decided. ${fault.message.slice(0, 2_000)} Nothing was recorded.`
    return problem('log-went-back', detail, { headers: untilDecided })
  }
  if (fault instanceof Unavailable) {
    return problem('unavailable', 'The log cannot be read or written right now. Nothing was recorded.', { headers })
  }
  if (fault instanceof Overtaken) {
    const detail = `Other writers recorded events of the same proposals before this could be recorded, ${fault.tries} times. Nothing was recorded. Send it again when they write less.`
    return problem('unavailable', detail, { headers })
  }
  if (fault instanceof OutcomeUnknown) {
    const detail =
      'The log did not answer in time: the event may or may not be recorded. Send the same request again with the same Idempotency-Key; without a key, read the proposal first.'
    return problem('outcome-unknown', detail, { headers })
  }
  if (fault instanceof TooMuchWork) {
    const detail =
      'Corrections, retractions and events that count before others are judged on the whole history of their proposal; together, these lines would take too long. Nothing was recorded. Send them in several requests, or without `atomic`.'
    return problem('too-large', detail)
  }
  throw fault
}
