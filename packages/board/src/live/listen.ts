/** Hears of changes: through one stream and, while the service does not give it, by asking every few seconds. */
import { type LogPoint, ProblemError } from '@commitments/client'
import { authorization } from '../data/api-key.ts'
import { addressOf, ask, askNow } from '../data/ask.ts'
import { blocksOf, changesIn, pointOf } from './blocks.ts'
import type { News } from './news.ts'

interface Listening {
  /** Where the caller has got to; null: it begins with what is there now. */
  readonly from: () => LogPoint | null
  readonly tell: (news: News) => void
  /** False: asks every few seconds, and never opens a stream. */
  readonly streaming: boolean
  readonly signal: AbortSignal
}

/** Milliseconds between two attempts, and between two questions. */
const pauses = { atFirst: 1_000, atMost: 5_000, polling: 5_000 }

/** Milliseconds without a sign of life after which a stream is given up: the service sends one every 15 seconds. */
const patience = 25_000

/** Ends when the signal fires, or when the service does not accept the key. */
export async function listen(listening: Listening): Promise<void> {
  const { streaming, signal } = listening
  let pause = pauses.atFirst
  while (!signal.aborted) {
    const outcome = streaming ? await follow(listening).catch(outcomeOf) : 'not-given'
    if (outcome === 'forbidden') return
    if (outcome === 'not-given' && (await poll(listening).catch(outcomeOf)) === 'forbidden') return
    if (outcome === 'ended') pause = pauses.atFirst
    // Not all browsers come back at the same moment after a restart.
    await sleep(outcome === 'not-given' ? pauses.polling : pause * (0.5 + Math.random()), signal)
    pause = Math.min(2 * pause, pauses.atMost)
  }
}

/** `not-given`: the service answers, but not with a stream. `away`: it does not answer. */
type Outcome = 'ended' | 'not-given' | 'forbidden' | 'away'

function outcomeOf(error: unknown): Outcome {
  if (!(error instanceof ProblemError)) return 'away'
  return error.status === 401 || error.status === 403 ? 'forbidden' : 'not-given'
}

async function follow({ from, tell, signal }: Listening): Promise<Outcome> {
  const attempt = new AbortController()
  const stop = () => attempt.abort()
  signal.addEventListener('abort', stop)
  let watch = setTimeout(stop, patience)
  try {
    const start = from()
    const resume = start === null ? {} : { 'Last-Event-ID': `${start.logId}:${start.position}` }
    const headers = { ...authorization(), Accept: 'text/event-stream', ...resume }
    const response = await fetch(addressOf('/v1/changes', { since: 'now' }), { headers, signal: attempt.signal })
    if (response.status === 401 || response.status === 403) return 'forbidden'
    if (!response.ok || response.body === null) return 'not-given'
    let at = start ?? { logId: response.headers.get('Log-Id') ?? '', position: 0 }
    for await (const blocks of blocksOf(response.body)) {
      clearTimeout(watch)
      watch = setTimeout(stop, patience)
      at = blocks.reduce((known, { id }) => pointOf(id) ?? known, at)
      tell({ ...at, way: 'live', changes: blocks.flatMap(changesIn) })
      // The stream would now send the whole other log; what is there now is enough.
      if (blocks.some(({ event }) => event === 'log-changed')) return 'ended'
    }
    return 'ended'
  } finally {
    clearTimeout(watch)
    signal.removeEventListener('abort', stop)
    attempt.abort()
  }
}

async function poll({ from, tell, signal }: Listening): Promise<Outcome> {
  const start = from()
  const since = start === null ? 'now' : start.position
  try {
    const { value, position, logId } = await askNow(ask('/v1/changes', { since, limit: 100 }), signal)
    const sameLog = start === null || start.logId === logId
    const changes = sameLog
      ? value.proposals.map(({ proposalId, position }) => ({ proposalId, position, type: null }))
      : []
    tell({ logId, position: sameLog && value.more ? value.next : position, way: 'polling', changes })
  } catch (error) {
    // The log is shorter than what was seen of it: another log, or not all of it is back.
    if (!(error instanceof ProblemError) || error.code !== 'beyond-head') throw error
    const { position, logId } = await askNow(ask('/v1/changes', { since: 'now', limit: 1 }), signal)
    tell({ logId, position, way: 'polling', changes: [] })
  }
  return 'not-given'
}

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, milliseconds)
    signal.addEventListener('abort', end)
  })
}
