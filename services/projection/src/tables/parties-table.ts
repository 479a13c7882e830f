import { domainVocabulary, type RecordedEvent, type Role, type ShownParty, type Sliced } from '@commitments/domain'
import type { ServedStatus } from '../answers/read-status.ts'
import { code, dates, integer, inWords, partyAndName, text, yesOrNo } from './columns.ts'
import { inCountingOrder, positionOf } from './known-events.ts'
import { defineTable, fromEvent, ofProposal, type Subject } from './table.ts'

type FormerParty = ShownParty<ServedStatus['formerParties'][number]>
type Party = ShownParty<ServedStatus['parties'][number]> | FormerParty

interface PartyInRole {
  readonly subject: Subject
  readonly party: Party
  readonly role: Role
  /** The event by which it has this role, or left. */
  readonly version: number | null
}

export const partiesTable = defineTable<PartyInRole>({
  name: 'parties',
  words: {
    en: {
      label: 'Parties',
      description: 'One row for each role of each party of a proposal, also of those that left.',
    },
    vi: { label: 'Các bên', description: 'Mỗi vai trò của mỗi bên trong đề xuất một dòng, kể cả bên đã rút.' },
    ko: { label: '당사자', description: '제안의 당사자별 역할마다 한 행이며, 나간 당사자도 포함한다.' },
  },
  scope: 'read',
  key: ['proposalId', 'party', 'role'],
  foreignKeys: [ofProposal, fromEvent],
  columns: [
    text('proposalId', ({ subject }) => subject.status.proposalId),
    ...partyAndName<PartyInRole>(
      'party',
      ({ party }) => party.party,
      ({ party }) => party.name,
    ),
    inWords('recordedName', ({ party }) => party.recordedName),
    text('country', ({ party }) => party.country),
    yesOrNo('group', ({ party }) => party.group === true),
    ...code<PartyInRole>('role', domainVocabulary.roles, ({ role }) => role),
    yesOrNo('former', ({ party }) => isFormer(party)),
    ...dates<PartyInRole>('leftOn', ({ party }) => (isFormer(party) ? party.occurredOn : null)),
    inWords('reason', ({ party }) => (isFormer(party) ? party.reason : null)),
    integer('version', ({ version }) => version, 'eventOf'),
    integer('position', ({ subject, version }) => positionOf(subject.events, version), 'positionOf'),
  ],
  needsEvents: () => true,
  *rows(subject) {
    const given = yield* rolesGiven(subject)
    const { parties, formerParties } = subject.status
    return [
      ...parties.flatMap((party) =>
        party.roles.map(
          (role): PartyInRole => ({ subject, party, role, version: given.get(`${party.party} ${role}`) ?? null }),
        ),
      ),
      ...formerParties.flatMap((party) =>
        party.roles.map((role): PartyInRole => ({ subject, party, role, version: party.version })),
      ),
    ]
  },
})

function isFormer(party: Party): party is FormerParty {
  return 'reason' in party
}

const aboutParties: ReadonlySet<string> = new Set<RecordedEvent['type']>(['proposed', 'party-joined', 'party-left'])

/** The version of the event that gave each role to each party, since it last joined. */
function* rolesGiven({ events }: Subject): Sliced<ReadonlyMap<string, number>> {
  const given = new Map<string, number>()
  for (const event of yield* inCountingOrder(events, aboutParties)) {
    const { version } = event
    if (event.type === 'party-left') forget(given, event.data.party)
    const joined = event.type === 'proposed' ? event.data.parties : event.type === 'party-joined' ? [event.data] : []
    for (const { party, roles } of joined) {
      for (const role of roles) if (!given.has(`${party} ${role}`)) given.set(`${party} ${role}`, version)
    }
  }
  return given
}

function forget(given: Map<string, number>, party: string): void {
  for (const key of given.keys()) if (key.startsWith(`${party} `)) given.delete(key)
}
