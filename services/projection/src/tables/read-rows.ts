/** The rows of a table, from the proposals of a page of the list. */
import { type Sliced, type WordLanguage, withNamesInForce } from '@commitments/domain'
import type { Database } from '@commitments/event-store'
import { inTurns } from '@commitments/http-kit'
import type { Kysely } from 'kysely'
import { statusBody } from '../answers/read-status.ts'
import type { Listed, Page } from '../lists/list.ts'
import { readTitles } from '../lists/names.ts'
import { type KnownRenaming, readRenamings } from '../lists/renamings.ts'
import type { Source } from '../lists/source.ts'
import { readStreams } from '../past/streams-at.ts'
import type { LogLine } from '../streams/log-line.ts'
import { inPortions } from '../streams/portions.ts'
import type { Texts } from './columns.ts'
import { readEvents } from './known-events.ts'
import type { Subject, Table } from './table.ts'

/** What is the same for all rows of an answer. */
export interface TableReading {
  readonly timeZone: string
  readonly language: WordLanguage
  readonly linkTo: Subject['linkTo']
  /** See {@link Subject.beside}, by proposal. */
  readonly beside: ReadonlyMap<string, ReadonlySet<string>>
  /** Reads from the log when it is its turn, on a server that has the log up to the position. */
  readonly readFrom: <T>(position: number, work: (log: { readonly db: Kysely<Database> }) => Promise<T>) => Promise<T>
}

/** A page of the list, and what rows about it need of the same snapshot. */
export interface TablePage {
  readonly rows: readonly Listed[]
  readonly source: Source
  readonly renamings: readonly KnownRenaming[]
  readonly titles: ReadonlyMap<string, Texts>
}

export async function readTablePage({ shows }: Table, { rows }: Page, source: Source): Promise<TablePage> {
  const others = new Set(rows.flatMap(({ proposal }) => shows(proposal)))
  const renamings = await readRenamings(source)
  return { rows, source, renamings, titles: await readTitles(source, [...others]) }
}

/** The rows about the proposals of a page, some at a time. Their events never change, so they are read outside of the page's snapshot. */
export async function* rowsOf(
  table: Table,
  page: TablePage,
  reading: TableReading,
): AsyncGenerator<readonly (readonly string[])[]> {
  const { at, snapshot } = page.source
  const linesOf = ({ proposal }: Listed) => (table.needsEvents(proposal) ? proposal.version : 0)
  for (const portion of inPortions(page.rows, linesOf)) {
    const wanted = portion.filter((one) => linesOf(one) > 0).map(({ proposalId }) => proposalId)
    const known = at?.known ?? snapshot.position
    const streams =
      wanted.length === 0 ? noStreams : await reading.readFrom(known, (log) => readStreams(log, wanted, known))
    yield await inTurns(cellsOf(table, portion, streams, page, reading))
  }
}

type Streams = ReadonlyMap<string, readonly LogLine[]>

const noStreams: Streams = new Map()

function* cellsOf(
  table: Table,
  portion: readonly Listed[],
  streams: Streams,
  { source, renamings, titles }: TablePage,
  { timeZone, language, linkTo, beside }: TableReading,
): Sliced<readonly (readonly string[])[]> {
  const rows: (readonly string[])[] = []
  for (const { proposalId, proposal, parked } of portion) {
    const asRead = { version: proposal.version, asOf: source.at?.asOf ?? null, timeZone }
    const events = yield* readEvents(streams.get(proposalId) ?? [], asRead)
    const status = withNamesInForce(statusBody(proposal, parked, source.day, timeZone), renamings)
    const subject: Subject = { proposal, status, events, beside: beside.get(proposalId) ?? nothing, titles, linkTo }
    for (const row of yield* table.cells(subject, language)) rows.push(row)
    yield
  }
  return rows
}

const nothing: ReadonlySet<string> = new Set()
