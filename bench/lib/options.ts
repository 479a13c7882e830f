import { parseArgs } from 'node:util'

/** The rows in the order in which they run and are printed. */
export const rowNames = [
  'appends',
  'bulk',
  'reads',
  'gate',
  'feed',
  'verify',
  'rebuild',
  'lag',
  'beside',
  'moments',
  'views',
  'iati',
  'replicas',
  'ledgers',
  'growth',
  'memory',
] as const
export type RowName = (typeof rowNames)[number]
const largeRows: readonly RowName[] = ['growth', 'memory']
/** What five minutes have no room for: `--rows` names them, and a run without `--quick` has them. */
const slowRows: readonly RowName[] = ['gate', 'replicas', 'ledgers']

/** How much is measured. Everything is bounded: nothing runs longer or is larger than this. */
export interface Options {
  rows: RowName[]
  /** Rounds of each comparison; the result is the median. */
  rounds: number
  /** Length of one measurement under load. */
  seconds: number
  /**
   * Length of the load before the first measurement, so that nothing is measured while its code is still being compiled: the command
   * service took 187 µs of CPU an event in the fourth to seventh second, and 130 from the sixteenth on (on one machine, with nothing else
   * changed).
   */
  warmSeconds: number
  clients: number
  /** Lines of the imports of the row `bulk`, all rounds together. */
  bulkLines: number
  /** Events in the log for reads, feed, verify and rebuild. */
  events: number
  /** Events of that log that Emmett rebuilds from; at its speed, the whole log would take all day. */
  rivalRebuildEvents: number
  /** Proposals, of ten events each, in the log of the rows `moments`, `views` and `iati`. */
  momentProposals: number
  /** Events in the large log of the row `growth`. */
  largeEvents: number
  /** Proposals in the log of the row `memory`. */
  largeProposals: number
  /** Ledgers of the row `ledgers`, and for how long nothing is asked of them. */
  ledgers: number
  idleSeconds: number
  /** Folder of the Postgres server, kept for the next run; null for a temporary one. */
  data: string | null
  save: boolean
}

export const usage = `npm run bench -- [options]

  --quick             shorter and smaller, without ${slowRows.join(', ')}: some five minutes
  --rows a,b          only these: ${rowNames.join(', ')}
  --large             also ${largeRows.join(' and ')}, which load logs of millions of events first
  --events n          size of the large log of growth (default 10,000,000)
  --proposals n       size of the log of memory, in proposals of four events (default 1,000,000)
  --histories n       size of the log of moments, views and iati, in proposals of ten events (default 100,000)
  --ledgers n         ledgers of the row ledgers (default 200)
  --idle-seconds n    for how long they are idle (default 180)
  --rounds n          rounds of each comparison
  --seconds n         length of one measurement
  --data folder       keep the database server's files there, so that a large log is loaded only once
  --save              write the results into bench/README.md`

const full = {
  rounds: 5,
  seconds: 8,
  warmSeconds: 20,
  bulkLines: 1_000_000,
  events: 500_000,
  rivalRebuildEvents: 10_000,
  momentProposals: 100_000,
}
const quick = {
  rounds: 3,
  seconds: 2.5,
  warmSeconds: 4,
  bulkLines: 60_000,
  events: 100_000,
  rivalRebuildEvents: 2_000,
  momentProposals: 2_000,
}

/** Reads the command line. Throws a sentence that says what is wrong with it. */
export function parseOptions(args: string[]): Options | 'help' {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      large: { type: 'boolean', default: false },
      save: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      rows: { type: 'string' },
      events: { type: 'string' },
      proposals: { type: 'string' },
      histories: { type: 'string' },
      ledgers: { type: 'string' },
      'idle-seconds': { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      data: { type: 'string' },
    },
  })
  if (values.help) return 'help'
  const size = values.quick ? quick : full
  return {
    ...size,
    rows: chooseRows(values.rows, values),
    rounds: count('rounds', values.rounds, size.rounds, 100),
    seconds: count('seconds', values.seconds, size.seconds, 600),
    clients: 64,
    momentProposals: count('histories', values.histories, size.momentProposals, 1_000_000),
    largeEvents: count('events', values.events, 10_000_000, 100_000_000),
    largeProposals: count('proposals', values.proposals, 1_000_000, 10_000_000),
    ledgers: count('ledgers', values.ledgers, 200, 1_000),
    idleSeconds: count('idle-seconds', values['idle-seconds'], 180, 3_600),
    data: values.data ?? null,
    save: values.save,
  }
}

function chooseRows(asked: string | undefined, { large, quick }: { large: boolean; quick: boolean }): RowName[] {
  const isChosen = (name: RowName) => (large || !largeRows.includes(name)) && !(quick && slowRows.includes(name))
  if (asked === undefined) return rowNames.filter(isChosen)
  const names = asked.split(',')
  const unknown = names.filter((name) => !rowNames.includes(name as RowName))
  if (unknown.length > 0) throw new Error(`There is no row ${unknown.join(', ')}. There are: ${rowNames.join(', ')}.`)
  return rowNames.filter((name) => names.includes(name))
}

function count(name: string, text: string | undefined, fallback: number, most: number): number {
  if (text === undefined) return fallback
  const value = Number(text.replaceAll(/[_,]/g, ''))
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw new Error(`--${name} takes a whole number from 1 to ${most}.`)
  return value
}
