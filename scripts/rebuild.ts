/**
 * `npm run rebuild`: folds the log anew, for each projection into a generation beside the live one, and puts it in its place.
 *   --only=<projection>                 this one alone
 *   --accept-differences=<generation>   make a generation live that an earlier run stopped at because it differs
 *   --rollback                          go back to the generations that the last switches replaced
 * Exit codes: 0 switched; 1 failed; 2 one differs and waits to be accepted; 3 nothing was done. Of several the highest.
 */
import { parseArgs } from 'node:util'
import { openPool } from '@commitments/event-store'
import { ConfigError } from '@commitments/http-kit'
import {
  type ProgressReport,
  type Projection,
  projectionNames,
  projections,
  type RebuildOptions,
  type RebuildOutcome,
  readConfig,
  rebuild,
  rollBack,
  rulesOf,
} from '@commitments/projection'

const usage = `Usage: npm run rebuild -- [--only=${projectionNames.join('|')}] [--accept-differences=<generation> | --rollback]`

async function main(): Promise<number> {
  const asked = readArguments()
  const config = readConfig(process.env)
  const url = config.PROJECTION_DATABASE_URL ?? config.DATABASE_URL
  if (url === undefined) throw new ConfigError(['Set PROJECTION_DATABASE_URL, or DATABASE_URL.'])
  const owner = config.PROJECTION_DATABASE_URL === undefined
  const pool = openPool(url, {
    ledger: config.LEDGER_SCHEMA,
    role: owner ? 'projection' : undefined,
    max: 6,
    applicationName: 'commitments rebuild',
  })
  const timeZone = config.LEDGER_TIME_ZONE
  try {
    return await forEach(asked, { pool, timeZone, rules: rulesOf(timeZone) })
  } finally {
    await pool.end()
  }
}

/** One projection after the other: the memory of one is enough. */
async function forEach(
  { chosen, acceptDifferences, back }: Asked,
  options: Omit<RebuildOptions, 'projection'>,
): Promise<number> {
  const codes: number[] = []
  for (const projection of chosen) {
    const own = { ...options, projection, acceptDifferences, onProgress: showProgress(projection) }
    const result = await (back ? rollBack(own) : rebuild(own))
    // A generation belongs to one projection; to the others its number says nothing.
    if (result.outcome === 'nothing-to-accept' && projection !== chosen.at(-1)) continue
    codes.push(report(projection, result))
    if (acceptDifferences !== undefined) break
  }
  return Math.max(...codes)
}

interface Asked {
  readonly chosen: readonly Projection[]
  readonly acceptDifferences: number | undefined
  readonly back: boolean
}

function readArguments(): Asked {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      'accept-differences': { type: 'string' },
      rollback: { type: 'boolean', default: false },
    },
  })
  const { only } = values
  const chosen = projections.filter(({ name }) => only === undefined || name === only)
  if (chosen.length === 0) throw new TypeError(`${only} is not a projection.`)
  const accepted = values['accept-differences']
  if (accepted !== undefined && !/^[1-9]\d{0,8}$/.test(accepted))
    throw new TypeError(`${accepted} is not a generation.`)
  if (accepted !== undefined && values.rollback) throw new TypeError('Either accept differences or roll back.')
  return { chosen, acceptDifferences: accepted === undefined ? undefined : Number(accepted), back: values.rollback }
}

/** A line per phase, and while events are folded how many and how fast. */
function showProgress({ name }: Projection): (progress: ProgressReport) => void {
  const began = performance.now()
  return ({ generation, phase, done, target }) => {
    const seconds = (performance.now() - began) / 1000
    const share = target > 0 ? ` (${Math.floor((100 * done) / target)} %)` : ''
    const folded = done > 0 ? `: ${done} of ${target} events${share}, ${Math.round(done / seconds)} per second` : ''
    process.stderr.write(`${name}, generation ${generation} ${phase}${folded}\n`)
  }
}

function report({ name }: Projection, result: RebuildOutcome): number {
  switch (result.outcome) {
    case 'switched':
      process.stdout.write(
        `${name}: generation ${result.generation} is live; ${result.replaced} is kept for --rollback.\n`,
      )
      return 0
    case 'differs':
      process.stdout.write(
        `${name}: generation ${result.generation} differs from the live one in ${result.differences} proposals: ` +
          `${result.examples.join(', ')}\n` +
          `The live one stays. To make the new one live: npm run rebuild -- ` +
          `--accept-differences=${result.generation}\n`,
      )
      return 2
    case 'busy':
      process.stdout.write('Another rebuild is running.\n')
      return 3
    case 'nothing-to-accept':
      process.stdout.write('No generation of that number waits for its differences to be accepted.\n')
      return 3
    case 'nothing-to-roll-back':
      process.stdout.write(`${name}: there is no earlier generation to go back to.\n`)
      return 3
    default:
      throw new Error('The rebuild ended in a way that this script does not know.', { cause: result satisfies never })
  }
}

/** What was mistyped deserves a sentence; everything else its stack. */
function explain(error: unknown): string {
  if (error instanceof TypeError) return `${error.message}\n${usage}`
  if (error instanceof ConfigError) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(`${explain(error)}\n`)
  process.exitCode = 1
}
