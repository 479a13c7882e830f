/** A table: what it has of each proposal. */
import type { Party, Proposal, Sliced, WordLanguage, Words } from '@commitments/domain'
import type { ServedStatus } from '../answers/read-status.ts'
import type { Column, ColumnInfo, Texts } from './columns.ts'
import type { KnownEvents } from './known-events.ts'

/** A proposal, and everything that rows about it need. */
export interface Subject {
  readonly proposal: Proposal
  /** The same with its condition, and with the names in force. */
  readonly status: ServedStatus
  /** Without events if the table does not read those of this proposal. */
  readonly events: KnownEvents
  /** Figures of its own money that are in no total, because its parts carry them. */
  readonly beside: ReadonlySet<string>
  /** The titles of other proposals. */
  readonly titles: ReadonlyMap<string, Texts>
  readonly linkTo: (proposalId: string) => string
}

interface Key {
  readonly columns: readonly string[]
  readonly of: string
}

interface Described {
  readonly name: string
  readonly words: Words
  /** Who may read it, as for the same facts elsewhere: a status is for readers, a history for auditors. */
  readonly scope: 'read' | 'audit'
  /** The columns that name a row. */
  readonly key: readonly string[]
  /** Each row refers to exactly one row of another table with the same filters. */
  readonly foreignKeys: readonly Key[]
}

interface Definition<Row> extends Described {
  readonly columns: readonly Column<Row>[]
  /** In slices if it takes events. */
  readonly rows: (subject: Subject) => readonly Row[] | Sliced<readonly Row[]>
  /** Whether the rows of a proposal need its events. Default: no. */
  readonly needsEvents?: (proposal: Proposal) => boolean
  /** Other proposals whose titles the rows show. */
  readonly shows?: (proposal: Proposal) => readonly string[]
}

export interface Table extends Described {
  readonly columns: readonly ColumnInfo[]
  readonly needsEvents: (proposal: Proposal) => boolean
  readonly shows: (proposal: Proposal) => readonly string[]
  /** The rows of a proposal, each with a cell for each column. */
  readonly cells: (subject: Subject, language: WordLanguage) => Sliced<readonly (readonly string[])[]>
}

export function defineTable<Row>({ rows, columns, ...described }: Definition<Row>): Table {
  return {
    needsEvents: () => false,
    shows: () => [],
    ...described,
    columns,
    *cells(subject, language) {
      const made = rows(subject)
      const all = 'next' in made ? yield* made : made
      return all.map((row) => columns.map(({ cell }) => cell(row, language)))
    },
  }
}

/** Every table but that of proposals is about a proposal. */
export const ofProposal: Key = { columns: ['proposalId'], of: 'proposals' }
/** Rows that come from one event. */
export const fromEvent: Key = { columns: ['proposalId', 'version'], of: 'events' }

/** A party of the proposal with its name in force, also one that left. */
export function partyIn({ status }: Subject, party: string | undefined): Party | undefined {
  return [...status.parties, ...status.formerParties].find((one) => one.party === party)
}
