import { parseArgs } from 'node:util'
import { assertMigrated, type ConnectOptions, openPool } from '@commitments/event-store'
import {
  compareTree,
  type ProgressReport,
  type Projection,
  projectionNames,
  projections,
  type RebuildOptions,
  type RebuildOutcome,
  readConfig,
  rebuild,
  remakeTree,
  rollBack,
  rulesOf,
  type TreeReport,
} from '@commitments/projection/maintenance'
import type { Pool } from 'pg'
import { Misused, runCommand } from '../command.ts'
import { withProjectionAddress } from '../owner-address.ts'
import { remark, say } from '../terminal.ts'

const usage =
  'Usage: npm run rebuild -- [options]\n' +
  'Folds the log of the ledger LEDGER_SCHEMA at PROJECTION_DATABASE_URL (or DATABASE_URL) again, for each read model into a generation beside\n' +
  'the live one, and puts it in its place if both say the same. Without either address: that of npm start in DATA_DIR, which may run meanwhile.\n' +
  `  --only=<read model>                 this one alone (${projectionNames.join(' or ')}); otherwise the tree of the\n` +
  '                                      transparency log is compared as well\n' +
  '  --accept-differences=<generation>   makes a generation live that an earlier run stopped at because it differs\n' +
  '  --rollback                          goes back to the generations that the last switches replaced\n' +
  '  --tree                              makes the tree of the transparency log anew, nothing else: for tiles that are damaged\n' +
  'Exit codes: 0 switched; 1 failed; 2 one differs and waits to be accepted, or the transparency log differs; 3 nothing was done. Of several\n' +
  'the highest.'

async function main(given: string[]): Promise<number> {
  const asked = readArguments(given)
  const config = readConfig(process.env)
  return withProjectionAddress(process.env, (url, isOwner) => work(asked, { url, isOwner }, config))
}

interface Address {
  readonly url: string
  readonly isOwner: boolean
}

async function work(asked: Asked, { url, isOwner }: Address, config: ReturnType<typeof readConfig>): Promise<number> {
  const connect: ConnectOptions = {
    ledger: config.LEDGER_SCHEMA,
    role: isOwner ? 'projection' : undefined,
    applicationName: 'commitments rebuild',
  }
  const pool = openPool(url, { ...connect, max: 6 })
  const timeZone = config.LEDGER_TIME_ZONE
  try {
    await assertMigrated(pool)
    if (asked.tree) return await remake(pool)
    return await forEach(asked, { pool, timeZone, rules: rulesOf(timeZone), workers: { url, options: connect } })
  } finally {
    await pool.end()
  }
}

/** One projection after the other, to need the memory of one only. The tree, for which nothing is switched, is compared first. */
async function forEach(
  { chosen, everything, acceptDifferences, back }: Asked,
  options: Omit<RebuildOptions, 'projection'>,
): Promise<number> {
  if (everything && !treeHolds(await compareTree(options.pool))) return 2
  const codes: number[] = []
  for (const projection of chosen) {
    const own = { ...options, projection, acceptDifferences, onProgress: showProgress(projection) }
    const result = await (back ? rollBack(own) : rebuild(own))
    // A generation belongs to one projection; its number has no meaning for the others.
    if (result.outcome === 'nothing-to-accept' && projection !== chosen.at(-1)) continue
    codes.push(report(projection, result))
    if (acceptDifferences !== undefined) break
  }
  return Math.max(...codes)
}

function treeHolds({ found, findings }: TreeReport): boolean {
  if (found === 0) return true
  const lines = findings.map(({ what, position }) => `  ${what}${position ? ` (position ${position})` : ''}`)
  say(
    `The transparency log differs from the log in ${found} places; nothing was changed:\n${lines.join('\n')}\n` +
      'If the signed checkpoints still match, only the stored tree is damaged: run npm run rebuild -- --tree',
  )
  return false
}

interface Asked {
  /** No option was given: everything that is made from the log. */
  readonly everything: boolean
  readonly chosen: readonly Projection[]
  readonly acceptDifferences: number | undefined
  readonly back: boolean
  readonly tree: boolean
}

/** The service that keeps the tree does the work; it continues to sign if the new tree agrees with what was signed. */
async function remake(pool: Pool): Promise<number> {
  await remakeTree(pool)
  say('The tree of the transparency log is being rebuilt; /health/ready of the projection service shows the progress.')
  return 0
}

function readArguments(given: string[]): Asked {
  const { values } = parseArgs({
    args: given,
    options: {
      only: { type: 'string' },
      'accept-differences': { type: 'string' },
      rollback: { type: 'boolean', default: false },
      tree: { type: 'boolean', default: false },
    },
  })
  const { only } = values
  const chosen = projections.filter(({ name }) => only === undefined || name === only)
  if (chosen.length === 0) throw new Misused(`${only} is not a projection.`)
  const accepted = values['accept-differences']
  if (accepted !== undefined && !/^[1-9]\d{0,8}$/.test(accepted)) throw new Misused(`${accepted} is not a generation.`)
  if ([accepted !== undefined, values.rollback, values.tree].filter(Boolean).length > 1)
    throw new Misused('One of them at a time.')
  const acceptDifferences = accepted === undefined ? undefined : Number(accepted)
  const everything = only === undefined && acceptDifferences === undefined && !values.rollback
  return { chosen, everything, acceptDifferences, back: values.rollback, tree: values.tree }
}

/** A line for each phase, and while events are folded, their number and rate. */
function showProgress({ name }: Projection): (progress: ProgressReport) => void {
  const began = performance.now()
  return ({ generation, phase, done, target }) => {
    const seconds = (performance.now() - began) / 1000
    const share = target > 0 ? ` (${Math.floor((100 * done) / target)} %)` : ''
    const folded = done > 0 ? `: ${done} of ${target} events${share}, ${Math.round(done / seconds)} per second` : ''
    remark(`${name}, generation ${generation} ${phase}${folded}`)
  }
}

function report({ name }: Projection, result: RebuildOutcome): number {
  switch (result.outcome) {
    case 'switched':
      say(`${name}: generation ${result.generation} is live; ${result.replaced} is kept for --rollback.`)
      return 0
    case 'differs':
      say(
        `${name}: generation ${result.generation} differs from the live one in ${result.differences} proposals: ` +
          `${result.examples.join(', ')}\n` +
          `The live one stays. To make the new one live: npm run rebuild -- ` +
          `--accept-differences=${result.generation}`,
      )
      return 2
    case 'busy':
      say('Another rebuild is running.')
      return 3
    case 'nothing-to-accept':
      say('No generation of that number waits for its differences to be accepted.')
      return 3
    case 'log-changed':
      say(
        `${name}: the log is not the one that its tree was built of (${result.found} findings, the first: ${result.first}). What it comes to now is not ` +
          'accepted: find out who changed it, and put the recorded lines back.',
      )
      return 2
    case 'nothing-to-roll-back':
      say(`${name}: there is no earlier generation to go back to.`)
      return 3
    default:
      throw new Error('The rebuild ended in a way that this script does not know.', { cause: result satisfies never })
  }
}

await runCommand(usage, main)
