import { setTimeout as sleep } from 'node:timers/promises'
import { processKey } from '@commitments/test-kit'
import { agreed, delivered, funded, proposed } from '@commitments/test-kit/domain'
import { type System } from './system.ts'

/** An event that was acknowledged to a client, with the bytes of the answer. */
export interface Acknowledged {
  readonly key: string
  readonly proposalId: string
  readonly version: number
  readonly position: number
  readonly line: string
}

/** Running clients, and what they saw. */
export interface Load {
  readonly acknowledged: Acknowledged[]
  /** The number of answers: by status, or `cut` if none came. */
  readonly answers: Map<string, number>
  /** Observations that no client should ever make, in words. */
  readonly unexpected: string[]
  /** Lets each client finish its current request, and ends. */
  stop(): Promise<void>
}

export interface LoadOptions {
  readonly clients?: number
  readonly watchers?: number
  /** The prefix of the names of this load's proposals, to keep them separate. */
  readonly name?: string
}

interface State extends Omit<Load, 'stop'> {
  readonly system: Pick<System, 'command' | 'projection'>
  stopping: boolean
}

/** How long a client repeats a request; no outage here takes nearly as long. */
const patience = 60_000

/**
 * Starts clients that take proposals from proposed to delivered. Each event has an idempotency key, and the same request is sent until it
 * has an answer. Every eighth is sent twice at once. Watchers read what was acknowledged, and must find it.
 */
export function startLoad(
  system: Pick<System, 'command' | 'projection'>,
  { clients = 16, watchers = 2, name = 'load' }: LoadOptions = {},
): Load {
  const state: State = { system, acknowledged: [], answers: new Map(), unexpected: [], stopping: false }
  const running = [
    ...Array.from({ length: clients }, (_, index) => walkProposals(state, `${name}-${index}`)),
    ...Array.from({ length: watchers }, () => watch(state)),
  ]
  const { acknowledged, answers, unexpected } = state
  const stop = async () => {
    state.stopping = true
    await Promise.all(running)
  }
  return { acknowledged, answers, unexpected, stop }
}

const steps = [proposed(), agreed(), funded({ line: 'first' }), funded({ line: 'second' }), delivered()]

async function walkProposals(state: State, client: string): Promise<void> {
  for (let round = 0; !state.stopping; round += 1) {
    const proposalId = `${client}-${round}`
    for (const [index, step] of steps.entries()) {
      if (state.stopping) return
      const key = `${proposalId}/${index}`
      // It shows in the log which request an event came from.
      const body = JSON.stringify({ ...step, correlationId: key })
      const copies = (round * steps.length + index) % 8 === 0 ? 2 : 1
      const lines = new Set<string | null>()
      const send = async () => {
        const line = await untilAnswered(state, proposalId, key, body)
        // When it arrives: the other copy may be answered after a fault.
        if (!lines.has(line)) acknowledge(state, key, line)
        lines.add(line)
      }
      await Promise.all(Array.from({ length: copies }, send))
      if (lines.size > 1) state.unexpected.push(`${key} was answered with different lines`)
    }
  }
}

function acknowledge(state: State, key: string, line: string | null): void {
  if (line === null) return
  const { proposalId, version, position } = JSON.parse(line) as Acknowledged
  state.acknowledged.push({ key, proposalId, version, position, line })
}

/** The recorded line, or null after an answer that no client should see. */
async function untilAnswered(state: State, proposalId: string, key: string, body: string): Promise<string | null> {
  const until = Date.now() + patience
  for (;;) {
    const answer = await post(state, proposalId, key, body)
    count(state, answer === null ? 'cut' : String(answer.status))
    if (answer?.status === 201) return answer.text
    if (answer !== null && answer.status !== 503) {
      state.unexpected.push(`${key}: ${answer.status} ${answer.text}`)
      return null
    }
    if (Date.now() > until) {
      state.unexpected.push(`${key}: no answer within ${patience} ms`)
      return null
    }
    await sleep(20 + 30 * Math.random())
  }
}

interface Answer {
  readonly status: number
  readonly text: string
  readonly position: number
}

async function post({ system }: State, proposalId: string, key: string, body: string): Promise<Answer | null> {
  return ask(new URL(`/v1/proposals/${proposalId}/events`, system.command.url), {
    method: 'POST',
    headers: {
      authorization: `Bearer ${processKey}`,
      'content-type': 'application/json',
      'idempotency-key': `"${key}"`,
    },
    body,
  })
}

/** Null if the connection was refused or cut, at any point. */
async function ask(url: URL, init: RequestInit = {}): Promise<Answer | null> {
  try {
    const response = await fetch(url, init)
    const position = Number(response.headers.get('log-position'))
    return { status: response.status, text: await response.text(), position }
  } catch {
    return null
  }
}

function count({ answers }: State, what: string): void {
  answers.set(what, (answers.get(what) ?? 0) + 1)
}

/** Reads acknowledged writes: an answer that has seen a position shows what was recorded there. */
async function watch(state: State): Promise<void> {
  while (!state.stopping) {
    const newest = state.acknowledged.at(-1)
    if (newest) await readBack(state, newest)
    await sleep(10)
  }
}

async function readBack(state: State, { proposalId, version, position }: Acknowledged): Promise<void> {
  const url = new URL(`/v1/proposals/${proposalId}?atLeast=${position}`, state.system.projection.url)
  const answer = await ask(url)
  if (answer === null || answer.status === 503) return
  const seen = answer.status === 200 ? (JSON.parse(answer.text) as { version: number }).version : 0
  if (seen >= version && answer.position >= position) return
  const found = `${answer.status}, version ${seen}, Log-Position ${answer.position}`
  state.unexpected.push(`${proposalId} at version ${version} (position ${position}) was read as ${found}`)
}
