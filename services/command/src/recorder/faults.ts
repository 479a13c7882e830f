/** The queue is full. Nothing was recorded; the same request may be sent again shortly. 503 `unavailable`. */
export class Overloaded extends Error {
  override readonly name = 'Overloaded'
}

/** The log could not be reached, or would not settle. Certainly nothing was recorded. 503 `unavailable`. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable'
}

/**
 * The batch was sent and no answer came within the limit. The event may or may not have been recorded: a caller with an idempotency
 * key sends the same request again, one without looks at the proposal first. 503 `outcome-unknown`.
 */
export class OutcomeUnknown extends Error {
  override readonly name = 'OutcomeUnknown'
}

/** An atomic job goes through more of histories than one may. Nothing was recorded. 413 `too-large`. */
export class TooMuchWork extends Error {
  override readonly name = 'TooMuchWork'
}

/** The database refused this event for its content, alone: a rule of ours let through what the log cannot hold. 500, and a log line. */
export class Unstorable extends Error {
  override readonly name = 'Unstorable'
}
