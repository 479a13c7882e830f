import { membersOf, textsIn } from '../source/shape.ts'
import type { ServedStatus } from '../status/served.ts'
import { type Finding, held, leftOut } from '../verdict.ts'
import type { Facts, FactsAt } from './streams.ts'

/** Proposals of which it is compared who is linked to them: all of a small ledger, some of a larger one. */
export const relatedCompared = 200
/** The service names at most so many links to a proposal. */
const namedAtMost = 500

/**
 * Whether each proposal shows the others that are linked to it, by the lines of those others. The answers were read before the lines, and
 * each is compared at the position that it had seen.
 */
export function compareRelated(answers: readonly ServedStatus[], verified: number, factsAt: FactsAt): Finding {
  const links = memoryOf((position) => linksByTarget(factsAt(position)))
  let count = 0
  // Those that had seen the same, one after another.
  for (const { proposalId, status, seen } of answers.toSorted((a, b) => a.seen - b.seen)) {
    if (seen > verified) continue
    count += 1
    const shown = shownIn(status)
    // An answer includes all that it says that it has seen, and may include later events.
    const [right = [], later = []] = [seen, verified].map((position) => links(position).get(proposalId) ?? [])
    if (right.length > namedAtMost || shown.join() === right.join() || shown.join() === later.join()) continue
    const because =
      `the service says that ${textOf(shown)} linked to ${proposalId}, but by the lines ${textOf(right)}: ` +
      'the signed lines are right, and what is served is not'
    return { outcome: 'broken', because }
  }
  if (count === 0) return leftOut('Nothing was compared of what proposals show of those that are linked to them.')
  return held(`What ${count} proposals show of those that are linked to them is what the lines of those say.`)
}

type Links = ReadonlyMap<string, readonly string[]>

/** Keeps what was found for the last positions. */
function memoryOf(find: (position: number) => Links): (position: number) => Links {
  const found = new Map<number, Links>()
  return (position) => {
    const links = found.get(position) ?? find(position)
    if (found.size > 2) found.clear()
    found.set(position, links)
    return links
  }
}

/** Links that proposals have, as `relation proposalId`, by the proposal that they lead to. */
function linksByTarget(facts: readonly Facts[]): Links {
  const linked = new Map<string, string[]>()
  for (const { proposalId, isVoid, links } of facts)
    for (const { relation, other } of isVoid ? [] : links)
      linked.set(other, [...(linked.get(other) ?? []), `${proposalId} (${relation})`].toSorted())
  return linked
}

function shownIn({ related }: ServedStatus['status']): string[] {
  const { children, linkedFrom } = (related ?? {}) as { children?: unknown; linkedFrom?: unknown }
  const parts = textsIn(membersOf(children, 'proposalId')).map((id) => `${id} (child)`)
  const others: readonly unknown[] = Array.isArray(linkedFrom) ? linkedFrom : []
  return [...parts, ...others.map(textOfLink)].toSorted()
}

function textOfLink(link: unknown): string {
  const { proposalId, relation } = Object(link) as { proposalId?: unknown; relation?: unknown }
  return `${String(proposalId)} (${String(relation)})`
}

function textOf(links: readonly string[]): string {
  if (links.length === 0) return 'nobody is'
  return links.length === 1 ? `${links[0]} is` : `${links.slice(0, 10).join(', ')} are`
}
