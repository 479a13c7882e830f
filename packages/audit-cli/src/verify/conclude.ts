import type { LogKeys } from '../log/keys.ts'
import { keepContradiction, type Memory, remember, unreadChecks } from '../log/memory.ts'
import type { Feed } from '../source/feed.ts'
import { type Check, type Finding, notChecked, type Verdict, verdictOf } from '../verdict.ts'
import type { OpenedAnchor } from './anchors.ts'
import type { Earlier } from './before.ts'
import type { RestoresFound } from './given-up.ts'
import type { Judgement } from './judge.ts'
import type { VerifyOptions } from './options.ts'
import type { Scan } from './scan.ts'
import { keyFinding } from './trust.ts'

/** Everything that was collected for the verdict. */
export interface Gathered {
  readonly options: VerifyOptions
  readonly feed: Feed
  readonly memory: Memory | null
  readonly keys: LogKeys | null
  readonly signed: OpenedAnchor
  readonly witnesses: readonly Check[]
  readonly earlier: Earlier
  readonly scan: Scan
  readonly judgement: Judgement
  readonly callers: Finding
  /** Null if nothing was erased. */
  readonly erased: Finding | null
  /** How many lines are erased. */
  readonly erasures: number
  readonly restores: RestoresFound
  readonly served: readonly Check[]
  /** Whether the memory is the one of the log that was verified. */
  readonly recognised: readonly Check[]
}

/** One verdict from everything that was found. */
export function conclude(gathered: Gathered, afterwards: readonly Check[] = []): Verdict {
  const { feed, keys, signed, witnesses, earlier, judgement, served, scan } = gathered
  const checks: Check[] = [
    ...judgement.checks,
    { name: 'signature', finding: sameLog(gathered) ?? signed.finding },
    { name: 'key', finding: keyFinding(keys) },
    ...witnesses,
    ...earlier.faults.map((finding): Check => ({ name: 'earlier', finding })),
    { name: 'callers', finding: gathered.callers },
    ...(gathered.erased ? [{ name: 'erased', finding: gathered.erased } as const] : []),
    { name: 'restores', finding: gathered.restores.finding },
    ...served,
    ...gathered.recognised,
    ...unreadChecks(gathered.memory),
    ...afterwards,
  ]
  const { anchor } = signed
  const subject = {
    source: feed.name,
    lines: scan.good,
    ...(anchor ? { origin: anchor.origin, size: anchor.size, root: anchor.root.toString('base64') } : {}),
  }
  return verdictOf(checks, { valid: validSentence(gathered), subject })
}

/** The lines and the checkpoint must be of one log: a service can change to another in between. */
function sameLog({ scan, signed }: Gathered): Finding | null {
  const logId = scan.end?.logId
  const named = signed.anchor?.origin.split('/').at(-1) ?? ''
  if (!logId || !signed.anchor || !uuid.test(named) || named === logId) return null
  return notChecked(`the lines are of log ${logId}, and ${signed.anchor.what} is of ${signed.anchor.origin}`)
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

function validSentence({ scan, signed, earlier, keys, served, restores, erasures }: Gathered): string {
  const size = signed.anchor?.size ?? scan.good
  if (size === 0) return `the log is empty, and ${signed.anchor?.origin} has signed it as such.`
  const parts = [`positions 1 to ${size} are what ${signed.anchor?.origin} has signed, unchanged and in order`]
  if (erasures > 0) parts.push(`except the texts of ${erasures} of them, which were erased as the log says`)
  if (earlier.anchors.length > 0) parts.push('nothing that was signed at the last check was changed or left out')
  if (restores.short !== null) parts.push(restores.short)
  if (served.some(({ name, finding }) => name === 'status' && finding.outcome === 'held'))
    parts.push(
      'and today’s status of every proposal, the totals, and the lists and moments that were asked for are what the log says',
    )
  const trust = keys?.origin.from === 'first-use' ? ' The key was the log’s own word, taken on trust: see below.' : ''
  return `${parts.join('; ')}.${trust}`
}

/** What a check changes on disk: a valid one is remembered, and a fork is stored beside what it contradicts. */
export async function keepOutcome(gathered: Gathered, verdict: Verdict): Promise<Check[]> {
  const { memory, keys, signed, scan, judgement, options } = gathered
  const now = (options.now ?? (() => new Date()))()
  if (!memory || !signed.anchor || !keys) return []
  // Beside what it contradicts; where nothing was kept, whoever gave the other checkpoint has both.
  if (judgement.fork && memory.kept) await keepContradiction(memory, signed.anchor.note, now)
  if (verdict.outcome !== 'valid') return []
  const about = {
    source: gathered.feed.name,
    vkeys: keys.vkeys,
    ...trustIn(keys, now),
    checkedAt: now.toISOString(),
  }
  if (await remember(memory, about, newest(gathered), scan.leaves)) return []
  const path = await keepContradiction(memory, signed.anchor.note, now)
  const because =
    `the log forked: another check that ran at the same time has kept a checkpoint in ${memory.folder} that does not fit ${signed.anchor.what} ` +
    `(size ${signed.anchor.size}), and both are signed (this one is kept in ${path})`
  return [{ name: 'earlier', finding: { outcome: 'broken', because } }]
}

function trustIn({ origin }: LogKeys, now: Date) {
  if (origin.from === 'kept') return { keysGiven: origin.given, trustedSince: origin.since }
  return { keysGiven: origin.from === 'given', trustedSince: now.toISOString() }
}

/** A service may serve a checkpoint that is older than the kept one, and must still continue the kept one: then the longer one is kept. */
function newest({ signed, earlier, memory }: Gathered): string {
  const kept = earlier.anchors.find(({ note }) => note === memory?.kept?.checkpoint)
  const now = signed.anchor
  if (!now) throw new Error('only what is signed is remembered')
  return kept && kept.size > now.size ? kept.note : now.note
}
