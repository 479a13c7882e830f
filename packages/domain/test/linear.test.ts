import { awkward, growth, linearAtMost, proposed } from '@commitments/test-kit'
import t from 'tap'
import { languageFault, parseBulkLine, parseEventBody, searchText } from '../src/index.ts'

const parties = [{ party: 'most-vn', roles: ['proposer'] }]
const data = (more: object) => ({ title: { en: 'x' }, kind: 'system', parties, ...more })
const parseProposed = (members: object) => parseEventBody({ ...proposed(), ...members })

const places: Readonly<Record<string, (text: string) => unknown>> = {
  'an id': (text) => parseBulkLine({ ...proposed(), proposalId: text }),
  'a type': (text) => parseEventBody({ ...proposed(), type: text }),
  'a date': (text) => parseProposed({ occurredOn: text }),
  'a date, begun well': (text) => parseProposed({ occurredOn: `2024-01-01/${text}` }),
  'a text': (text) => parseProposed({ data: data({ title: { en: `${text}x` } }) }),
  'a language': (text) => parseProposed({ data: data({ title: { [text]: 'x' } }) }),
  'a language, by itself': (text) => languageFault(text),
  'an amount': (text) =>
    parseProposed({ data: data({ requestedFunding: [{ amount: { value: text, currency: 'USD' } }] }) }),
  'an amount, a fraction': (text) =>
    parseProposed({ data: data({ requestedFunding: [{ amount: { value: `1.${text}`, currency: 'USD' } }] }) }),
  'a currency': (text) =>
    parseProposed({ data: data({ requestedFunding: [{ amount: { value: '1', currency: text } }] }) }),
  'a country': (text) => parseProposed({ data: data({ parties: [{ ...parties[0], country: text }] }) }),
  'a field': (text) => parseProposed({ data: data({ fields: [text] }) }),
  'a URL': (text) => parseProposed({ evidence: [{ title: 'E', supports: 's', url: `https://a/${text}` }] }),
  'a digest': (text) => parseProposed({ evidence: [{ title: 'E', supports: 's', digest: `sha256:${text}` }] }),
  'a member': (text) => parseProposed({ [text]: 1 }),
  'what is searched': (text) => searchText(text),
}

for (const [name, parse] of Object.entries(places)) {
  t.test(`the work of reading grows at most linearly with the length, whatever the content: ${name}`, async (t) => {
    for (const unit of awkward) {
      const factor = growth(parse, unit, 16 * 1024)
      t.ok(factor < linearAtMost, `${JSON.stringify(unit)}: ${factor.toFixed(1)}`)
    }
  })
}
