/** The calendar, read by an independent parser, and the feed, checked against the schema of its RFC. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { agreed, delivered, example, funded, proposed } from '@commitments/test-kit'
import ICAL from 'ical.js'
import t, { type Test } from 'tap'
import { openLedger, startService, type TestService } from './support.ts'

const clock = () => new Date('2026-11-22T00:00:00Z')
const milestone = (due: string) =>
  example('milestone-planned', { milestone: 'report', title: { en: 'First report' }, due })

async function open(t: Test, environment: Record<string, string> = {}) {
  const ledger = await openLedger(t)
  return { ledger, service: await startService(t, ledger, { clock, environment }) }
}

interface Entry {
  readonly uid: string
  readonly start: string
  readonly end: string
  readonly summary: string
  readonly description: string
}

async function entriesOf(t: Test, service: TestService, query: string): Promise<Entry[]> {
  const answer = await service.get(`/v1/calendar.ics?${query}`)
  t.equal(answer.statusCode, 200, answer.body)
  t.equal(answer.headers['content-type'], 'text/calendar; charset=utf-8')
  t.ok(answer.body.endsWith('END:VCALENDAR\r\n'))
  const lines = answer.body.split('\r\n')
  t.ok(
    lines.every((line) => Buffer.byteLength(line) <= 75 && !/[\r\n]/.test(line)),
    'lines are folded at 75 bytes',
  )
  const calendar = new ICAL.Component(ICAL.parse(answer.body))
  const entries = calendar.getAllSubcomponents('vevent').map((component) => {
    t.ok(component.hasProperty('dtstamp'))
    const event = new ICAL.Event(component)
    t.ok(event.startDate.isDate, 'an entry is of whole days')
    const { uid, summary, description } = event
    return { uid, summary, description, start: event.startDate.toString(), end: event.endDate.toString() }
  })
  return entries.toSorted((a, b) => (a.uid < b.uid ? -1 : 1))
}

t.test(
  'planned ends, open milestones and sessions are entries, on the last possible day of an inexact date',
  async (t) => {
    const { ledger, service } = await open(t, { PUBLIC_URL: 'https://ledger.example' })
    await ledger.record(
      'lab',
      proposed({ title: { en: 'Lab', vi: 'Phòng thí nghiệm' }, planned: { end: '2027' } }),
      agreed(),
      milestone('2027-03-04'),
    )
    await ledger.record(
      'session',
      proposed({
        title: { en: 'JCM' },
        kind: 'committee-session',
        planned: { start: '2026-12-01', end: '2026-12-02' },
      }),
    )
    await ledger.record('dateless', proposed({ planned: { end: '[2027..]' } }))
    await ledger.record('done', proposed({ planned: { end: '2027-01-01' } }), agreed(), funded(), delivered())
    const head = await ledger.record(
      'gone',
      proposed({ planned: { end: '2027-01-01' } }),
      example('ended', { ending: 'withdrawn' } as never),
    )
    const entries = await entriesOf(t, service, `atLeast=${head}`)
    t.match(entries, [
      {
        uid: /^lab\.milestone\.report@/,
        start: '2027-03-04',
        end: '2027-03-05',
        summary: 'Milestone: First report: Lab',
      },
      {
        uid: /^lab\.planned-end@/,
        start: '2027-12-31',
        end: '2028-01-01',
        summary: 'Planned end (at the latest): Lab',
      },
      { uid: /^session\.session@/, start: '2026-12-01', end: '2026-12-03', summary: 'Committee session: JCM' },
    ])
    t.equal(entries.length, 3)
    t.match(entries[1]?.description, /^The day is not known exactly \(2027\)\. This is the last possible day\.\n/)
    t.match(entries[1]?.description, /https:\/\/ledger\.example\/proposals\/lab$/)
    const [, vietnamese] = await entriesOf(t, service, 'lang=vi')
    t.match(vietnamese, {
      summary: 'Kết thúc dự kiến (chậm nhất): Phòng thí nghiệm',
      description: /Không biết chính xác ngày \(2027\)/,
    })
    const [, korean] = await entriesOf(t, service, 'lang=ko')
    t.match(korean, { summary: '종료 예정 (늦어도): Lab', description: /정확한 날짜는 알려지지 않았다\(2027\)/ })
    t.same(
      (await entriesOf(t, service, 'kind=committee-session')).map(({ start }) => start),
      ['2026-12-01'],
    )

    const changed = await ledger.record(
      'lab',
      example('rescheduled', { which: 'report', to: '2027-05-06', reason: { en: 'Late' } }),
    )
    const [later] = await entriesOf(t, service, `atLeast=${changed}`)
    t.match(later, { uid: entries[0]?.uid, start: '2027-05-06' }, 'a date that moves keeps its entry')
    const [then] = await entriesOf(t, service, `knownAtPosition=${head}`)
    t.match(then, { start: '2027-03-04' })
    const answer = await service.get('/v1/calendar.ics')
    t.equal((await service.get('/v1/calendar.ics', { 'if-none-match': String(answer.headers.etag) })).statusCode, 304)
  },
)

const hostile = 'a; b, c \\ \r\nEND:VCALENDAR\rx <b>&amp;</b> ]]> \u0007 "=1+1" Việt \u{1F4C5}'

t.test('no text of the ledger ends a line, an element or an entry', async (t) => {
  const { ledger, service } = await open(t)
  const head = await ledger.record('lab', proposed({ title: { en: hostile }, planned: { end: '2027-01-01' } }))
  const text = 'a; b, c \\ END:VCALENDAR x <b>&amp;</b> ]]> "=1+1" Việt \u{1F4C5}'
  const [entry] = await entriesOf(t, service, `atLeast=${head}`)
  t.equal(entry?.summary, `Planned end: ${text}`)
  const feed = await feedOf(t, service, '')
  t.match(
    feed,
    `<title>Proposed – a; b, c \\ END:VCALENDAR x &lt;b&gt;&amp;amp;&lt;/b&gt; ]]&gt; &quot;=1+1&quot; Việt \u{1F4C5}</title>`,
  )
})

const schema = fileURLToPath(new URL('fixtures/atom.rng', import.meta.url))

async function feedOf(t: Test, service: TestService, query: string): Promise<string> {
  const answer = await service.get(`/v1/activity.atom?${query}`)
  t.equal(answer.statusCode, 200, answer.body)
  t.equal(answer.headers['content-type'], 'application/atom+xml; charset=utf-8')
  const { error, status, stderr } = spawnSync('xmllint', ['--noout', '--relaxng', schema, '-'], { input: answer.body })
  if (error)
    t.comment('xmllint is not here (Debian: libxml2-utils): the feed was not held against the schema of RFC 4287')
  else t.equal(status, 0, String(stderr))
  return answer.body
}

t.test('the feed has the newest events of the matching proposals, the newest first', async (t) => {
  const { ledger, service } = await open(t, { PUBLIC_URL: 'https://ledger.example' })
  await ledger.record('lab', proposed({ title: { en: 'Lab', ko: '연구소' } }))
  const head = await ledger.record('centre', proposed({ kind: 'memorandum' }), agreed())
  const feed = await feedOf(t, service, `atLeast=${head}`)
  const titles = (text: string) => [...text.matchAll(/<title>([^<]*) – /g)].map(([, what]) => what)
  t.same(titles(feed), ['Agreed', 'Proposed', 'Proposed'])
  t.match(
    feed,
    /<link rel="self" type="application\/atom\+xml" href="https:\/\/ledger\.example\/v1\/activity\.atom\?atLeast=3"\/>/,
  )
  t.match(feed, /<link rel="alternate" href="https:\/\/ledger\.example\/proposals\/centre#v2"\/>/)
  t.same(titles(await feedOf(t, service, 'kind=memorandum&limit=1')), ['Agreed'])
  t.match(await feedOf(t, service, 'lang=ko&kind=joint-research'), /<feed [^>]*xml:lang="ko">.*– 연구소<\/title>/)
  const { headers } = await service.get('/v1/activity.atom')
  t.equal((await service.get('/v1/activity.atom', { 'if-none-match': String(headers.etag) })).statusCode, 304)
})

t.test('a ledger without events has a calendar without entries and a feed without entries', async (t) => {
  const { service } = await open(t)
  t.same(await entriesOf(t, service, ''), [])
  t.match(await feedOf(t, service, ''), '<updated>1970-01-01T00:00:00Z</updated>')
})

t.test('a calendar of more than a thousand entries is refused with what would be accepted', async (t) => {
  const { ledger, service } = await open(t)
  const late = { planned: { end: '2027-01-01' } }
  const head = await ledger.recordAll(
    Array.from({ length: 1_001 }, (_, index) => [`p-${index}`, proposed(late)] as const),
  )
  const answer = await service.get(`/v1/calendar.ics?atLeast=${head}`)
  t.match(answer.json(), { status: 400, errors: [{ path: 'query', message: /more than 1000 entries.*narrow it/ }] })
})
