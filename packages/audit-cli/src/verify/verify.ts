import { type CallerCheck, callerCheck, callerFinding, checkCaller } from '../callers/check.ts'
import { identitiesOf } from '../callers/identities.ts'
import { readSigners } from '../callers/signers.ts'
import { identityOf, verifiedIdentity } from '../log/identity.ts'
import type { LogKeys } from '../log/keys.ts'
import { createLeaves, type Leaves } from '../log/leaves.ts'
import { findMemory, type Memory, openMemory } from '../log/memory.ts'
import { declaredRestores } from '../log/restores.ts'
import { givenWitnesses } from '../log/witnesses.ts'
import { compareTiles } from '../served/tiles.ts'
import { type Feed, openFeed } from '../source/feed.ts'
import type { PublishedLog } from '../source/published-log.ts'
import { CannotCheck, type Check, type Finding, leftOut, notChecked, type Verdict } from '../verdict.ts'
import { type Anchor, checkWitnesses, type OpenedAnchor, openAnchor, present, readNote } from './anchors.ts'
import { type Earlier, earlierAnchors, leavesFromBefore } from './before.ts'
import { conclude, type Gathered, keepOutcome } from './conclude.ts'
import { checkErasure, type ErasureCheck, erasureCheck, erasureFinding } from './erasures.ts'
import { type Declared, judgeRestores, openRestores } from './given-up.ts'
import { judge, type KeptLeaves } from './judge.ts'
import { publishedLog, serviceOfLog, type VerifyOptions } from './options.ts'
import { checkPolicy, givenPolicy, keysOfPolicy } from './policy.ts'
import { type Scan, scanLines } from './scan.ts'
import { beginStatuses, open, type Statuses, unreadable, withFinding } from './statuses.ts'
import { trustedKeys } from './trust.ts'

/** The data of a check for the next step, such as `pack`. Dispose of it afterwards. */
interface Verified {
  readonly verdict: Verdict
  readonly scan: Scan
  readonly served: Anchor | null
  readonly keys: LogKeys | null
  readonly dispose: () => void
}

/** Checks a log; the README says what is checked. @throws CannotCheck if not even the lines can be read */
export async function verify(options: VerifyOptions): Promise<Verdict> {
  const { verdict, dispose } = await verifyAndKeep(options)
  dispose()
  return verdict
}

/** The same, and keeps the leaves and what was signed over them. */
export async function verifyAndKeep(options: VerifyOptions): Promise<Verified> {
  const feed = openFeed(options.source, options)
  const log = await publishedLog(options, feed)
  const memory = await memoryOf(options, log, feed)
  const statuses = await beginStatuses(feed, options).catch((error: unknown) => {
    if (error instanceof CannotCheck) throw error
    return withFinding(unreadable(error))
  })
  const leaves = createLeaves()
  try {
    const found = await gather({ options, feed, log, memory, statuses, leaves })
    const gathered = { ...found, ...(await recognise(found)) }
    const afterwards = await keepOutcome(gathered, conclude(gathered)).catch((error: unknown): Check[] => [
      unwritten(gathered.memory, error),
    ])
    const { scan, keys, signed } = gathered
    return {
      verdict: conclude(gathered, afterwards),
      scan,
      keys,
      served: signed.anchor,
      dispose: () => leaves.dispose(),
    }
  } catch (error) {
    leaves.dispose()
    throw error
  } finally {
    statuses.dispose()
  }
}

async function memoryOf(
  { memory, memories, beginAnew }: VerifyOptions,
  log: PublishedLog,
  feed: Feed,
): Promise<Memory | null> {
  if (memory !== undefined) return openMemory(memory, beginAnew)
  return memories === undefined ? null : findMemory(memories, await identityOf(log, feed), beginAnew)
}

/**
 * What a log says of itself before anything is verified may be another thing than what is verified afterwards. Which memory belongs to it is decided by
 * what was verified: if that is another one than was compared with, nothing was compared.
 */
async function recognise(found: Omit<Gathered, 'recognised'>): Promise<Pick<Gathered, 'memory' | 'recognised'>> {
  const { options, feed, memory, keys, signed, scan } = found
  const { memories, beginAnew } = options
  if (!memory || memories === undefined || options.memory !== undefined || !signed.anchor)
    return { memory, recognised: [] }
  const identity = verifiedIdentity({
    origin: signed.anchor.origin,
    vkeys: keys?.vkeys ?? [],
    leaves: scan.leaves,
    feed,
  })
  const right = await findMemory(memories, identity, beginAnew)
  if (right.folder === memory.folder) return { memory, recognised: [] }
  if (right.known === null && memory.known === null) return { memory: right, recognised: [] }
  const because =
    `the log says at first that it is another one than the one whose lines and checkpoint were read then (${signed.anchor.origin}): ` +
    `what is kept of that one (${right.folder}) was not compared. Check again; if it says so again, the server hides a log that you know`
  return { memory, recognised: [{ name: 'memory', finding: notChecked(because) }] }
}

/** The verdict is made, whatever becomes of the memory. */
function unwritten(memory: Memory | null, error: unknown): Check {
  const why = error instanceof Error ? error.message : String(error)
  return {
    name: 'memory',
    finding: leftOut(
      `What was found could not be kept in ${memory?.folder} (${why}): the next check cannot compare with it.`,
    ),
  }
}

interface Job {
  readonly options: VerifyOptions
  readonly feed: Feed
  readonly log: PublishedLog
  readonly memory: Memory | null
  readonly statuses: Statuses
  readonly leaves: Leaves
}

async function gather({ options, feed, log, memory, statuses, leaves }: Job): Promise<Omit<Gathered, 'recognised'>> {
  const callers = callerCheck(await readSigners(options.signers))
  const erasures = erasureCheck()
  const policy = await givenPolicy(options.policy)
  const keys = await trustedKeys([...(options.keys ?? []), ...keysOfPolicy(policy)], memory, log)
  const signed = await signedNow(log, keys, statuses.needed, options)
  const watching = await givenWitnesses(options.witnesses ?? [])
  const sources = { keys, kept: memory?.kept ?? null, served: signed.anchor, witnesses: watching }
  const earlier = await earlierAnchors(options, sources)
  const before = await leavesFromBefore(options, memory, earlier.anchors)
  try {
    const restores = await restoresOf(feed, options)
    const declared = openRestores(restores, [...new Set([...(keys?.vkeys ?? []), ...(memory?.known?.vkeys ?? [])])])
    const ended = declared?.flatMap(({ anchor }) => anchor ?? []) ?? []
    const scan = await scanAll(feed, leaves, {
      signed: signed.anchor,
      earlier,
      before,
      ended,
      statuses,
      callers,
      erasures,
      options,
    })
    const within = { since: scan.began, now: (options.now ?? (() => new Date()))() }
    const verifiers = watching.map(({ verifier }) => verifier)
    const witnesses: Check[] = [
      { name: 'witnesses', finding: checkWitnesses(signed.anchor, verifiers, within) },
      ...checkPolicy(policy, signed.anchor, within),
    ]
    const evidence = { scan, served: signed.anchor, earlier: earlier.anchors, kept: before, log, restores }
    const judgement = await judge(evidence)
    const callersFound = findingOf(callers, { options, scan, declared, origin: signed.anchor?.origin })
    const isWhole = scan.fault === null && judgement.checks.every(({ finding }) => finding.outcome !== 'broken')
    const compared = await statuses
      .compare(scan, signed.anchor?.size ?? scan.good)
      .catch((error: unknown): Check[] => [{ name: 'status', finding: unreadable(error) }])
    const served = [...compared]
    // If the lines are not the signed ones, they say nothing about what else is served.
    const { anchor } = signed
    if (isWhole && anchor && scan.good >= anchor.size && (feed.service || feed.log))
      served.push({ name: 'tiles', finding: await open(() => compareTiles(log, leaves, anchor)) })
    const erased = erasureFinding(erasures)
    const found = {
      callers: callersFound,
      erased,
      erasures: erasures.erased.size,
      restores: judgeRestores(declared, scan),
      served,
    }
    return { options, feed, memory, keys, signed, witnesses, earlier, scan, judgement, ...found }
  } finally {
    for (const one of before) one.leaves.dispose()
  }
}

/** Null if there is nobody to ask. */
async function restoresOf(feed: Feed, options: VerifyOptions) {
  const service = feed.service ?? serviceOfLog(options)
  return service && declaredRestores(service)
}

interface Read {
  readonly options: VerifyOptions
  readonly scan: Scan
  readonly declared: readonly Declared[] | null
  readonly origin: string | undefined
}

function findingOf(callers: CallerCheck, { options, scan, declared, origin }: Read): Finding {
  const logId = scan.end?.logId ?? null
  const { formerLogs: given = [] } = options
  return callerFinding(callers, identitiesOf({ origin, logId, given, declared }))
}

const none: OpenedAnchor = {
  anchor: null,
  finding: notChecked('there is no checkpoint: nobody has signed these lines'),
}

/** The served checkpoint; if it does not yet cover what the statuses have seen, waits for one that does. */
async function signedNow(
  log: PublishedLog,
  keys: LogKeys | null,
  needed: number,
  { patience = 15_000, onWait }: VerifyOptions,
): Promise<OpenedAnchor> {
  const began = performance.now()
  for (let isSaid = false; ; ) {
    const opened = await openServed(log, keys)
    const waited = performance.now() - began
    if (!opened.anchor || opened.anchor.size >= needed || waited >= patience) return opened
    if (!isSaid && waited >= 1_000) {
      isSaid = true
      onWait?.(
        `The log is signed up to position ${opened.anchor.size}; that position ${needed} is signed is waited for.`,
      )
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Without it, kept data may still exist: an unreadable checkpoint is no reason to stop. */
async function openServed(log: PublishedLog, keys: LogKeys | null): Promise<OpenedAnchor> {
  try {
    const note = await readNote(log)
    return note === null ? none : openAnchor(note, keys?.vkeys ?? [], present)
  } catch (error) {
    if (error instanceof CannotCheck) return { anchor: null, finding: notChecked(error.message) }
    throw error
  }
}

async function scanAll(
  feed: Feed,
  leaves: Leaves,
  {
    signed,
    earlier,
    before,
    ended,
    statuses,
    callers,
    erasures,
    options,
  }: {
    signed: Anchor | null
    earlier: Earlier
    /** Lines that were kept without a checkpoint are compared to their end. */
    before: readonly KeptLeaves[]
    /** What was signed of logs that ended in a restore; the log need not reach that far. */
    ended: readonly Anchor[]
    statuses: Statuses
    callers: CallerCheck
    erasures: ErasureCheck
    options: VerifyOptions
  },
): Promise<Scan> {
  const sizes = [...(signed ? [signed] : []), ...earlier.anchors].map(({ size }) => size)
  // Without a signed size, everything is read; with one, lines beyond it are not yet signed by anybody.
  const keptLines = before.flatMap(({ anchor, size }) => (anchor === null ? size : []))
  const upTo = signed ? Math.max(...sizes, ...keptLines) : undefined
  options.progress?.begin('Checking lines', upTo ?? null)
  try {
    return await scanLines(feed, {
      leaves,
      upTo,
      sizes: [...sizes, ...ended.map(({ size }) => size)],
      progress: options.progress?.at,
      onLine: (...line) => {
        checkCaller(callers, line[0], line[1])
        checkErasure(erasures, line[0], line[1])
        statuses.onLine?.(...line)
        options.onLine?.(...line)
      },
    })
  } finally {
    options.progress?.end()
  }
}
