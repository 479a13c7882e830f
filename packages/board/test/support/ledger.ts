/** The ledger folded by the domain itself from the recorded lines: what the board shows is compared with it. */
import {
  type Condition,
  conditionOn,
  conditionSteps,
  foldAsOf,
  type Moment,
  type Proposal,
  proposalAt,
  type RecordedEvent,
} from '@commitments/domain'
import type { Product } from './product.ts'

export interface Ledger {
  readonly events: readonly RecordedEvent[]
  /** Today in the ledger's time zone. */
  readonly day: string
  /** The contents of lists at a moment: without proposals recorded by mistake. */
  at(moment?: Moment): Standing[]
  /** Proposals that exist on the day of recording only because they were recorded: none of their dates counts on the day before. */
  onlyRecorded(): Proposal[]
}

interface Standing {
  readonly proposal: Proposal
  readonly condition: Condition
}

export async function readLedger({ url, client }: Product): Promise<Ledger> {
  const { day, timeZone } = (await client.portfolio()).value
  const events = await readEvents(url)
  const streams = [...Map.groupBy(events, ({ proposalId }) => proposalId).values()]
  const existing = (proposal: Proposal | null) => proposal !== null && proposal.ending !== 'void'
  return {
    events,
    day,
    at: (moment = {}) =>
      streams
        .map((stream) => proposalAt(stream, { asOf: day, ...moment }, timeZone))
        .filter((proposal) => existing(proposal))
        .map((proposal) => standing(proposal as Proposal, moment.asOf ?? day, timeZone)),
    onlyRecorded: () =>
      streams
        .filter((stream) => foldAsOf(stream, dayBefore(firstRecorded(events, timeZone)), timeZone) === null)
        .map((stream) => foldAsOf(stream, day, timeZone))
        .filter((proposal) => proposal !== null)
        .filter(existing),
  }
}

function standing(proposal: Proposal, day: string, timeZone: string): Standing {
  return { proposal, condition: conditionOn(conditionSteps(proposal, timeZone), day) }
}

/** How many of each there are. */
export function tally(names: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries([...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length]))
}

async function readEvents(url: string): Promise<RecordedEvent[]> {
  const read: RecordedEvent[] = []
  for (;;) {
    const answer = await fetch(`${url}/v1/events?after=${read.at(-1)?.position ?? 0}&limit=500`)
    const { events } = (await answer.json()) as { readonly events: readonly { readonly event: RecordedEvent }[] }
    if (events.length === 0) return read
    read.push(...events.map(({ event }) => event))
  }
}

function firstRecorded([first]: readonly RecordedEvent[], timeZone: string): string {
  // The Swedish locale writes days as ISO 8601 does.
  return new Intl.DateTimeFormat('sv-SE', { timeZone }).format(new Date(first?.recordedAt ?? 0))
}

function dayBefore(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10)
}
