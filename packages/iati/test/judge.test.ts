import { type EventBody, type EventData } from '@commitments/domain'
import { failuresOf, fileOf, warningsOfFiles, warningsOfSettings } from '@commitments/iati'
import { delivered, example, proposed, recorded } from '@commitments/test-kit/domain'
import t from 'tap'
import { courseOf, findings, portfolioSettings, publicationOf, publish } from './support.ts'

const settings = { ...portfolioSettings, sectors: { health: '12182' as const, transport: '21010' as const } }

const streamOf = (...bodies: EventBody[]) => bodies.map((body, index) => recorded(body, { version: index + 1 }))
const whole: Partial<EventData['proposed']> = { fields: ['health'], planned: { start: '2024' } }

function failures(with_: Partial<EventData['proposed']>, own: Partial<typeof settings> = {}, ...more: EventBody[]) {
  const course = courseOf(streamOf(proposed({ ...whole, ...with_ }), ...more))
  return course === null ? null : failuresOf(course, publicationOf({ ...settings, ...own }))
}

function xmlOf(
  with_: Partial<EventData['proposed']>,
  own: Partial<typeof settings> = {},
  ...more: EventBody[]
): string {
  const { xml } = publish(
    new Map([['joint-laboratory', streamOf(proposed({ ...whole, ...with_ }), ...more)]]),
    publicationOf({ ...settings, ...own }),
  )
  t.same(findings(xml), [])
  return xml
}

const party = (id: string, country: string | undefined, role: 'beneficiary' | 'host' | 'funder' | 'counterpart') =>
  ({
    party: id,
    ...(country === undefined ? {} : { country }),
    roles: [role],
  }) as EventData['proposed']['parties'][number]

t.test('a proposal that fails no rule is published', async (t) => {
  t.same(failures({}), [])
})

t.test('each failure names its rule, and the member that would mend it', async (t) => {
  const of = (...parameters: Parameters<typeof failures>) =>
    failures(...parameters)?.map(({ id, complete }) => [id, complete])
  t.same(of({ planned: {} }), [['6.11.1', 'planned.start']])
  t.same(of({ planned: { start: '[..2023]' } }), [['6.11.1', 'planned.start']], 'no first day')
  t.same(of({ fields: [] }), [['6.2.2', 'fields']])
  t.same(of({ fields: ['space'] }), [['6.2.2', 'IATI_FILE: sectors.space, or proposals.joint-laboratory.sector']])
  t.same(of({ title: { fil: 'Laboratoryo' } }), [['4.3.1', 'title']])
  t.same(of({ parties: [party('a', undefined, 'funder')] }), [['3.7.1', 'parties.country']])
  const several = { parties: [party('a', 'KR', 'beneficiary'), party('b', 'LA', 'host')] }
  t.same(of(several), [['3.1.1', 'IATI_FILE: proposals.joint-laboratory.countries or .region']])
  t.same(of({}, { kinds: ['treaty'] }), [['kind', 'IATI_FILE: kinds']])
  t.same(of({}, {}, example('ended', { ending: 'void' })), [['void', null]])
  t.same(of({ planned: {}, fields: [] })?.length, 2, 'all at once')
})

t.test(
  'a start that happened does for a planned one: of a payment, a meeting, or an instrument in force',
  async (t) => {
    t.same(failures({ planned: {} }, {}, example('started')), [])
    t.same(failures({ planned: {}, kind: 'forum' }, {}, delivered()), [])
    t.same(failures({ planned: {}, kind: 'treaty' }, {}, delivered()), [])
    t.equal(
      failures({ planned: {}, kind: 'system' }, {}, delivered())?.length,
      1,
      'its delivery says nothing about its start',
    )
  },
)

t.test(
  'the recipient: who benefits or hosts, who receives money, the configured country, the only country; or what the settings say',
  async (t) => {
    t.match(
      xmlOf({ parties: [party('a', 'LA', 'beneficiary'), party('b', 'VN', 'funder')] }),
      '<recipient-country code="LA"/>',
    )
    t.match(
      xmlOf({ parties: [party('a', 'KR', 'funder'), party('b', 'VN', 'counterpart')] }),
      '<recipient-country code="VN"/>',
    )
    t.match(xmlOf({ parties: [party('a', 'KR', 'funder')] }), '<recipient-country code="KR"/>')
    const several = { parties: [party('a', 'KR', 'beneficiary'), party('b', 'LA', 'host')] }
    const by = (own: (typeof settings)['proposals'][string]) =>
      xmlOf(several, { proposals: { 'joint-laboratory': own } })
    t.match(by({ region: '798' }), '<recipient-region vocabulary="1" code="798"/>')
    t.match(
      by({ countries: { LA: '40', KR: '60' } }),
      '<recipient-country code="KR" percentage="60"/><recipient-country code="LA" percentage="40"/>',
    )
    t.match(by({ countries: { LA: '100' } }), '<activity-scope code="4"/><recipient-country code="LA"/>')
    t.notMatch(by({ region: '798' }), 'activity-scope')
  },
)

t.test('several sectors are multisector aid, and each field is a tag: nobody knows their shares', async (t) => {
  const xml = xmlOf({ fields: ['health', 'transport', 'space'] })
  t.match(xml, '<sector vocabulary="1" code="43010"/>')
  t.equal([...xml.matchAll(/<tag vocabulary="99"/g)].length, 3)
  t.match(
    xmlOf({}, { proposals: { 'joint-laboratory': { sector: '43082' } } }),
    '<sector vocabulary="1" code="43082"/>',
  )
})

t.test('an end that would lie before the start is left out and reported', async (t) => {
  const stream = streamOf(
    proposed({ ...whole, kind: 'system' }),
    example('started', {}, { occurredOn: '2026-01-05' }),
    example('agreed', { form: 'minutes', parties: ['most-vn', 'msit-kr'] }),
    delivered({}, { occurredOn: '2025-06' }),
  )
  const { xml, drafts } = publish(new Map([['joint-laboratory', stream]]), publicationOf(settings))
  t.same(findings(xml), [])
  t.notMatch(xml, '<activity-date type="4"')
  t.match(drafts.get('joint-laboratory')?.omissions, [{ version: 4, what: 'the end (2025-06)', why: /11\.1\.3/ }])
})

t.test('money in a currency that IATI does not have is in words', async (t) => {
  const stream = streamOf(
    proposed(whole),
    example('agreed'),
    example('funded', { amount: { value: '10', currency: 'CHE' } }),
  )
  const { xml, drafts } = publish(new Map([['joint-laboratory', stream]]), publicationOf(settings))
  t.same(findings(xml), [])
  t.notMatch(xml, '<transaction ')
  t.match(xml, '10 CHE')
  t.match(drafts.get('joint-laboratory')?.omissions, [{ version: 3, what: 'funded kr-grant' }])
})

t.test('an organisation has the reference and the type of the settings', async (t) => {
  const organisations = { 'msit-kr': { ref: 'KR-GOV-1', type: '10' as const } }
  t.match(xmlOf({}, { organisations }), '<participating-org ref="KR-GOV-1" type="10" role="1">')
})

t.test(
  'an activity is in the same file as long as the number of files stays, and files are about equally large',
  async (t) => {
    const ids = Array.from({ length: 6_000 }, (_, number) => `proposal-${number}`)
    const counts = Map.groupBy(ids, (id) => fileOf(id, 6))
    t.same(
      [...counts.keys()].toSorted((a, b) => a - b),
      [1, 2, 3, 4, 5, 6],
    )
    for (const of of counts.values()) t.ok(of.length > 850 && of.length < 1150)
    t.equal(fileOf('vkist', 6), 6)
    t.equal(fileOf('vkist', 1), 1)
  },
)

t.test('a file of 40,000,000 bytes is warned about, with the number of files that would do', async (t) => {
  t.same(warningsOfFiles([39_999_999]), [])
  t.match(warningsOfFiles([40_000_000]), [{ id: 'file-size', message: /"files" in IATI_FILE to 2 or more/ }])
  t.match(warningsOfFiles([45_000_000, 44_000_000]), [{ message: /to 3 or more/ }])
})

t.test('an identifier that no known agency gave is warned about', async (t) => {
  t.match(warningsOfSettings(settings), [{ id: '1.14.8' }])
  t.same(warningsOfSettings({ ...settings, reportingOrg: { ...settings.reportingOrg, ref: 'VN-COA-1' } }), [])
})
