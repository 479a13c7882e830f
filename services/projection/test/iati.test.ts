/** The publication to IATI, over a real database. */
import { readFileSync } from 'node:fs'
import { type EventBody, parseBulkLine } from '@commitments/domain'
import { parseSettings, type Settings } from '@commitments/iati'
import { checkFile } from '@commitments/iati-check'
import { agreed, delivered, example, funded, proposed } from '@commitments/test-kit'
import t, { type Test } from 'tap'
import type { z } from 'zod'
import { IatiReport } from '../src/routes/iati-report.ts'
import { type Ledger, openLedger, type ServiceOptions, startService, type TestService } from './support.ts'

const read = (path: string) => readFileSync(new URL(`../../../data/${path}`, import.meta.url), 'utf8')

function settingsOf(changes: Partial<Settings> = {}): Settings {
  const parsed = parseSettings({ ...JSON.parse(read('iati.json')), ...changes })
  if ('mistakes' in parsed) throw new Error(parsed.mistakes.join('\n'))
  return parsed.settings
}

const settings = settingsOf()

function findings(xml: string): unknown[] {
  return checkFile(Buffer.from(xml), new Date()).findings.filter(({ rule }) => rule !== '1.14.8')
}

async function recordPortfolio(ledger: Ledger): Promise<number> {
  const lines = ['portfolio.ndjson', 'portfolio-later.ndjson'].flatMap((file) => read(file).trimEnd().split('\n'))
  return ledger.recordAll(
    lines.map((line): [string, EventBody] => {
      const parsed = parseBulkLine(JSON.parse(line))
      if (!parsed.ok) throw new Error(line)
      const { proposalId, ...body } = parsed.body
      return [proposalId, body]
    }),
  )
}

async function open(t: Test, options: ServiceOptions = {}) {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger, {
    iati: settings,
    environment: { PUBLIC_URL: 'https://ledger.example' },
    ...options,
  })
  return { ledger, service }
}

/** The report, checked against its schema. */
async function reportOf(service: TestService, query = ''): Promise<z.output<typeof IatiReport>> {
  const answer = await service.get(`/v1/iati/report${query}`)
  if (answer.statusCode !== 200) throw new Error(answer.body)
  return IatiReport.parse(answer.json())
}

const identifiers = (xml: string) =>
  [...xml.matchAll(/<iati-identifier>XX-EXAMPLE-COMMITMENTS-([^<]*)</g)].map(([, id = '']) => id)

const lab = (data: Parameters<typeof proposed>[0] = {}) =>
  proposed({ fields: ['health'], planned: { start: '2024' }, ...data })

t.test('the portfolio as a file, as a report, and each proposal alone', async (t) => {
  const { ledger, service } = await open(t)
  const position = await recordPortfolio(ledger)
  const answer = await service.get(`/v1/iati/activities.xml?atLeast=${position}`)
  t.equal(answer.statusCode, 200, answer.body.slice(0, 500))
  t.match(answer.headers, { 'content-type': 'application/xml; charset=utf-8', 'log-position': String(position) })
  t.same(findings(answer.body), [])
  const published = identifiers(answer.body)
  t.equal(published.length, 21)
  t.same(published, published.toSorted())

  const report = await reportOf(service)
  t.match(report, { position, asOf: null, exported: 21, leftOut: 74, byRule: { '6.11.1': 70, '6.2.2': 5, '3.7.1': 1 } })
  t.equal(report.proposals.filter(({ exported }) => !exported).length, 74)
  t.same(report.files, [{ file: 1, activities: 21, bytes: Buffer.byteLength(answer.body) }])
  t.match(report.warnings, [{ id: '1.14.8' }])
  t.match(
    report.proposals.find(({ proposalId }) => proposalId === 'vkist'),
    { exported: true, omitted: [{ version: 9, what: 'funded vn-counterpart' }] },
  )

  const one = await service.get('/v1/proposals/vkist/iati')
  t.equal(one.statusCode, 200)
  t.same(findings(one.body), [])
  const alone = one.body.slice(one.body.indexOf('<iati-activity '), one.body.indexOf('</iati-activities>'))
  t.ok(answer.body.includes(alone), 'it is the same activity')
  const refused = await service.get('/v1/proposals/vkist-phase-2/iati')
  t.equal(refused.statusCode, 409)
  t.match(refused.json(), { code: 'not-exportable', rules: [{ id: '6.11.1', complete: 'planned.start' }] })
  t.match((await service.get('/v1/proposals/nothing/iati')).json(), { code: 'unknown-proposal' })
})

t.test(
  'the same moment gives the same bytes and the same tag, however it is asked for and whatever is recorded later',
  async (t) => {
    const { ledger, service } = await open(t)
    const position = await ledger.record('lab', lab(), agreed(), funded())
    const now = await service.get(`/v1/iati/activities.xml?atLeast=${position}`)
    await ledger.record('lab', example('started'))
    const last = await ledger.record('other', lab())
    const later = await service.get(`/v1/iati/activities.xml?atLeast=${last}`)
    t.not(later.body, now.body)
    t.not(later.headers.etag, now.headers.etag)
    const then = await service.get(`/v1/iati/activities.xml?knownAtPosition=${position}`)
    t.equal(then.body, now.body)
    t.equal(then.headers.etag, now.headers.etag)
    t.equal(then.headers['last-modified'], now.headers['last-modified'])
    const again = await service.get(`/v1/iati/activities.xml`, { 'if-none-match': String(later.headers.etag) })
    t.equal(again.statusCode, 304)
    t.match(
      now.body,
      /^<\?xml version="1.0" encoding="UTF-8"\?>\n<iati-activities version="2\.03" generated-datetime="20/,
    )
  },
)

t.test('as of a day the file shows what counted then', async (t) => {
  const { ledger, service } = await open(t)
  const position = await ledger.record('lab', lab(), agreed(), funded(), example('disbursed'))
  const then = await service.get(`/v1/iati/activities.xml?asOf=2024-10-01&atLeast=${position}`)
  t.match(then.body, 'c:as-of="2024-10-01"')
  t.match(then.body, '<transaction ref="kr-grant"')
  t.notMatch(then.body, 'payment-1')
  t.same(findings(then.body), [])
  t.match((await service.get('/v1/iati/activities.xml?asOf=2020-01-01')).json(), {
    status: 409,
    code: 'nothing-to-export',
  })
  t.match((await service.get('/v1/proposals/lab/iati?asOf=2020-01-01')).json(), {
    status: 404,
    code: 'unknown-proposal',
    detail: /was known, or counted, at that time/,
  })
  t.match(await reportOf(service, '?asOf=2020-01-01'), { exported: 0, leftOut: 0, proposals: [] })
  t.match((await service.get('/v1/iati/activities.xml?knownAtPosition=999')).json(), { code: 'beyond-head' })
})

t.test('HEAD has the headers of GET, and makes no body', async (t) => {
  const { ledger, service } = await open(t)
  const position = await ledger.record('lab', lab())
  const got = await service.get(`/v1/iati/activities.xml?atLeast=${position}`)
  const head = await service.app.inject({ method: 'HEAD', url: '/v1/iati/activities.xml' })
  t.equal(head.statusCode, 200)
  t.equal(head.body, '')
  for (const name of ['etag', 'last-modified', 'content-type', 'log-position', 'content-disposition'])
    t.equal(head.headers[name], got.headers[name], name)
  t.ok(Date.parse(String(head.headers['last-modified'])) > 0)
})

t.test(
  'HEAD and GET agree, at every door and moment, whichever is asked first and whatever the caller has',
  async (t) => {
    const { ledger, service } = await open(t, { iati: settingsOf({ files: 3 }) })
    await ledger.record('lab', lab())
    const position = await ledger.record('hidden', proposed())
    await service.applied(position)
    const files = [1, 2, 3].map((file) => `/v1/iati/activities.xml?file=${file}`)
    const doors = [
      ...files,
      '/v1/iati/activities.xml',
      '/v1/iati/activities.xml?file=4',
      ...files.map((door) => `${door}&asOf=2020-01-01`),
      '/v1/iati/report',
      '/v1/iati/report?asOf=2020-01-01',
      '/v1/proposals/lab/iati',
      '/v1/proposals/lab/iati?asOf=2020-01-01',
      '/v1/proposals/hidden/iati',
      '/v1/proposals/nothing/iati',
      `/v1/proposals/lab/iati?knownAtPosition=${position + 1}`,
    ]
    const asked = async (method: 'HEAD' | 'GET', url: string, headers = {}) => {
      const answer = await service.app.inject({ method, url, headers })
      const { etag, 'last-modified': modified, 'content-type': type } = answer.headers
      return { status: answer.statusCode, etag, modified, type }
    }
    for (const url of doors) {
      const head = await asked('HEAD', url)
      t.same(head, await asked('GET', url), url)
      t.same(await asked('HEAD', url), head, `${url}, once more`)
      const holding = { 'if-none-match': head.etag ?? '*' }
      t.same(await asked('HEAD', url, holding), await asked('GET', url, holding), `${url}, of somebody who has it`)
      const any = { 'if-none-match': '*' }
      t.same((await asked('GET', url, any)).status, head.status === 200 ? 304 : head.status, `${url}, with any`)
    }
    const statuses = await Promise.all(files.map(async (url) => (await asked('HEAD', url)).status))
    t.same(
      statuses.toSorted((a, b) => a - b),
      [200, 409, 409],
    )
  },
)

t.test('an activity of a long proposal is the same alone as in the file', async (t) => {
  const { ledger, service } = await open(t)
  const payments = Array.from({ length: 300 }, (_, number) =>
    example('disbursed', { transaction: `payment-${number}`, amount: { value: '1', currency: 'USD' } }),
  )
  const position = await ledger.record('lab', lab(), agreed(), funded(), ...payments)
  const file = await service.get(`/v1/iati/activities.xml?atLeast=${position}`)
  const alone = await service.get(`/v1/proposals/lab/iati`)
  t.equal(alone.body, file.body)
  t.same(findings(file.body), [])
  t.equal(file.body.split('<transaction ').length - 1, 301)
})

t.test('a ledger that is not published says how it could be', async (t) => {
  const { ledger, service } = await open(t, { iati: null })
  await ledger.record('lab', lab())
  for (const url of ['/v1/iati/activities.xml', '/v1/iati/report', '/v1/proposals/lab/iati']) {
    const answer = await service.get(url)
    t.match(answer.json(), { status: 404, code: 'not-configured', detail: /IATI_FILE/ }, url)
  }
})

t.test('nothing to export is 409 with the report, and never an empty file; also for HEAD', async (t) => {
  const { ledger, service } = await open(t)
  const position = await ledger.record('lab', proposed())
  const answer = await service.get(`/v1/iati/activities.xml?atLeast=${position}`)
  t.match(answer.json(), {
    status: 409,
    code: 'nothing-to-export',
    report: `/v1/iati/report?knownAtPosition=${position}`,
  })
  t.equal((await service.app.inject({ method: 'HEAD', url: '/v1/iati/activities.xml' })).statusCode, 409)
  t.match(await reportOf(service, `?knownAtPosition=${position}`), {
    exported: 0,
    leftOut: 1,
    files: [{ bytes: 0 }],
  })
})

t.test('several files hold each activity once; without its number none is given', async (t) => {
  const { ledger, service } = await open(t, { iati: settingsOf({ files: 3 }) })
  const ids = Array.from({ length: 30 }, (_, number) => `lab-${String(number).padStart(2, '0')}`)
  const position = await ledger.recordAll(ids.map((id) => [id, lab()]))
  await service.applied(position)
  const files = await Promise.all(
    [1, 2, 3].map((file) => service.get(`/v1/iati/activities.xml?file=${file}&atLeast=${position}`)),
  )
  for (const { body } of files) t.same(findings(body), [])
  t.same(files.flatMap(({ body }) => identifiers(body)).toSorted(), ids)
  const report = await reportOf(service)
  t.same(
    report.files,
    files.map(({ body }, index) => ({
      file: index + 1,
      activities: identifiers(body).length,
      bytes: Buffer.byteLength(body),
    })),
  )
  t.match((await service.get('/v1/iati/activities.xml')).json(), {
    code: 'invalid',
    errors: [{ path: 'query.file', message: /1 to 3/ }],
  })
  t.match((await service.get('/v1/iati/activities.xml?file=4')).json(), {
    code: 'invalid',
    errors: [{ path: 'query.file' }],
  })
})

t.test('relations lead only to activities that are published; depth and money follow the tree', async (t) => {
  const { ledger, service } = await open(t)
  await ledger.record('programme', lab({ kind: 'programme' }), agreed(), funded({ line: 'own' }))
  await ledger.record('part', lab({ parent: 'programme' }), agreed(), funded({ line: 'part-line' }))
  await ledger.record('deep', lab({ parent: 'part' }))
  await ledger.record('hidden', proposed({ parent: 'programme' }))
  const position = await ledger.record(
    'part',
    example('linked', { relation: 'sibling', other: 'deep' }),
    example('linked', { relation: 'co-funded', other: 'hidden' }),
  )
  const { body } = await service.get(`/v1/iati/activities.xml?atLeast=${position}`)
  t.same(findings(body), [])
  const of = (id: string) =>
    new RegExp(`<iati-activity [^>]*><iati-identifier>XX-EXAMPLE-COMMITMENTS-${id}<.*`).exec(body)?.[0] ?? ''
  const related = (id: string) =>
    [...of(id).matchAll(/<related-activity ref="XX-EXAMPLE-COMMITMENTS-([^"]*)" type="(\d)"/g)].map(
      ([, ref, type]) => `${type} ${ref}`,
    )
  t.same(related('programme'), ['2 part'])
  t.same(related('part'), ['1 programme', '2 deep', '3 deep'])
  t.same(related('deep'), ['1 part', '3 part'])
  t.same(
    ['programme', 'part', 'deep'].map((id) => /hierarchy="(\d)"/.exec(of(id))?.[1]),
    ['1', '2', '3'],
  )
  t.notMatch(of('programme'), '<transaction ')
  t.match(of('part'), '<transaction ref="part-line"')
  const report = await reportOf(service)
  t.match(
    report.proposals.find(({ proposalId }) => proposalId === 'programme'),
    { exported: true, warnings: [{ id: 'double-count-risk' }], omitted: [{ what: 'funded own' }] },
  )
})

t.test('an organisation that was renamed on another proposal has its name in force', async (t) => {
  const { ledger, service } = await open(t)
  await ledger.record('lab', lab())
  const position = await ledger.record('other', lab(), example('party-renamed'))
  const { body } = await service.get(`/v1/proposals/lab/iati?atLeast=${position}`)
  t.match(body, '<narrative>Ministry of Science</narrative>')
})

t.test('more proposals than a page has are one file, in order, and the download takes a slot', async (t) => {
  const { ledger, service } = await open(t, { environment: { DOWNLOADS: '1' } })
  const ids = Array.from({ length: 1_100 }, (_, number) => `lab-${String(number).padStart(4, '0')}`)
  const position = await ledger.recordAll(ids.map((id, number) => [id, number % 2 === 0 ? lab() : proposed()]))
  const { body } = await service.get(`/v1/iati/activities.xml?atLeast=${position}`)
  t.same(
    identifiers(body),
    ids.filter((_, number) => number % 2 === 0),
  )
  t.same(findings(body), [])
  const report = await reportOf(service)
  t.match(report, { exported: 550, leftOut: 550 })
})

t.test(
  'where reading takes long, a file is read in smaller pages, and a programme of many parts in several goes: the bytes are the same',
  async (t) => {
    const { ledger, service } = await open(t)
    const parts = Array.from({ length: 230 }, (_, number) => `part-${String(number).padStart(3, '0')}`)
    await ledger.record('a-programme', lab({ kind: 'programme' }))
    const position = await ledger.recordAll(
      parts.map((id, number) => [id, (number % 3 === 0 ? proposed : lab)({ parent: 'a-programme' })]),
    )
    await service.applied(position)
    let reads = 0
    const readPool = ledger.database.pool()
    readPool.on('acquire', () => (reads += 1))
    const slow = await startService(t, ledger, {
      iati: settings,
      environment: { PUBLIC_URL: 'https://ledger.example' },
      iatiPageTime: 0,
      readPool,
    })
    for (const path of ['iati/activities.xml', 'iati/report', 'proposals/a-programme/iati']) {
      const address = `/v1/${path}?knownAtPosition=${position}`
      const expected = await service.get(address)
      const before = reads
      const answer = await slow.get(address)
      t.equal(answer.statusCode, 200)
      t.ok(answer.body === expected.body, path)
      t.ok(reads - before > parts.length / 50, `${path} in ${reads - before} reads`)
    }
    t.equal((await slow.get('/v1/proposals/a-programme/iati')).body.split('<related-activity ').length - 1, 153)
  },
)

t.test('a proposal that was recorded by mistake is in no file', async (t) => {
  const { ledger, service } = await open(t)
  await ledger.record('kept', lab())
  const position = await ledger.record('mistake', lab(), example('ended', { ending: 'void' }))
  t.same(identifiers((await service.get(`/v1/iati/activities.xml?atLeast=${position}`)).body), ['kept'])
  t.match((await service.get('/v1/proposals/mistake/iati')).json(), {
    code: 'not-exportable',
    rules: [{ id: 'void', complete: null }],
  })
})

t.test(
  'a stream with an event that cannot be applied is published as far as it can be, and the report says so',
  async (t) => {
    const { ledger, service } = await open(t)
    await ledger.record('lab', lab())
    const position = await ledger.recordImpossible('lab')
    const { body } = await service.get(`/v1/iati/activities.xml?atLeast=${position}`)
    t.same(identifiers(body), ['lab'])
    t.match(await reportOf(service), {
      proposals: [{ proposalId: 'lab', warnings: [{ id: 'parked' }] }],
    })
  },
)

t.test(
  'what happened today in Hanoi comes into the file with the day in UTC, and the tag changes with it',
  async (t) => {
    let now = new Date()
    const ledger = await openLedger(t)
    const service = await startService(t, ledger, { iati: settings, clock: () => now })
    const position = await ledger.record('lab', lab({ kind: 'forum' }))
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)
    const last = await ledger.record('lab', delivered({}, { occurredOn: tomorrow }))
    const before = await service.get(`/v1/iati/activities.xml?atLeast=${last}`)
    t.notMatch(before.body, `iso-date="${tomorrow}"`)
    now = new Date(`${tomorrow}T00:00:00Z`)
    const after = await service.get('/v1/iati/activities.xml')
    t.match(after.body, `<activity-date type="2" iso-date="${tomorrow}"`)
    t.not(after.headers.etag, before.headers.etag)
    t.ok(Date.parse(String(after.headers['last-modified'])) > Date.parse(String(before.headers['last-modified'])))
    now = new Date(now.getTime() + 40 * 86_400_000)
    t.equal((await service.get('/v1/iati/activities.xml')).headers.etag, after.headers.etag, 'and then no more')
    t.ok(position > 0)
  },
)
