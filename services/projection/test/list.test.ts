import { execFileSync, spawnSync } from 'node:child_process'
import type { EventBody } from '@commitments/domain'
import { agreed, delivered, example, funded, proposed } from '@commitments/test-kit'
import t from 'tap'
import { type Ledger, openLedger, startService, type TestService } from './support.ts'

type Data = Parameters<typeof proposed>[0]

async function ids(service: TestService, query: string): Promise<string[]> {
  const answer = await service.get(`/v1/proposals?${query}`)
  if (answer.statusCode !== 200) throw new Error(answer.body)
  return answer.json().proposals.map((proposal: { proposalId: string }) => proposal.proposalId)
}

/** Four proposals that differ in everything that a list can be filtered by. */
async function fill(ledger: Ledger): Promise<number> {
  const lab: Data = { fields: ['materials', 'ai'] as never, planned: { start: '2024', end: '2026-11-30' } }
  await ledger.record('programme', proposed({ kind: 'programme', title: { vi: 'Đề án hợp tác' } }))
  await ledger.record('lab', proposed({ ...lab, parent: 'programme' }), agreed(), funded())
  await ledger.record(
    'forum',
    proposed({
      kind: 'forum',
      title: { en: '100 % digital_forum', ko: '디지털 포럼' },
      parties: [{ party: 'sati', country: 'VN', roles: ['co-chair'] }] as never,
    }),
    delivered({ acceptedBy: ['sati'] as never }),
  )
  return ledger.record('memo', proposed({ kind: 'memorandum', planned: { end: '2020' } }))
}

t.test('every filter narrows the list to what it says', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger, { clock: () => new Date('2026-11-22T00:00:00Z') })
  await service.applied(await fill(ledger))
  const cases: [string, string[]][] = [
    ['', ['forum', 'lab', 'memo', 'programme']],
    ['stage=funded', ['lab']],
    ['stage=funded,delivered', ['forum', 'lab']],
    ['stage=funded&stage=delivered', ['forum', 'lab']],
    ['kind=forum', ['forum']],
    ['party=sati', ['forum']],
    ['role=co-chair', ['forum']],
    ['role=funder', ['lab', 'memo', 'programme']],
    ['party=sati&role=funder', []],
    ['party=msit-kr&role=funder', ['lab', 'memo', 'programme']],
    ['party=msit-kr&role=proposer', []],
    ['field=ai', ['lab']],
    ['country=KR', ['lab', 'memo', 'programme']],
    ['country=KR,VN', ['forum', 'lab', 'memo', 'programme']],
    ['condition=overdue', ['memo']],
    ['condition=due-soon', ['lab']],
    ['condition=done', ['forum']],
    ['condition=unknown', ['programme']],
    ['parent=programme', ['lab']],
    [`q=${encodeURIComponent('ĐỀ ÁN')}`, ['programme']],
    [`q=${encodeURIComponent('포럼')}`, ['forum']],
    ['q=science', ['lab', 'memo', 'programme']],
    [`q=${encodeURIComponent('% digital_')}`, ['forum']],
    [`q=${encodeURIComponent('%')}`, ['forum']],
    ['q=_', ['forum']],
    ['ending=void', []],
    ['ending=none&kind=memorandum', ['memo']],
    ['updatedSince=2020-01-01T00:00:00Z', ['forum', 'lab', 'memo', 'programme']],
    ['updatedSince=2999-01-01T00:00:00%2B07:00', []],
    ['updatedSince=0001-01-01T00:00:00.123456789012345Z', ['forum', 'lab', 'memo', 'programme']],
    ['updatedSince=2020-01-01T00:00:00%2B14:00', ['forum', 'lab', 'memo', 'programme']],
    ['stage=proposed&country=KR&q=memo', ['memo']],
  ]
  for (const [query, expected] of cases) t.same(await ids(service, query), expected, query || 'no filter')
})

t.test('meaningless filters are refused, and the refusal names the place', async (t) => {
  const service = await startService(t, await openLedger(t))
  const queries = [
    'stage=signed',
    'kind=x',
    'role=boss',
    'country=vietnam',
    'condition=late',
    'limit=501',
    'limit=0',
    'sort=size',
    'q=%00',
    'party=%00',
    'q=',
    'updatedSince=yesterday',
    'updatedSince=0000-01-01T00:00:00Z',
    'updatedSince=2024-01-01T00:00:00%2B23:00',
    'updatedSince=2024-01-01T00:00:00-14:01',
    'updatedSince=0001-01-01T00:00:00%2B01:00',
    'updatedSince=9999-12-31T23:59:59-01:00',
    `updatedSince=2024-01-01T00:00:00.${'1'.repeat(200)}Z`,
    'cursor=abc',
    'colour=red',
  ]
  for (const query of queries) {
    const answer = await service.get(`/v1/proposals?${query}`)
    t.equal(answer.statusCode, 400, query)
    t.match(answer.json(), { code: 'invalid', errors: [{ path: /^query/ }] })
  }
})

t.test('filters follow changes of parties, fields, suspensions and risks', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await fill(ledger)
  await ledger.record('lab', example('party-joined', {}), example('suspended', {}))
  await ledger.record('programme', example('party-left', { party: 'lab' }), example('risk-flagged', {}))
  await ledger.record('memo', example('updated', { fields: ['energy'] as never }), example('ended', {}))
  await service.applied(await ledger.record('lab', example('linked', { relation: 'implements', other: 'memo' })))
  const cases: [string, string[]][] = [
    ['party=kist-kr', ['lab']],
    ['party=kist-kr&role=technical-partner', ['lab']],
    ['formerParty=lab', ['programme']],
    ['party=lab', ['lab', 'memo']],
    ['suspended=true', ['lab']],
    ['suspended=false', ['forum', 'memo', 'programme']],
    ['condition=suspended', ['lab']],
    ['condition=at-risk', ['programme']],
    ['condition=ended', ['memo']],
    ['ending=none', ['forum', 'lab', 'programme']],
    ['field=energy', ['memo']],
    ['parent=memo', []],
  ]
  for (const [query, expected] of cases) t.same(await ids(service, query), expected, query)
  t.equal((await service.get('/v1/proposals?suspended=yes')).statusCode, 400)
})

t.test('void proposals are not in lists and totals unless they are requested', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await fill(ledger)
  await service.applied(await ledger.record('lab', example('ended', { ending: 'void', remaining: 'keep' })))
  t.same(await ids(service, ''), ['forum', 'memo', 'programme'])
  t.same(await ids(service, 'ending=void'), ['lab'])
  t.match((await service.get('/v1/portfolio')).json(), { total: 3, money: { committed: {} } })
})

const orders = (
  'proposalId -proposalId title -title plannedEnd -plannedEnd updated -updated ' +
  '-stage condition agreed -committed&currency=USD title&lang=vi'
).split(' ')
for (const sort of orders) {
  t.test(`paging by ${sort} meets each proposal once while proposals are changed and added`, async (t) => {
    const ledger = await openLedger(t)
    const service = await startService(t, ledger)
    const names = Array.from({ length: 25 }, (_, index) => `p-${String((index * 7) % 25).padStart(2, '0')}`)
    for (const [index, name] of names.entries()) {
      await ledger.record(
        name,
        proposed({
          title: { en: `Title ${index % 4}` },
          planned: { end: index % 3 ? `20${30 + (index % 5)}` : '2031' },
        }),
      )
    }
    await service.applied(25)
    const seen: string[] = []
    let url = `/v1/proposals?sort=${sort}&limit=4`
    for (let page = 0; url !== ''; page += 1) {
      const answer = await service.get(url)
      t.equal(answer.statusCode, 200, answer.body)
      const { proposals, next } = answer.json()
      seen.push(...proposals.map(({ proposalId }: { proposalId: string }) => proposalId))
      const link = /^<(.*)>; rel="next"$/.exec(String(answer.headers.link ?? ''))?.[1] ?? ''
      t.equal(link.includes(String(next)), next !== null)
      url = link
      // Some that were on an earlier page, some that were not, and a new one.
      const amount = { value: `${page + 1}.50`, currency: 'USD' }
      await ledger.record(names[page] as string, agreed(), funded({ line: `line-${page}`, amount }))
      await ledger.record(names[24 - page] as string, agreed())
      await service.applied(await ledger.record(`q-${page}`, proposed({ title: { en: 'Title 9' } })))
    }
    const old = seen.filter((name) => name.startsWith('p-'))
    t.equal(old.length, 25)
    t.equal(new Set(old).size, 25)
    t.equal(new Set(seen).size, seen.length)
    const first = await ids(service, `sort=${sort}&limit=500`)
    t.equal(first.length, 25 + (await count(ledger, 'q-%')))
  })
}

async function count(ledger: Ledger, pattern: string): Promise<number> {
  const { rows } = await ledger.pool.query(
    'SELECT count(DISTINCT proposal_id) AS n FROM events WHERE proposal_id LIKE $1',
    [pattern],
  )
  return rows[0].n
}

t.test('the order is the requested one', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await service.applied(await fill(ledger))
  t.same(await ids(service, 'sort=-proposalId'), ['programme', 'memo', 'lab', 'forum'])
  t.same(await ids(service, 'sort=title'), ['forum', 'programme', 'lab', 'memo'], 'Đ stands at D')
  t.same(await ids(service, 'sort=plannedEnd'), ['memo', 'lab', 'forum', 'programme'], 'unknown last')
  const latestFirst = await ids(service, 'sort=-plannedEnd')
  t.same(latestFirst, ['lab', 'memo', 'programme', 'forum'], 'unknown last in this direction as well')
  t.same(await ids(service, 'sort=updated'), ['programme', 'lab', 'forum', 'memo'])
  t.same(await ids(service, 'sort=-updated'), ['memo', 'forum', 'lab', 'programme'])
})

t.test('a sort by amount is exact, in one currency, and only on request', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  const line = (value: string, currency = 'USD') => [agreed(), funded({ amount: { value, currency } })]
  await ledger.record('a', proposed(), ...line('999999999999999999.01'))
  await ledger.record('b', proposed(), ...line('999999999999999999.02'))
  await ledger.record('c', proposed(), ...line('5', 'KRW'))
  await service.applied(await ledger.record('d', proposed(), ...line('9.50')))
  t.same(await ids(service, 'sort=committed&currency=USD'), ['d', 'a', 'b', 'c'])
  t.same(await ids(service, 'sort=-committed&currency=USD'), ['b', 'a', 'd', 'c'])
  t.same(await ids(service, 'sort=-committed&currency=USD&asOf=2999-01-01'), ['b', 'a', 'd', 'c'])
  for (const query of ['sort=committed', 'currency=USD', 'sort=title&currency=USD', 'sort=committed&currency=ZZZ']) {
    const { statusCode, errors } = (await service.get(`/v1/proposals?${query}`)).json()
    t.match(errors, [{ path: 'query.currency' }], `${query} ${statusCode}`)
  }
  const { next } = (await service.get('/v1/proposals?sort=-committed&currency=USD&limit=1')).json()
  t.same(await ids(service, `cursor=${next}`), ['a', 'd', 'c'])
  t.equal((await service.get(`/v1/proposals?cursor=${next}&currency=KRW`)).statusCode, 400)
})

t.test(
  'titles are sorted in the alphabet of the language, or by another language if there is none in it',
  async (t) => {
    const ledger = await openLedger(t)
    const service = await startService(t, ledger)
    const titles = {
      a: { en: 'Z', vi: 'Đề án' },
      b: { en: 'Y', vi: 'Dự án' },
      c: { en: 'Da' },
      d: { en: 'X', vi: 'Ăn' },
      e: { vi: 'An ninh' },
    }
    let head = 0
    for (const [id, title] of Object.entries(titles)) head = await ledger.record(id, proposed({ title }))
    await service.applied(head)
    t.same(await ids(service, 'sort=title'), ['e', 'c', 'd', 'b', 'a'])
    for (const when of ['', '&asOf=2999-01-01'])
      t.same(await ids(service, `sort=title&lang=vi${when}`), ['e', 'd', 'c', 'b', 'a'])
  },
)

t.test('each page says how many proposals match in total, as when its walk began', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  for (let index = 1; index <= 5; index += 1) await service.applied(await ledger.record(`p-${index}`, proposed()))
  const first = (await service.get('/v1/proposals?sort=title&limit=2')).json()
  await service.applied(await ledger.record('p-6', proposed()))
  const second = (await service.get(`/v1/proposals?cursor=${first.next}&limit=2`)).json()
  t.same([first.total, second.total, (await service.get('/v1/proposals?limit=2')).json().total], [5, 5, 6])
  t.equal((await service.get('/v1/proposals?knownAtPosition=3&limit=1')).json().total, 3)
  t.equal((await service.get('/v1/proposals?q=nothing')).json().total, 0)
})

t.test('a cursor contains the question: it can be reused, but neither changed nor invented', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await service.applied(await fill(ledger))
  const { next } = (await service.get('/v1/proposals?country=KR&sort=-title&limit=1')).json()
  const rest = await ids(service, `cursor=${next}`)
  t.same(rest, ['lab', 'programme'])
  t.same(await ids(service, `cursor=${next}&country=KR&sort=-title`), rest)
  t.equal((await service.get(`/v1/proposals?cursor=${next}&country=VN`)).statusCode, 400)
  t.equal((await service.get(`/v1/proposals?cursor=${next}&sort=title`)).statusCode, 400)
  const cursor = JSON.parse(Buffer.from(next, 'base64url').toString())
  const broken = [
    { ...cursor, l: 'another' },
    { ...cursor, g: 99 },
    { ...cursor, k: ['a\0', 'lab'] },
    { ...cursor, s: 'plannedEnd', k: ['2024-02-31', 'lab'] },
    { ...cursor, s: 'plannedEnd', k: ['soon', 'lab'] },
    { ...cursor, s: 'updated', k: ['x', 'lab'] },
    { ...cursor, d: '2024-13-01' },
    { ...cursor, f: { stage: ['signed'] } },
    { ...cursor, f: { updatedSince: '2024-01-01T00:00:00+23:00' } },
  ]
  for (const wrong of broken) {
    const text = Buffer.from(JSON.stringify(wrong)).toString('base64url')
    t.equal((await service.get(`/v1/proposals?cursor=${text}`)).statusCode, 400, JSON.stringify(wrong))
  }
})

t.test('every issued cursor is accepted, whatever the titles contain', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  const titles = ['a\tb', 'a\nb\u0085', 'a\u007f', '\u0001x', '😀'.repeat(99) + 'x😀']
  for (const [index, en] of titles.entries()) await ledger.record(`p-${index}`, proposed({ title: { en } }))
  await service.applied(titles.length)
  let seen = 0
  for (let url = '/v1/proposals?sort=title&limit=1'; url !== ''; seen += 1) {
    const answer = await service.get(url)
    if (answer.statusCode !== 200) throw new Error(answer.body)
    url = /^<(.*)>; rel="next"$/.exec(String(answer.headers.link ?? ''))?.[1] ?? ''
  }
  t.equal(seen, titles.length)
})

t.test('a list is 304 for a reader that has it', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await service.applied(await fill(ledger))
  const first = await service.get('/v1/proposals')
  const same = await service.get('/v1/proposals', { 'if-none-match': String(first.headers.etag) })
  t.equal(same.statusCode, 304)
  t.equal(same.headers['log-position'], first.headers['log-position'])
  await service.applied(await ledger.record('memo', agreed()))
  t.equal((await service.get('/v1/proposals', { 'if-none-match': String(first.headers.etag) })).statusCode, 200)
})

t.test('CSV has the whole list, each row once, with formulas disarmed', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  const title = { en: '=HYPERLINK("x"), "quoted"\nand broken', vi: 'Đề án' }
  await ledger.record('formula', proposed({ title }), agreed(), funded())
  const last = await ledger.recordAll(Array.from({ length: 1100 }, (_, index) => [`p-${index}`, bare(index)]))
  await service.applied(last)
  const answer = await service.get('/v1/proposals?sort=-updated', { accept: 'text/csv' })
  t.equal(answer.statusCode, 200)
  t.equal(answer.headers['content-type'], 'text/csv; charset=utf-8')
  t.equal(answer.headers['log-position'], String(last))
  const lines = answer.body.split('\r\n')
  t.match(lines[0], /^\uFEFFproposalId,title_en,title_vi,title_ko,/)
  t.equal(lines.length, 1 + 1101 + 1)
  t.match(answer.body, `formula,"'=HYPERLINK(""x""), ""quoted""\nand broken",Đề án,`)
  t.match(answer.body, 'USD 2000000')
  t.equal((await service.get('/v1/proposals?stage=funded', { accept: 'text/csv' })).body.split('\r\n').length, 3)
  const limited = await service.get('/v1/proposals?limit=5', { accept: 'text/csv' })
  t.match(limited.json(), { status: 400, errors: [{ path: 'query.limit' }] }, 'a limit would be ignored')
  const tag = String(answer.headers.etag)
  t.match(tag, /^W\//)
  const again = { accept: 'text/csv', 'if-none-match': tag }
  t.match(await service.get('/v1/proposals?sort=-updated', again), { statusCode: 304, headers: { vary: 'accept' } })
  t.equal((await service.get('/v1/proposals?sort=updated', again)).statusCode, 200)
  await service.applied(await ledger.record('formula', delivered()))
  t.equal((await service.get('/v1/proposals?sort=-updated', again)).statusCode, 200)
})

/** A proposal with as few members as possible. */
function bare(index: number): EventBody {
  return proposed({ title: { en: `Number ${index}` }, parties: [{ party: 'sati', roles: ['proposer'] }] as never })
}

/** The result of a CSV reader that is not part of this product. */
function readCsv(body: string): string[][] {
  const read =
    'import csv,io,json,sys; t=sys.stdin.buffer.read().decode("utf-8-sig"); print(json.dumps(list(csv.reader(io.StringIO(t,newline="")))))'
  return JSON.parse(execFileSync('python3', ['-c', read], { input: body, encoding: 'utf8', maxBuffer: 1e9 }))
}

const pythonIsMissing = spawnSync('python3', ['--version']).status !== 0 && 'python3 is not at hand'

t.test('`format` chooses the form of the answer, whatever `Accept` says', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await service.applied(await fill(ledger))
  const type = async (query: string, accept: string) =>
    (await service.get(`/v1/proposals${query}`, { accept })).headers['content-type']
  for (const accept of ['text/html,*/*;q=0.8', 'text/html', 'application/json']) {
    t.match(await type('?format=csv', accept), /^text\/csv/, accept)
    t.match(await type('?format=csv&knownAtPosition=3', accept), /^text\/csv/, accept)
  }
  t.match(await type('?format=json', 'text/csv'), /^application\/json/)
  t.match((await service.get('/v1/proposals?format=xml')).json(), { status: 400, errors: [{ path: 'query.format' }] })
  t.match((await service.get('/v1/proposals?format=csv&limit=5')).json(), { errors: [{ path: 'query.limit' }] })
  t.match((await service.get('/v1/proposals?format=csv&fields=title')).json(), { errors: [{ path: 'query.fields' }] })
})

t.test('a sparse row has exactly the requested members, on every page', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await service.applied(await fill(ledger))
  const first = await service.get('/v1/proposals?fields=stage,title&fields=proposalId&limit=3')
  const { proposals, total } = first.json()
  t.equal(total, 4)
  for (const row of proposals) t.same(Object.keys(row), ['proposalId', 'title', 'stage'])
  const [, link = ''] = /^<(.*)>; rel="next"$/.exec(String(first.headers.link)) ?? []
  t.match((await service.get(link)).json().proposals, [{ proposalId: 'programme' }])
  t.same(Object.keys((await service.get(link)).json().proposals[0]), ['proposalId', 'title', 'stage'])
  const past = (await service.get('/v1/proposals?asOf=2999-01-01&fields=due,related&ids=lab')).json()
  t.match(past.proposals, [{ due: { day: '2026-11-30', of: 'planned-end' }, related: { childrenTotal: 0 } }])
  const wrong = (await service.get('/v1/proposals?fields=proposalId,size')).json()
  t.match(wrong.errors, [{ path: /^query\.fields/, message: /lastEventAt/ }], 'the accepted ones are named')
})

t.test(
  'CSV names the parties with their roles and labels the codes, in the requested language',
  { skip: pythonIsMissing },
  async (t) => {
    const ledger = await openLedger(t)
    const service = await startService(t, ledger)
    const parties = [
      { party: 'most-vn', name: { en: 'Ministry', vi: 'Bộ' }, country: 'VN', roles: ['proposer', 'beneficiary'] },
      { party: 'lab', roles: ['implementer'] },
    ]
    const data = { parties, title: { en: 'Lab', vi: 'Phòng' }, summary: { en: 'What it is' }, planned: { end: '2027' } }
    await service.applied(await ledger.record('lab', proposed(data as never)))
    const rowOf = async (query: string) => {
      const [header = [], row = []] = readCsv((await service.get(`/v1/proposals?format=csv${query}`)).body)
      return Object.fromEntries(header.map((name, index) => [name, row[index]]))
    }
    t.match(await rowOf(''), {
      title: 'Lab',
      parties: 'most-vn; lab',
      partiesByRole: 'Ministry (Proposer, Beneficiary); lab (Implementer)',
      stage: 'proposed',
      stageLabel: 'Proposed',
      endingLabel: '',
      contested: 'false',
      summary: 'What it is',
      due: '2027-12-31',
      dueOf: 'planned-end',
      url: '/proposals/lab',
    })
    const then = await rowOf('&lang=vi&asOf=2999-01-01')
    t.match(then, { title: 'Phòng', summary: 'What it is', url: '/proposals/lab?asOf=2999-01-01&knownAtPosition=1' })
    t.match(String(then['partiesByRole']), /^Bộ \(/)
    t.not(then['stageLabel'], 'Proposed')
  },
)

t.test('a request for any other media type is 406', async (t) => {
  const service = await startService(t, await openLedger(t))
  t.equal((await service.get('/v1/proposals', { accept: 'text/html' })).statusCode, 406)
})

t.test(
  'in CSV a text with line breaks stays one cell of its row, and no cell begins a formula, now and at a moment',
  { skip: pythonIsMissing },
  async (t) => {
    const ledger = await openLedger(t)
    const service = await startService(t, ledger)
    const signs = ['=', '+', '-', '@', '\uFF1D', '\uFF0B', '\uFF0D', '\uFF20']
    const befores = ['', '\n', '\r', '\t', '\r\n', ' ', '\u200b', '\n \t']
    const titles = signs.flatMap((sign) => befores.map((before) => `${before}${sign}1+1`))
    titles.push(
      'line one\n=1+1',
      'line one\r=1+1',
      'line one\r\n=1+1',
      'a\n\n\n',
      'quoted "x", and\nbroken',
      'plain',
      ' a',
    )
    titles.push('\nx', '\rx', '\tx')
    const head = await ledger.recordAll(
      titles.map((en, index) => [`csv-${String(index).padStart(3, '0')}`, proposed({ title: { en } })] as const),
    )
    await service.applied(head)
    const runs = /^(?:[\t\r\n]|[\s\u200b]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/
    for (const query of ['', '?asOf=2999-01-01', `?knownAtPosition=${head}`, '?sort=-title']) {
      const answer = await service.get(`/v1/proposals${query}`, { accept: 'text/csv' })
      const [header = [], ...rows] = readCsv(answer.body)
      t.equal(rows.length, titles.length, query)
      t.ok(rows.every((row) => row.length === header.length))
      for (const cell of rows.flat()) t.notMatch(cell, runs)
      const read = rows.toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1)).map((row) => row[header.indexOf('title_en')])
      const within = (title: string) =>
        title.replace(/([\t\r\n][\s\u200b]*)([=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/g, "$1'$2")
      t.same(
        read,
        titles.map((title) => (runs.test(title) ? `'${within(title)}` : within(title))),
      )
    }
  },
)
