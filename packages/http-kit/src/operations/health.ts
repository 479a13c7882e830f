/** Whether the process responds, and whether it can do its work. */
import type { Logger } from 'pino'
import { Gauge, type Registry } from 'prom-client'
import { z } from 'zod'
import type { Caller } from '../keys/key-entries.ts'
import type { Environment } from '../process/config.ts'
import { defineRoute, type RouteDefinition } from '../route/route.ts'
import { lookShared, sharedFor } from './shared-look.ts'

export interface CheckResult {
  ok: boolean
  /** A sentence for the operator; no secrets, no addresses with passwords. */
  detail: string
}

/** A condition without which the service is not ready, or an alarm that somebody must look at. */
export interface Check {
  name: string
  /** The service can still work if this fails, and stays ready; but somebody must look at it. */
  isAlarm?: boolean
  /** `to-readers`: its name tells something too, and callers that may not see details do not see it. */
  isNamed?: 'to-readers'
  /** A work of its own, for which an instance can be ready or not: `/health/ready?for=<this>` asks for these checks alone. */
  for?: string
  check(): Promise<CheckResult>
}

/** Milliseconds that one check may take. */
const patience = 2_000

/** A work of its own of a service. */
export interface Purpose {
  /** What it is, after "Asks whether". */
  readonly description: string
  /** Why an instance without checks for it does not do it, as a sentence. */
  readonly absent: string
}

const Report = z
  .object({
    status: z.enum(['ready', 'not-ready']).meta({ description: 'Whether all needs are met.' }),
    checks: z
      .array(
        z.object({
          name: z.string().meta({ description: 'What was looked at, for programs.' }),
          ok: z.boolean().meta({ description: 'Whether it is as it must be.' }),
          alarm: z.literal(true).optional().meta({
            description:
              '`true` for an alarm: if it does not hold, the service can still do its work, but somebody must look at it.',
          }),
          detail: z.string().meta({ description: 'What was found, as a sentence.' }),
        }),
      )
      .max(2_000)
      .meta({ description: 'Each need of the service, and each alarm.' }),
  })
  .meta({ id: 'Readiness', description: 'The needs of the service, and whether each is met.' })

const Life = z
  .object({ status: z.literal('live').meta({ description: 'The process responds.' }) })
  .meta({ id: 'Liveness', description: 'The process answers.' })

const common = { method: 'GET', tag: 'Operations', access: 'public', problems: [], work: 'memory' } as const

interface HealthOptions {
  /** Who may see what the checks found; all others learn only which of them pass. */
  readonly openTo?: (caller: Caller | null) => boolean
  readonly shared?: number | undefined
  /** The service was told to stop. It still serves, and is not ready from that moment on. */
  readonly isStopping?: () => boolean
  readonly purposes?: Readonly<Record<string, Purpose>> | undefined
  /** Says what an error of a check means, as a sentence for the operator; null if it does not know. */
  readonly explain?: ((error: unknown) => string | null) | undefined
  /** Gets the results of the checks as a metric. */
  readonly metrics?: Registry | undefined
}

/** The two routes, and the look at the checks that their callers share. */
export function healthOf(
  checks: readonly Check[],
  logger: Logger,
  {
    openTo = () => true,
    shared = lookShared,
    isStopping = () => false,
    purposes = {},
    explain = () => null,
    metrics,
  }: HealthOptions = {},
): { readonly routes: RouteDefinition[]; readonly look: () => Promise<Report> } {
  const say = (error: unknown) => explain(error) ?? unexplained(error)
  const look = sharedFor(shared, () => report(checks, logger, say))
  if (metrics) addCheckMetric(metrics, look)
  const looksFor = new Map(
    Object.entries(purposes).map(([name, { absent }]) => {
      const own = checks.flatMap((check) => (check.for === name ? [{ ...check, isAlarm: false }] : []))
      const none = { name, check: async () => ({ ok: false, detail: absent }) }
      return [name, sharedFor(shared, () => report(own.length > 0 ? own : [none], logger, say))]
    }),
  )
  const hidden = new Set(checks.flatMap(({ name, isNamed }) => (isNamed === 'to-readers' ? [name] : [])))
  const routes = [
    defineRoute({
      ...common,
      url: '/health/live',
      operationId: 'getLiveness',
      summary: 'Is the process alive?',
      description: 'Always 200 while the event loop runs. Restart the process if it does not answer.',
      responses: { 200: { description: 'The process answers.', schema: Life, headers: ['Cache-Control'] } },
      handler: () => ({ status: 200, headers: uncached, body: { status: 'live' } }),
    }),
    defineRoute({
      ...common,
      url: '/health/ready',
      operationId: 'getReadiness',
      summary: 'Can the service do its work?',
      description:
        'Lists everything the service needs, as of the last second. A service that was told to stop answers 503 at once, with the check `shutdown` alone. While it answers 503, send it no requests, but do not restart it. An alarm that does not hold leaves it ready, because it concerns the data of all instances. With `READ_ACCESS=key`, only a caller whose key or token may read (`read`, `audit` or `admin`) sees the details of each check.',
      noticesKey: true,
      query: purposeQuery(purposes),
      responses: {
        200: { description: 'Everything is there.', schema: Report, headers: ['Cache-Control'] },
        503: { description: 'Something is missing.', schema: Report, headers: ['Cache-Control'] },
      },
      handler: async ({ caller, query }) => {
        const lookFor = looksFor.get(query.for ?? '') ?? look
        return shownTo(openTo(caller), isStopping() ? stopping : await lookFor(), hidden)
      },
    }),
  ]
  return { routes, look }
}

/** So that a monitor learns of every need and every alarm, and of those to come, without reading the answers of `/health/ready`. */
function addCheckMetric(registry: Registry, look: () => Promise<Report>): void {
  const gauge: Gauge<'check' | 'alarm'> = new Gauge({
    name: 'health_check_ok',
    help: '1 if the need or the alarm (alarm="true") of this name holds, 0 if it does not; /health/ready explains it.',
    labelNames: ['check', 'alarm'],
    registers: [registry],
    async collect() {
      const { checks } = (await look()).body
      gauge.reset()
      for (const { name, ok, alarm = false } of checks) gauge.set({ check: name, alarm: String(alarm) }, Number(ok))
    },
  })
}

function purposeQuery(purposes: Readonly<Record<string, Purpose>>): z.ZodType<{ for?: string | undefined }> {
  const [first, ...others] = Object.keys(purposes)
  if (first === undefined) return z.strictObject({})
  const meanings = Object.entries(purposes).map(([name, { description }]) => `\`${name}\` asks whether ${description}.`)
  const description = `A work of its own, for which an instance can be ready or not. ${meanings.join(' ')} Absent: whether it can serve.`
  return z.strictObject({
    for: z
      .enum([first, ...others])
      .optional()
      .meta({ description }),
  })
}

const uncached = { 'cache-control': 'no-store' }

const stopping = {
  status: 503,
  headers: uncached,
  body: {
    status: 'not-ready' as const,
    checks: [{ name: 'shutdown', ok: false, detail: 'the service is stopping; send requests to another instance' }],
  },
}

export type Report = Awaited<ReturnType<typeof report>>

/** The result of a check can name proposals, or reveal how far the log is. */
function shownTo(isOpen: boolean, answer: Report, hidden: ReadonlySet<string>): Report {
  if (isOpen) return answer
  const shown = answer.body.checks.filter(({ name }) => !hidden.has(name))
  const checks = shown.map((one) => ({ ...one, detail: one.ok ? 'holds' : closed }))
  return { ...answer, body: { ...answer.body, checks } }
}

const closed = 'does not hold; send a key that may read to learn why, or see the log of the service'

type Say = (error: unknown) => string

function unexplained(error: unknown): string {
  const kind = error instanceof Error ? error.name : typeof error
  return `the check failed with an error that the service does not expect (${kind}); its log has it, with the name of the check`
}

async function report(checks: readonly Check[], logger: Logger, say: Say) {
  const results = await Promise.all(checks.map((check) => runCheck(check, logger, say)))
  const ready = results.every(({ ok, alarm }) => ok || alarm)
  const body = { status: ready ? ('ready' as const) : ('not-ready' as const), checks: results }
  return { status: ready ? 200 : 503, headers: uncached, body }
}

async function runCheck(check: Check, logger: Logger, say: Say): Promise<CheckResult & { name: string; alarm?: true }> {
  const own = { name: check.name, ...(check.isAlarm ? { alarm: true as const } : {}) }
  const { promise: late, resolve } = Promise.withResolvers<CheckResult>()
  const tooLate = `no answer within ${patience} ms: what the check asks, such as the database, hangs or is overloaded`
  const timer = setTimeout(() => resolve({ ok: false, detail: tooLate }), patience)
  try {
    const { ok, detail } = await Promise.race([check.check(), late])
    return { ...own, ok, detail }
  } catch (error) {
    logger.warn({ check: check.name, err: error }, 'a readiness check failed')
    return { ...own, ok: false, detail: say(error) }
  } finally {
    clearTimeout(timer)
  }
}

// For a service that is up before its ledger is filled: `npm start` tells it when that is done.

/** Set only by `npm start`, until the portfolio is recorded and projected. */
export const heldVariable = 'READY_WHEN_TOLD'

/** The message that `npm start` sends to a service once its ledger is filled. */
export const filled = { filled: true } as const

/** The check that passes once the parent process has said so; none if there is nothing to wait for. */
export function heldReadiness(environment: Environment, parent: NodeJS.EventEmitter = process): Check[] {
  if (environment[heldVariable] !== 'yes') return []
  let isFilled = false
  parent.on('message', (message: unknown) => {
    if (typeof message === 'object' && message !== null && 'filled' in message) isFilled = true
  })
  const check = async () =>
    isFilled
      ? { ok: true, detail: 'the portfolio is recorded and projected' }
      : { ok: false, detail: 'npm start is recording the portfolio, or waits until it is projected' }
  return [{ name: 'portfolio', check }]
}
