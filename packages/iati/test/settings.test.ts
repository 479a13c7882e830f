import t from 'tap'
import { parseSettings } from '../src/settings.ts'
import { portfolioSettings } from './support.ts'

const least = { reportingOrg: { ref: 'VN-COA-1', type: '10', name: { en: 'Ministry' } } }

const mistakesOf = (value: unknown) => {
  const parsed = parseSettings(value)
  return 'mistakes' in parsed ? parsed.mistakes : []
}

t.test('the least that is needed is who reports; kinds are then those that take money', async (t) => {
  const parsed = parseSettings(least)
  if ('mistakes' in parsed) throw new Error(parsed.mistakes.join('\n'))
  const { reportingOrg, language, files, kinds } = parsed.settings
  t.same(
    { secondaryReporter: reportingOrg.secondaryReporter, language, files },
    { secondaryReporter: true, language: 'en', files: 1 },
  )
  t.ok(kinds.includes('oda-grant-project') && kinds.includes('programme'))
  t.notOk(kinds.includes('treaty') || kinds.includes('forum'))
})

t.test('every mistake is named at once, with its place', async (t) => {
  const mistakes = mistakesOf({
    reportingOrg: { ref: 'VN/COA', type: '99', name: { fil: 'Kagawaran' } },
    reportingParty: 'Not A Slug',
    language: 'xx',
    country: 'XX',
    kinds: ['mou'],
    files: 0,
    sectors: { health: '11321', 'Not A Field': '12182' },
    organisations: { 'koica-kr': {} },
    contact: { email: 'nobody' },
    proposals: { vkist: { sector: '0', region: '798', countries: { VN: '50', KR: '49.9' } } },
    budget: true,
  })
  const places = [
    'reportingOrg.ref',
    'reportingOrg.type',
    'reportingOrg.name',
    'reportingParty',
    'language',
    'country',
    'kinds.0',
    'files',
  ]
  places.push(
    'sectors.health',
    'sectors.Not A Field',
    'organisations.koica-kr',
    'contact.email',
    'proposals.vkist.sector',
  )
  places.push('proposals.vkist.countries', 'the whole')
  for (const place of places)
    t.ok(
      mistakes.some((mistake) => mistake.startsWith(`${place}: `)),
      `${place} in\n${mistakes.join('\n')}`,
    )
})

t.test('a withdrawn code is refused', async (t) => {
  t.match(mistakesOf({ ...least, sectors: { health: '11321' } }), [/IATI list Sector.*not withdrawn/])
})

t.test('shares of countries add up to 100, exactly', async (t) => {
  const of = (countries: unknown) => mistakesOf({ ...least, proposals: { vkist: { countries } } })
  t.same(of({ VN: '33.3', KR: '33.3', LA: '33.4' }), [])
  t.match(of({ VN: '33.3', KR: '33.3', LA: '33.3' }), [/add up to 100/])
  t.match(of({ VN: 100 }), [/percentage/])
  t.match(of({}), [/at least one/])
})

t.test('no settings at all are one mistake', async (t) => {
  for (const value of [null, [], 'x', 1]) t.equal(mistakesOf(value).length, 1)
})

t.test('the settings of the portfolio name a sector for every field, and nobody’s identifier', async (t) => {
  t.equal(Object.keys(portfolioSettings.sectors).length, 37)
  t.match(portfolioSettings.reportingOrg.ref, /EXAMPLE/)
})
