import type { BulkLine, ProblemDocument } from './types.ts'

/** The base of every error of the client. */
export class CommitmentsError extends Error {
  override name = 'CommitmentsError'
  /** For a write: the key that it was sent with. The same request with this key is recorded at most once, however often it is sent. */
  idempotencyKey?: string
}

/** The service answered with a problem; if it could be retried, the retries are used up. */
export class ProblemError extends CommitmentsError {
  override name = 'ProblemError'
  /** The code that programs use to tell problems apart, such as `not-agreed` or `version-conflict`. */
  readonly code: string
  readonly status: number
  /** The whole document; problem types add their own members. */
  readonly problem: ProblemDocument
  readonly headers: Headers

  constructor(problem: ProblemDocument, status: number, headers: Headers) {
    super(`${status} ${problem.code}: ${problem.detail}`)
    this.code = problem.code
    this.status = status
    this.problem = problem
    this.headers = headers
  }
}

/**
 * No complete answer came in time: the service is not available, or the connection was cut. `cause` says more. A write may have been
 * recorded.
 */
export class Unreachable extends CommitmentsError {
  override name = 'Unreachable'
}

/** How to continue after an interruption. */
export interface Resume {
  /** For a feed: pass it as `after`. */
  readonly after?: number
  /** For a bulk call: the lines without an answer, with their keys. Send these first, then those that were not taken yet. */
  readonly lines?: readonly BulkLine[]
}

/** A stream was cut and could not be resumed within the time for retries. What was passed on so far is valid. */
export class CutShort extends CommitmentsError {
  override name = 'CutShort'
  readonly resume: Resume

  constructor(message: string, resume: Resume, options: ErrorOptions) {
    super(message, options)
    this.resume = resume
  }
}

/** The service now has another log than before (it was restored, or replaced). Anything kept from the other log must be read again. */
export class LogChanged extends CommitmentsError {
  override name = 'LogChanged'
  readonly expected: string
  readonly actual: string

  constructor(expected: string, actual: string) {
    super(
      `The log is ${actual} and no longer ${expected}: positions of the one mean nothing in the other. Begin again.`,
    )
    this.expected = expected
    this.actual = actual
  }
}

/** The service sent something that its contract excludes. Sending the request again would not help. */
export class ContractBroken extends CommitmentsError {
  override name = 'ContractBroken'
}

/** A position is missing in the feed, or comes twice. Positions have no gaps, so the feed or the log is damaged. */
export class GapInFeed extends ContractBroken {
  override name = 'GapInFeed'
  readonly expected: number
  readonly actual: number

  constructor(expected: number, actual: number) {
    super(`Position ${actual} came where ${expected} should have.`)
    this.expected = expected
    this.actual = actual
  }
}
