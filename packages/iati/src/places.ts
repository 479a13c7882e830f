/** The recipient, the sector, and other classifications that follow from a proposal and the settings. */
import { type Party, type Proposal, type Role } from '@commitments/domain'
import { type Code, isCode } from './codes.ts'
import type { Settings } from './settings.ts'

type CountryCode = Code<'Country'>

/** Who receives: one country, a region, countries with shares; or the rule that is not met. */
export type Recipient =
  | { readonly country: CountryCode }
  | { readonly region: Code<'Region'> }
  | { readonly shares: Readonly<Partial<Record<CountryCode, string>>> }
  | { readonly fails: '3.7.1' | '3.1.1'; readonly countries: readonly string[] }

/**
 * The recipient by the settings for this proposal; else the one country of those who benefit or host; else of those who receive money; else the
 * configured one, if a party is of it; else the one country that all parties are of, as of a plan that a country makes for itself.
 */
export function recipientOf(proposal: Proposal, settings: Settings): Recipient {
  const chosen = settings.proposals[proposal.proposalId]
  if (chosen?.region) return { region: chosen.region }
  if (chosen?.countries) return ofShares(chosen.countries)
  const { parties, lines } = proposal
  const receivers = new Set(lines.map(({ receiver }) => receiver))
  const groups = [
    parties.filter(({ roles }) => roles.includes('beneficiary') || roles.includes('host')),
    parties.filter(({ party }) => receivers.has(party)),
  ]
  const several: string[] = []
  for (const group of groups) {
    const countries = countriesOf(group)
    const [country] = countries
    if (countries.length === 1 && country !== undefined && isCode('Country', country)) return { country }
    several.push(...countries)
  }
  const { country } = settings
  if (country !== undefined && parties.some((party) => party.country === country)) return { country }
  const [own, ...others] = countriesOf(parties)
  if (own !== undefined && others.length === 0 && isCode('Country', own)) return { country: own }
  return { fails: several.length > 0 ? '3.1.1' : '3.7.1', countries: [...new Set(several)] }
}

function ofShares(shares: Readonly<Partial<Record<CountryCode, string>>>): Recipient {
  const [only, ...others] = Object.keys(shares) as CountryCode[]
  return only !== undefined && others.length === 0 ? { country: only } : { shares }
}

function countriesOf(parties: readonly Party[]): string[] {
  return [...new Set(parties.flatMap(({ country }) => country ?? []))]
}

/** Where its fields mean several sectors, DAC's own answer: multisector aid. Shares of sectors are known to nobody. */
const multisector = '43010' satisfies Code<'Sector'>

/** The one sector; null where the settings know none for its fields. */
export function sectorOf({ proposalId, fields }: Proposal, settings: Settings): Code<'Sector'> | null {
  const own = settings.proposals[proposalId]?.sector
  if (own) return own
  const [first, ...others] = new Set(fields.flatMap((field) => settings.sectors[field] ?? []))
  return others.length > 0 ? multisector : (first ?? null)
}

/** Bilateral: those who give and the one who receives are of one country each, and not of the same. */
export function isBilateral({ parties }: Proposal, recipient: Recipient): boolean {
  const givers = countriesOf(withRole(parties, 'funder'))
  return 'country' in recipient && givers.length === 1 && givers[0] !== recipient.country
}

/** What the kind of a proposal says about its money: never what nobody knows, such as whether it is tied. */
export function defaultsOf({ kind, parties }: Proposal): {
  readonly flow?: Code<'FlowType'>
  readonly finance?: Code<'FinanceType'>
  readonly aid?: Code<'AidType'>
} {
  if (kind === 'oda-grant-project') return { flow: '10', finance: '110', aid: 'C01' }
  if (kind === 'oda-loan-project') return { flow: '10', finance: '421', aid: 'C01' }
  if (kind === 'technical-assistance') return { aid: 'D02' }
  if (kind === 'training-programme') {
    const [hosts, givers] = [countriesOf(withRole(parties, 'host')), countriesOf(withRole(parties, 'funder'))]
    if (hosts.length === 1 && givers.length === 1 && hosts[0] === givers[0]) return { aid: 'E01' }
  }
  return {}
}

function withRole(parties: readonly Party[], role: Role): Party[] {
  return parties.filter(({ roles }) => roles.includes(role))
}
