/** Requests to the command service, and what their answers mean for the form. */
import { createClient, type DryRun, type EventBody, ProblemError } from '@commitments/client'
import { recordingKey } from '../data/api-key.ts'
import { readShell } from '../shell.ts'
import type { Draft } from './draft.ts'
import type { Field } from './fields.ts'

/** A fault of the body. `path` names the member; it is empty for the whole. */
export interface Fault {
  readonly path: string
  /** The service's own words, in English. */
  readonly message: string
  /** The control of its field, if the value has the wrong form for it. */
  readonly control?: Field['control']
}

export type Verdict =
  | { readonly verdict: 'acceptable'; readonly version: number; readonly status: DryRun['status'] }
  | {
      readonly verdict: 'refused'
      readonly code: string
      readonly status: number
      /** Whether values have a wrong form; otherwise a rule of the domain refuses the event. */
      readonly ofForm: boolean
      readonly detail: string
      readonly faults: readonly Fault[]
    }
  /** The id of a new proposal belongs to another one. */
  | { readonly verdict: 'taken' }
  /** Others recorded events meanwhile. */
  | { readonly verdict: 'overtaken'; readonly version: number }
  /** It could not be checked, or nobody knows whether it was recorded. */
  | { readonly verdict: 'unanswered'; readonly code: string }

export interface Recorded {
  readonly verdict: 'recorded'
  readonly version: number
  readonly position: number
}

interface Request {
  readonly proposalId: string
  readonly body: unknown
  readonly draft: Draft
}

export async function tryOut({ proposalId, body, draft }: Request, signal: AbortSignal): Promise<Verdict> {
  try {
    const options = { dryRun: true, signal, retries: { withinMs: 8_000 }, ...demandOf(draft) } as const
    const { version, status } = await client().recordEvent(proposalId, body as EventBody, options)
    return { verdict: 'acceptable', version, status }
  } catch (error) {
    if (signal.aborted) throw error
    return verdictOf(error, body, draft)
  }
}

/** The same request is recorded once, however often it is sent. */
export async function send({ proposalId, body, draft }: Request): Promise<Recorded | Verdict> {
  try {
    const options = { idempotencyKey: draft.idempotencyKey, retries: { withinMs: 5_000 }, ...demandOf(draft) }
    const { version, position } = await client().recordEvent(proposalId, body as EventBody, options)
    return { verdict: 'recorded', version, position }
  } catch (error) {
    return verdictOf(error, body, draft)
  }
}

function client() {
  const { base, commandUrl } = readShell()
  const key = recordingKey.peek()
  const projectionUrl = new URL(base, location.origin)
  return createClient({ commandUrl: commandUrl ?? projectionUrl, projectionUrl, ...(key !== null && { apiKey: key }) })
}

function demandOf({ version }: Draft) {
  return version === 0 ? ({ ifNoneMatch: '*' } as const) : { ifMatch: version }
}

function verdictOf(error: unknown, body: unknown, { version }: Draft): Verdict {
  if (!(error instanceof ProblemError)) return { verdict: 'unanswered', code: 'unreachable' }
  const { code, status, problem } = error
  const extra = problem as Readonly<Record<string, unknown>>
  if (code === 'version-conflict') {
    return version === 0 ? { verdict: 'taken' } : { verdict: 'overtaken', version: Number(extra['currentVersion']) }
  }
  if (status >= 500 || status === 429) return { verdict: 'unanswered', code }
  return {
    verdict: 'refused',
    code,
    status,
    ofForm: Array.isArray(extra['errors']),
    detail: problem.detail,
    faults: faultsOf(extra, body, problem.detail),
  }
}

/** Refusals of rules have members that say which values they are about. */
const membersOfRefusals: Readonly<Record<string, readonly string[]>> = {
  lines: ['data.line'],
  transactions: ['data.transaction'],
  milestones: ['data.milestone', 'data.which'],
  pledges: ['data.pledge'],
  provider: ['data.provider'],
  currency: ['data.amount'],
  committed: ['data.amount'],
  undisbursed: ['data.amount'],
  refundable: ['data.amount'],
  links: ['data.other'],
  parent: ['data.other', 'data.parent'],
  party: ['assertedBy'],
}

function faultsOf(extra: Readonly<Record<string, unknown>>, body: unknown, detail: string): readonly Fault[] {
  if (Array.isArray(extra['errors'])) {
    // The id of a new proposal is in the address of the request.
    return (extra['errors'] as readonly Fault[]).map((fault) => ({ ...fault, path: fault.path.replace(/^path\./, '') }))
  }
  if (typeof extra['member'] === 'string') {
    const { member } = extra
    const path = member === 'occurredOn' || member.startsWith('evidence') ? member : `data.${member}`
    return [{ path, message: detail }]
  }
  const data = (body as { readonly data?: object }).data ?? {}
  const paths = Object.keys(extra).flatMap((name) => membersOfRefusals[name] ?? [])
  const [path] = paths.filter((one) => !one.startsWith('data.') || one.slice(5) in data)
  return path === undefined ? [] : [{ path, message: detail }]
}
