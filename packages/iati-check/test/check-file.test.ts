import t from 'tap'
import { checkFile } from '../src/check-file.ts'

const now = new Date('2026-11-28T20:00:00Z')
const check = (xml: string, at = now) => checkFile(Buffer.from(xml), at)

interface Parts {
  readonly id?: string
  readonly attributes?: string
  readonly dates?: string
  readonly sector?: string
  readonly more?: string
}

function activity({ id = 'VN-COA-1-a', attributes = '', dates, sector, more = '' }: Parts = {}): string {
  return `<iati-activity xml:lang="en" ${attributes}>
<iati-identifier>${id}</iati-identifier>
<reporting-org ref="VN-COA-1" type="10"><narrative>Ministry</narrative></reporting-org>
<title><narrative>A title</narrative></title>
<description><narrative>What it is</narrative></description>
<participating-org role="4"><narrative>Institute</narrative></participating-org>
<activity-status code="2"/>
${dates ?? '<activity-date type="2" iso-date="2024-01-01"/>'}
<recipient-country code="VN"/>
${sector ?? '<sector code="43082"/>'}
${more}</iati-activity>`
}

const file = (...activities: string[]) =>
  `<iati-activities version="2.03">\n${activities.join('\n')}\n</iati-activities>`

t.test('a valid file has no findings', async (t) => {
  t.same(check(file(activity(), activity({ id: 'VN-COA-1-b' }))), { activities: 2, findings: [] })
  t.same(check(activity()), { activities: 1, findings: [] }, 'one activity as the root')
})

t.test('each layer finds what only it can find, and names activity and line', async (t) => {
  const faults: [string, string, Parts][] = [
    ['schema', 'element', { more: '<title><narrative>Once more</narrative></title>' }],
    ['code-list', 'is not on the list Sector', { sector: '<sector code="00000"/>' }],
    ['rule', 'must not be in the future', { dates: '<activity-date type="2" iso-date="2026-11-29"/>' }],
  ]
  for (const [layer, words, parts] of faults) {
    const { findings } = check(file(activity(), activity({ id: 'VN-COA-1-b', ...parts })))
    t.equal(findings.length, 1, layer)
    t.match(findings[0], { layer, severity: 'error', activity: 'VN-COA-1-b' })
    t.match(findings[0]?.message.toLowerCase(), words.toLowerCase())
    t.ok((findings[0]?.line ?? 0) > 13, 'the line in the second activity')
  }
})

t.test('a withdrawn code is refused, although the standard’s own validator lets it pass', async (t) => {
  const { findings } = check(file(activity({ sector: '<sector code="11321"/>' })))
  t.match(findings, [{ layer: 'code-list', rule: 'Sector' }])
  t.match(findings[0]?.message, /is withdrawn/)
})

t.test('a day that has begun in Hanoi is in the future until it has begun in UTC', async (t) => {
  const tomorrow = file(activity({ dates: '<activity-date type="2" iso-date="2026-11-29"/>' }))
  t.equal(check(tomorrow, new Date('2026-11-28T23:59:59.999Z')).findings[0]?.rule, '11.1.4')
  t.same(check(tomorrow, new Date('2026-11-29T00:00:00Z')).findings, [])
})

t.test('every transaction is held to the dates, not the first one alone', async (t) => {
  const transaction = (day: string) => `<transaction><transaction-type code="3"/><transaction-date iso-date="${day}"/>
    <value currency="USD" value-date="${day}">1</value></transaction>`
  const { findings } = check(file(activity({ more: transaction('2020-01-01') + transaction('2027-01-01') })))
  t.same(
    findings.map(({ rule }) => rule),
    ['11.2.1', '11.2.2'],
  )
})

t.test('percentages of one vocabulary add up to 100, in every vocabulary, and exactly', async (t) => {
  const sectors = (vocabulary: string, ...shares: string[]) =>
    shares
      .map(
        (share) =>
          `<sector vocabulary="${vocabulary}" code="1" percentage="${share}"><narrative>S</narrative></sector>`,
      )
      .join('')
  const of = (sector: string) => check(file(activity({ sector }))).findings.map(({ rule }) => rule)
  t.same(of(`<sector code="43082"/>${sectors('99', '33.3', '33.3', '33.4')}`), [])
  t.same(of(`<sector code="43082"/>${sectors('99', '33.3', '33.3', '33.3')}`), ['2.1.2'])
})

t.test('an activity that occurs twice is an error', async (t) => {
  t.match(check(file(activity(), activity())).findings, [{ layer: 'file', severity: 'error', activity: 'VN-COA-1-a' }])
})

t.test('all errors of structure of an activity are found at once, and those of all activities', async (t) => {
  const stray = '<budget-item/><title><narrative>Late</narrative></title><unknown-thing/>'
  const { findings } = check(file(activity({ more: stray }), activity({ id: 'VN-COA-1-b', more: '<other-thing/>' })))
  const words = findings.filter(({ layer }) => layer === 'schema').map(({ message }) => message)
  for (const name of ['budget-item', 'title', 'unknown-thing', 'other-thing'])
    t.ok(
      words.some((message) => message.includes(`'${name}'`)),
      name,
    )
})

t.test('what is wrong with the root is found as well', async (t) => {
  t.match(check('<iati-activities version="2.03"/>').findings, [{ layer: 'schema', activity: null }])
  t.match(check('<iati-activities/>').findings, [{ layer: 'schema' }, { layer: 'schema' }])
  t.match(check(file(activity(), '<strange/>')).findings, [{ layer: 'schema', activity: null }])
  t.match(check('<html/>').findings, [{ layer: 'file', severity: 'error' }])
  t.match(check(file(activity()).replace('2.03', '2.02')).findings, [{ layer: 'file', severity: 'error' }])
})

t.test('a file with a document type is refused, and nothing of it is expanded or fetched', async (t) => {
  const types = [
    '<!DOCTYPE iati-activities [<!ENTITY a "A title">]>',
    '<!DOCTYPE iati-activities SYSTEM "file:///etc/passwd">',
    '<!DOCTYPE iati-activities [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
  ]
  for (const doctype of types) {
    const { activities, findings } = check(`${doctype}${file(activity()).replace('A title', '&a;')}`)
    t.equal(activities, 0)
    t.match(findings, [{ layer: 'file', severity: 'error', message: /document type|not XML/ }])
    t.notMatch(findings[0]?.message, /root:/)
  }
})

t.test('what is not XML is said, with the line', async (t) => {
  t.match(check('<iati-activities>\n<iati-activity></iati-activities>').findings, [
    { layer: 'file', severity: 'error', line: 2, message: /not XML/ },
  ])
  t.match(check('').findings, [{ layer: 'file', severity: 'error', message: /not XML/ }])
})

t.test('lines are right beyond 65,535', async (t) => {
  const { findings } = check(file(`${'\n'.repeat(70_000)}${activity({ sector: '<sector code="00000"/>' })}`))
  t.equal(findings[0]?.line, 70_011)
  const [early, late] = check(
    file(
      activity({ sector: '<!-- <iati-activity> -->\n<sector code="00000"/>' }),
      `${'\n'.repeat(70_000)}${activity({ id: 'VN-COA-1-b', more: '<tag vocabulary="1" code="a > b"/>\n<tag vocabulary="77" code="a"/>' })}`,
    ),
  ).findings
  t.equal(early?.line, 12)
  t.equal(late?.line, 70_025)
})

t.test('a file that the Registry refuses for its size is an error, and a large one a warning', async (t) => {
  const padded = (bytes: number) =>
    check(file(activity()).replace('\n<iati-activity', `${' '.repeat(bytes)}<iati-activity`))
  t.match(padded(40_000_000).findings, [{ layer: 'file', severity: 'warning' }])
  t.match(padded(60_000_000).findings, [{ layer: 'file', severity: 'error', message: /60000000/ }])
})

t.test(
  'an identifier of the reporting organisation that does not begin with a known agency is a warning',
  async (t) => {
    const { findings } = check(file(activity()).replaceAll('VN-COA-1', 'XX-1'))
    t.match(findings, [{ rule: '1.14.8', severity: 'warning' }])
  },
)
