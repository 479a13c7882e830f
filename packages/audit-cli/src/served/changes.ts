import { isDeepStrictEqual } from 'node:util'
import { today } from '@commitments/domain'
import type { Service } from '../source/service.ts'
import { type Answer, askObject, objectsIn } from '../source/shape.ts'
import { CannotCheck, type Finding, held, notChecked } from '../verdict.ts'
import type { Values } from './questions.ts'
import { someOf } from './questions.ts'
import { type Range, whyNotAt } from './seen.ts'
import type { Facts, FactsAt } from './streams.ts'

/** The most rows of one answer. */
const limit = 1_000

/** What was served as changed since a position or an instant; the reason where it cannot be read. */
export interface ServedChanges {
  readonly since: number | string
  readonly answer: Answer | CannotCheck
}

/** Since the beginning, since some position, and since some instants at which something was recorded. */
export async function askChanges(service: Service, { byFilter }: Values, seen: number): Promise<ServedChanges[]> {
  const instants = someOf([...(byFilter.get('updatedSince') ?? [])], 2)
  const asked: ServedChanges[] = []
  for (const since of [0, Math.floor(Math.random() * (seen + 1)), ...instants])
    asked.push({ since, answer: await ask(service, since) })
  return asked
}

async function ask(service: Service, since: number | string): Promise<ServedChanges['answer']> {
  const path = `/v1/changes?limit=${limit}&since=${encodeURIComponent(since)}`
  try {
    const answer = await askObject(service, path)
    if (answer === null) return new CannotCheck(`${service.url} does not say what changed: ${path} answers 404`)
    objectsIn(answer.value, 'proposals', path)
    return answer
  } catch (error) {
    if (error instanceof CannotCheck) return error
    throw error
  }
}

/** Each at the position that it had seen. */
export function compareChanges(
  all: readonly ServedChanges[],
  range: Range,
  { factsAt, day, timeZone }: { readonly factsAt: FactsAt; readonly day: string; readonly timeZone: string },
): Finding {
  const open: string[] = []
  for (const { since, answer } of all) {
    const why =
      answer instanceof CannotCheck
        ? answer.message
        : whyNotAt(`what is served as changed since ${since}`, answer.position, range)
    if (answer instanceof CannotCheck || why !== null) open.push(why ?? '')
    else if (today(new Date(answer.servedAt), timeZone) !== day) open.push('the day changed while changes were read')
    else {
      const fault = faultOf(answer, since, factsAt(answer.position))
      if (fault === null) continue
      return { outcome: 'broken', because: `${fault}: the signed lines are right, and what is served is not` }
    }
  }
  if (open[0] !== undefined) return notChecked(open[0])
  return held(`What is served as changed since ${all.length} positions and instants is what the lines say.`)
}

function faultOf({ value, position }: Answer, since: number | string, facts: readonly Facts[]): string | null {
  const right = facts
    .filter(({ updated, recordedAt }) => (typeof since === 'number' ? updated > since : recordedAt > since))
    .toSorted((a, b) => a.updated - b.updated)
  const rows = right.slice(0, limit).map(rowOf)
  const served = value['proposals'] as readonly Record<string, unknown>[]
  for (let at = 0; at < Math.max(rows.length, served.length); at += 1)
    if (!isDeepStrictEqual(knownMembers(served[at]), rows[at]))
      return `as changed since ${since}, the service has ${JSON.stringify(served[at]) ?? 'nobody'} where the lines give ${JSON.stringify(rows[at]) ?? 'nobody'}`
  const more = right.length > limit
  if (value['more'] !== more)
    return `of what changed since ${since}, the service says more ${String(value['more'])}, and the lines give ${more}`
  const start = typeof since === 'number' ? since : 0
  const next = more ? rows.at(-1)?.position : Math.max(position, start)
  return value['next'] === next
    ? null
    : `of what changed since ${since}, the service says next ${String(value['next'])}, and by the lines it is ${next}`
}

function rowOf({ proposalId, updated: position, version, recordedAt, stage, ending, condition }: Facts) {
  return { proposalId, position, version, recordedAt, stage, ending, condition }
}

function knownMembers(served: Record<string, unknown> | undefined) {
  if (served === undefined) return undefined
  const { proposalId, position, version, recordedAt, stage, ending, condition } = served
  return { proposalId, position, version, recordedAt, stage, ending, condition }
}
