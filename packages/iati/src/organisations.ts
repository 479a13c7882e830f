/** Organisations: who takes part, and as what. */
import type { Party, Role } from '@commitments/domain'
import type { Code } from './codes.ts'
import type { Draft } from './draft.ts'
import { canBeWritten } from './languages.ts'
import type { Element } from './xml.ts'

/** What a role is in IATI; beneficiaries and assessors are no role there. */
const roleCodes: Readonly<Record<Role, Code<'OrganisationRole'> | null>> = {
  funder: '1',
  proposer: '2',
  host: '2',
  'co-chair': '2',
  signatory: '2',
  counterpart: '2',
  extending: '3',
  implementer: '4',
  'technical-partner': '4',
  beneficiary: null,
  assessor: null,
}

/** An organisation wherever it occurs: its reference from the settings, and its name. */
export function organisation(draft: Draft, party: string): Element {
  const { ref, type } = draft.settings.organisations[party] ?? {}
  const name = draft.partyOf(party)?.name ?? {}
  const narrative = canBeWritten(name)
    ? draft.narratives(name, `name of ${party}`)
    : draft.plain(party, `name of ${party}`)
  return { '@ref': ref, '@type': type, narrative }
}

/** Each organisation once for each of its roles. */
export function participants(draft: Draft, parties: readonly Party[]): Element[] {
  const found = parties.flatMap((party) => rolesIn(party).map((role) => ({ party: party.party, role })))
  const [first] = parties
  const all = found.length > 0 || first === undefined ? found : [{ party: first.party, role: '2' as const }]
  return all.map(({ party, role }) => {
    const { narrative, ...attributes } = organisation(draft, party)
    return { ...attributes, '@role': role, narrative }
  })
}

function rolesIn({ roles }: Party): Code<'OrganisationRole'>[] {
  return [...new Set(roles.flatMap((role) => roleCodes[role] ?? []))].toSorted()
}
