/** The parties with their roles, and those that left. */
import { labelOf, meaningOf } from '../data/vocabulary.ts'
import { When } from '../parts/dates.tsx'
import { PartyName } from '../parts/party.tsx'
import { Section } from '../parts/section.tsx'
import { OtherLanguages, Translated } from '../parts/translated.tsx'
import { language, say } from '../texts/reader.ts'
import { regionName } from '../texts/regions.ts'
import type { Status } from './status.ts'

export function PartiesPart({ status: { parties, formerParties } }: { readonly status: Status }) {
  const words = say.value.proposal
  return (
    <Section id="parties" title={words.sections.parties}>
      <ul class="parties">
        {parties.map((party) => (
          <li key={party.party}>
            <PartyName party={party.party} />
            <Where party={party} />
            <Roles roles={party.roles} />
            {party.name === undefined ? null : <OtherLanguages text={party.name} />}
          </li>
        ))}
      </ul>
      {formerParties.length === 0 ? null : (
        <>
          <h3>{words.formerParties}</h3>
          <ul class="parties">
            {formerParties.map((party) => (
              <li key={party.party}>
                <PartyName party={party.party} />
                <Where party={party} />
                <Roles roles={party.roles} />
                <p class="sub">
                  <When date={party.occurredOn} />: <Translated text={party.reason} />{' '}
                  <a href={`#v${party.version}`}>#{party.version}</a>
                </p>
              </li>
            ))}
          </ul>
        </>
      )}
    </Section>
  )
}

function Where({
  party: { country, group },
}: {
  readonly party: Pick<Status['parties'][number], 'country' | 'group'>
}) {
  return (
    <>
      {country === undefined ? null : <span class="quiet"> · {regionName(country, language.value)}</span>}
      {group === true ? <span class="quiet"> · {say.value.proposal.group}</span> : null}
    </>
  )
}

function Roles({ roles }: { readonly roles: Status['parties'][number]['roles'] }) {
  return (
    <ul class="roles">
      {roles.map((role) => (
        <li key={role} title={meaningOf('roles', role)}>
          {labelOf('roles', role)}
        </li>
      ))}
    </ul>
  )
}
