import { z } from 'zod'
import { isCountry } from './countries.ts'
import { accepts, distinct, limits, object, oneOf, PartyId } from './schema.ts'
import { LanguageMap } from './texts.ts'
import { codesText } from './words/codes-text.ts'
import { roleWords } from './words/parties.ts'
import { codesOf } from './words/words.ts'

export const roles = codesOf(roleWords)
export const Role = oneOf(roles, {
  donor: 'did you mean "funder"?',
  recipient: 'did you mean "beneficiary"?',
}).meta({
  id: 'Role',
  description: codesText('What a party does in a proposal.', roleWords),
  examples: ['funder'],
})
export type Role = (typeof roles)[number]

const countryError = accepts('must be a country code of ISO 3166-1 (alpha-2), such as VN or KR')

export const Country = z
  .string({ error: countryError })
  .max(2, { error: countryError, abort: true })
  .refine(isCountry, { error: countryError })
  .meta({ pattern: '^[A-Z]{2}$' })

/** An organisation, or an unnamed group of organisations; never a person. */
export const Party = object({
  party: PartyId,
  name: LanguageMap.optional(),
  country: Country.optional(),
  group: z.boolean().optional(),
  roles: distinct(Role, { of: 'roles', min: 1, max: roles.length }),
}).meta({
  id: 'Party',
  description: 'An organisation, or an unnamed group of them (`group: true`), with its roles. Never a person.',
  examples: [
    {
      party: 'most-vn',
      name: { en: 'Ministry of Science and Technology of Viet Nam' },
      country: 'VN',
      roles: ['proposer'],
    },
  ],
})
export type Party = z.infer<typeof Party>

/** Ids of parties, each once. */
export const PartyIds = distinct(PartyId, { of: 'ids of parties', min: 1, max: limits.parties })
