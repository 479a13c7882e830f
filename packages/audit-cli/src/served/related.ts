import type { Service } from '../source/service.ts'
import { servedStatus } from '../status/served.ts'
import { type Finding, held } from '../verdict.ts'
import { someOf } from './lists.ts'
import type { Facts } from './streams.ts'

/** Proposals that are asked for: some of those that others are linked to, and fewer of all. */
const asked = { targets: 100, all: 25 }
/** The service names at most so many links to a proposal. */
const namedAtMost = 500

/** Whether each proposal shows the others that are linked to it, by the lines of those others. */
export async function compareRelated(service: Service, facts: readonly Facts[], verified: number): Promise<Finding> {
  const linked = linksByTarget(facts)
  const ids = facts.map(({ proposalId }) => proposalId)
  const known = new Set(ids)
  const targets = [...linked.keys()].filter((id) => known.has(id))
  let count = 0
  for (const id of new Set([...someOf(targets, asked.targets), ...someOf(ids, asked.all)])) {
    const served = await servedStatus(service, id)
    // Without a status its own check says so; with newer links nobody has verified them yet.
    if (served === null || served.seen > verified) continue
    count += 1
    const [shown, right] = [shownIn(served.status), linked.get(id) ?? []]
    const isWhole = right.length <= namedAtMost
    if (isWhole && shown.join() !== right.join())
      return {
        outcome: 'broken',
        because:
          `the service says that ${textOf(shown)} linked to ${id}, but by the lines ${textOf(right)}: ` +
          'the signed lines are right, and what is served is not',
      }
  }
  return held(`What ${count} proposals show of those that are linked to them is what the lines of those say.`)
}

/** Links that proposals have, as `relation proposalId`, by the proposal that they lead to. */
function linksByTarget(facts: readonly Facts[]): Map<string, string[]> {
  const linked = new Map<string, string[]>()
  for (const { proposalId, isVoid, links } of facts)
    for (const { relation, other } of isVoid ? [] : links)
      linked.set(other, [...(linked.get(other) ?? []), `${proposalId} (${relation})`].toSorted())
  return linked
}

interface Related {
  readonly children?: readonly { proposalId: string }[]
  readonly linkedFrom?: readonly { proposalId: string; relation: string }[]
}

function shownIn(status: Readonly<Record<string, unknown>>): string[] {
  const { children = [], linkedFrom = [] } = (status['related'] ?? {}) as Related
  const parts = children.map(({ proposalId }) => `${proposalId} (child)`)
  return [...parts, ...linkedFrom.map(({ proposalId, relation }) => `${proposalId} (${relation})`)].toSorted()
}

function textOf(links: readonly string[]): string {
  if (links.length === 0) return 'nobody is'
  return links.length === 1 ? `${links[0]} is` : `${links.slice(0, 10).join(', ')} are`
}
