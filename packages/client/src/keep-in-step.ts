import { type CallOptions, type Connection, call } from './connection.ts'
import { CommitmentsError } from './errors.ts'
import type { components } from './generated-command.ts'
import { conditions, headerOf, type Precondition } from './record-event.ts'
import type { KeptInStep, StepsTried, Wish } from './types.ts'

export type KeepOptions = CallOptions &
  Precondition & {
    /**
     * The caller's own name for this wish: 1 to 255 printable ASCII characters. A repeated wish with its key finds what it was recorded as. Absent: a
     * key is made for this call, so that its retries are safe.
     */
    readonly idempotencyKey?: string
    /** W3C Trace Context, kept in the events. */
    readonly traceparent?: string
    readonly dryRun?: false
  }

export type TryToKeepOptions = CallOptions & Precondition & { readonly dryRun: true }

export interface KeepInStep {
  /** Says which events would bring the proposal to the wished state, and the status that would come of them. Records nothing. */
  (proposalId: string, wish: Wish, options: TryToKeepOptions): Promise<StepsTried>
  /**
   * Records the events that bring a proposal to a wished state, all or none. Without a difference, nothing is recorded, and `events` is empty.
   * What only a correction could express is in `notPlanned`.
   *
   * @throws ProblemError if an event that the wish needs is refused: its `problem.errors` names the member of the wish; ProblemError
   * `outcome-unknown` or Unreachable if the outcome is unknown: send the same wish again, with the error's `idempotencyKey`
   */
  (proposalId: string, wish: Wish, options?: KeepOptions): Promise<KeptInStep>
}

/** The type of the OpenAPI document, which has no undefined members. */
type SentWish = components['schemas']['Wish']

export async function keepInStep(
  connection: Connection,
  proposalId: string,
  wish: Wish,
  options: KeepOptions | TryToKeepOptions = {},
): Promise<KeptInStep | StepsTried> {
  const body = wish as SentWish
  const path = { proposalId }
  if (options.dryRun) {
    const params = { path, query: { dryRun: 'true' }, header: conditions(options) } as const
    const { data } = await call(connection, options, (signal) =>
      connection.command.PUT('/v1/proposals/{proposalId}/plan', { params, body, signal }),
    )
    return data as StepsTried
  }
  const { idempotencyKey = crypto.randomUUID() } = options
  const header = headerOf(options, idempotencyKey)
  const send = (signal: AbortSignal) =>
    connection.command.PUT('/v1/proposals/{proposalId}/plan', { params: { path, header }, body, signal })
  const { data, response } = await call(connection, options, send).catch((error: unknown) => {
    if (error instanceof CommitmentsError) error.idempotencyKey = idempotencyKey
    throw error
  })
  const kept = data as components['schemas']['KeptInStep']
  const replayed = response.headers.get('Idempotency-Replayed') === 'true'
  return { ...kept, logId: response.headers.get('Log-Id') ?? '', replayed, idempotencyKey }
}
