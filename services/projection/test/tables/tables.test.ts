/** Tables as CSV, over HTTP. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { wordLanguages } from '@commitments/domain'
import { agreed, example, proposed } from '@commitments/test-kit'
import t from 'tap'
import { allTables } from '../../src/tables/all-tables.ts'
import { openLedger, startService } from '../support.ts'
import { recordSome, today } from './ledger.ts'
import { pythonIsMissing, readApartBy, readCsv, rowsOfCsv } from './reading.ts'

const clock = () => new Date(`${today}T00:00:00Z`)
const skip = pythonIsMissing

t.test(
  'one thing is one row, with amount and currency apart, dates in three columns and names beside ids',
  { skip },
  async (t) => {
    const ledger = await openLedger(t)
    const service = await startService(t, ledger, { clock })
    const head = await recordSome(ledger)
    await service.applied(head)
    const rows = async (path: string) => {
      const answer = await service.get(`/v1/tables/${path}`)
      t.equal(answer.statusCode, 200, answer.body)
      t.equal(answer.headers['content-type'], 'text/csv; charset=utf-8; header=present')
      return rowsOfCsv(answer.rawPayload)
    }
    const lab = (all: Awaited<ReturnType<typeof rows>>) => all.filter(({ proposalId }) => proposalId === 'lab')

    t.match(lab(await rows('proposals?lang=ko')), [
      {
        title: '공동 연구실',
        titles: '{"en":"=HYPERLINK(\\"x\\"), \\"quoted\\"\\nand broken","vi":"Đề án","ko":"공동 연구실"}',
        stage: 'funded',
        stageLabel: /\p{Script=Hangul}/u,
        fields: 'materials; training',
        fieldLabels: /./,
        parent: 'top',
        plannedEnd: '2027-06',
        plannedEndFirst: '2027-06-01',
        plannedEndLast: '2027-06-30',
        plannedStart: '',
        plannedStartFirst: '',
        agreedOn: '2024-06-22',
        due: '2027-05-31',
        dueOf: 'opening',
        suspended: 'false',
        contested: 'false',
        version: '18',
        position: String(head),
        url: '/proposals/lab',
      },
    ])
    const parties = lab(await rows('parties'))
    t.match(
      parties.map(({ party, role, former, version }) => [party, role, former, version]),
      [
        ['most-vn', 'proposer', 'false', '1'],
        ['most-vn', 'beneficiary', 'false', '1'],
        ['msit-kr', 'funder', 'false', '1'],
        ['kist-kr', 'technical-partner', 'false', '12'],
        ['lab', 'implementer', 'true', '13'],
      ],
    )
    t.match(parties[2], { partyName: 'Ministry of Science', recordedName: '', position: '4' })
    const renamed = (await rows('parties?ids=top')).find(({ party }) => party === 'msit-kr')
    t.match(renamed, { partyName: 'Ministry of Science', recordedName: 'Ministry of Science and ICT' })
    t.match(parties[4], { leftOn: '2025', leftOnFirst: '2025-01-01', leftOnLast: '2025-12-31', reason: /./ })

    const money = await rows('money')
    t.same(
      money.map(({ proposalId, figure, item, amount, currency, counted, reduction, version }) =>
        [proposalId, figure, item, amount, currency, counted, reduction, version].join(' '),
      ),
      [
        'lab requested 1 70 USD true  1',
        'lab requested 2   true  1',
        'lab pledged kr-pledge 3000000 USD true  3',
        'lab committed kr-grant 1500000.50 USD true 500000 4',
        'lab disbursed payment-1 749999.75 USD true 250000.25 7',
        'lab undisbursed kr-grant 750000.75 USD true  4',
        'lab planned first 1000000 USD false  6',
        'lab in-kind 1 12 VND true  9',
        'top committed kr-grant 99 USD false 0 3',
        'top undisbursed kr-grant 99 USD false  3',
      ],
    )
    t.match(money[4], { date: '2025-03', dateFirst: '2025-03-01', dateLast: '2025-03-31', tranche: 'first' })
    t.match(money[4], { providerName: 'Ministry of Science', receiverName: 'Ministry of Science and Technology' })
    t.match(money[1], { amountStatus: 'unknown', amountStatusLabel: /./ })
    t.match(money[7], { quantity: '2', unit: 'rooms', method: "'=estimate" })

    t.match(lab(await rows('milestones')), [
      {
        milestone: 'opening',
        due: '2027-05-31',
        firstDue: '2027-06',
        slippedAtLeast: '-30',
        slippedAtMost: '-1',
        version: '10',
      },
    ])
    t.match(lab(await rows('links')), [
      { relation: 'child', other: 'top', otherTitle: 'Joint laboratory', version: '1' },
    ])
    const evidence = lab(await rows('evidence'))
    t.equal(evidence.length, Number(lab(await rows('proposals'))[0]?.['evidenceCount']))
    t.match(
      evidence.find(({ type }) => type === 'evidence-attached'),
      { attachedTo: '4', title: 'Report on the cooperation', supports: 'Says so.', language: 'en', number: '1' },
    )
    const events = lab(await rows('events'))
    t.equal(events.length, 18)
    t.match(events[14], { type: 'linked', retractedBy: '17', countsFrom: '' })
    t.match(events[11], {
      type: 'party-joined',
      correctedBy: '18',
      occurredOn: '2025',
      recordedBy: 'key:test',
      signed: 'false',
    })
    t.equal(
      lab(await rows('events?asOf=2024-07-01')).length,
      5,
      'proposed, agreed; what concerns the record counts always',
    )
  },
)

t.test('the same request at the same moment gives the same bytes and a strong tag, now a weak one', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger, { clock })
  const head = await recordSome(ledger)
  await service.applied(head)
  for (const { name } of allTables) {
    const url = `/v1/tables/${name}?knownAtPosition=${head}`
    const [one, now] = [await service.get(url), await service.get(`/v1/tables/${name}`)]
    t.equal(one.statusCode, 200, name)
    t.match(now.headers.etag, /^W\//)
    t.notMatch(one.headers.etag, /^W\//)
    t.equal((await service.get(url, { 'if-none-match': String(one.headers.etag) })).statusCode, 304)
    for (const other of ['&lang=vi', '&dialect=plain', '&sort=-updated', '&stage=funded'])
      t.not((await service.get(url + other)).headers.etag, one.headers.etag, other)
    const head2 = await service.app.inject({ method: 'HEAD', url })
    t.match(head2, { statusCode: 200, body: '', headers: { etag: one.headers.etag, link: one.headers.link } })
    t.match(one.headers['content-disposition'], `filename="${name}.csv"`)
    await service.applied(await ledger.record('lab', agreed()).catch(() => head))
    t.equal((await service.get(url)).body, one.body, `${name}: later events change nothing`)
  }
})

t.test('filters are those of the list, and a page or a cursor is refused', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger, { clock })
  await service.applied(await recordSome(ledger))
  const ids = async (query: string) =>
    new Set(
      (await service.get(`/v1/tables/parties?dialect=plain&${query}`)).body
        .split('\r\n')
        .slice(1, -1)
        .map((line) => line.split(',')[0]),
    )
  t.same(await ids('party=kist-kr'), new Set(['lab']))
  t.same(await ids('hasParts=true'), new Set(['top']))
  t.same(await ids('sort=-proposalId'), new Set(['top', 'lab']))
  t.same(await ids('q=quoted'), new Set(['lab']))
  for (const query of ['limit=5', 'cursor=x', 'format=csv', 'fields=title', 'dialect=excel', 'stage=dreamt']) {
    const refused = await service.get(`/v1/tables/money?${query}`)
    t.match(refused.json(), { status: 400, code: 'invalid' }, query)
  }
  t.match((await service.get('/v1/tables/money?knownAtPosition=0')).json(), { status: 404, code: 'before-beginning' })
  t.equal((await service.get('/v1/tables/nothing')).statusCode, 404)
  t.equal((await service.get('/v1/tables/money', { accept: 'application/json' })).statusCode, 406)
})

t.test(
  'for spreadsheets no text begins a formula and numbers stay numbers; for programs nothing is changed',
  { skip },
  async (t) => {
    const ledger = await openLedger(t)
    const service = await startService(t, ledger, { clock })
    const signs = ['=', '+', '-', '@', '\uFF1D', '\uFF0B', '\uFF0D', '\uFF20']
    const befores = ['', '\n', '\r', '\t', '\r\n', ' ', '\u200b', '\n \t']
    const titles = signs.flatMap((sign) => befores.map((before) => `${before}${sign}1+1`))
    titles.push(
      'line\rtwo',
      'a\n\n\n',
      '"x", and',
      'plain',
      ' a',
      '\nx',
      '\rx',
      '\tx',
      "'=1",
      'a; b-c; 2',
      'a;',
      "a;'=1",
    )
    const within = [';', '; ', '\n', 'x\r', '\t', ';;\n ', ';"'].flatMap((before) =>
      signs.map((sign) => [`a${before}${sign}1+1`, `a${before}'${sign}1+1`] as const),
    )
    titles.push(...within.map(([title]) => title))
    const idOf = (index: number) => `csv-${String(index).padStart(3, '0')}`
    const head = await ledger.recordAll(titles.map((en, index) => [idOf(index), proposed({ title: { en } })] as const))
    await service.applied(head)
    const runs = /^(?:[\t\r\n]|[\s\u200b]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/
    const formulaRuns = /^[\s\u200b]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]/
    for (const when of ['', `&knownAtPosition=${head}`]) {
      const spreadsheet = (await service.get(`/v1/tables/proposals?sort=proposalId${when}`)).rawPayload
      t.equal(spreadsheet.subarray(0, 3).toString('hex'), 'efbbbf')
      const cells = readCsv(spreadsheet)
      t.ok(cells.every((row) => row.length === cells[0]?.length))
      for (const separator of [';', '\\t'] as const)
        for (const cell of readApartBy(separator, spreadsheet).flat())
          t.notMatch(cell, formulaRuns, `apart by ${separator}`)
      for (const cell of cells.slice(1).flat()) t.notMatch(cell, runs)
      const disarmed = new Map<string, string>(within)
      const begun = (title: string) => title.replace(/([\t\r\n][\s\u200b]*)([=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/g, "$1'$2")
      t.same(
        rowsOfCsv(spreadsheet).map(({ title }) => title),
        titles.map((title) => disarmed.get(title) ?? (runs.test(title) ? `'${begun(title)}` : title)),
      )
      const plain = (await service.get(`/v1/tables/proposals?dialect=plain${when}`)).rawPayload
      t.equal(plain.subarray(0, 10).toString(), 'proposalId')
      t.same(
        rowsOfCsv(plain, 'utf-8').map(({ title }) => title),
        titles,
      )
    }
    await service.applied(await recordSome(ledger))
    const [milestone] = rowsOfCsv((await service.get('/v1/tables/milestones')).rawPayload)
    t.equal(milestone?.['slippedAtLeast'], '-30', 'a number below zero has no apostrophe')
    const committed = rowsOfCsv((await service.get('/v1/tables/money?ids=lab')).rawPayload).find(
      ({ figure }) => figure === 'committed',
    )
    t.equal(committed?.['agreementNumber'], "'-7", 'a text that looks like one has')
  },
)

t.test(
  'the metadata describes exactly the address that leads to it, with keys, types and three languages',
  { skip },
  async (t) => {
    const ledger = await openLedger(t)
    const environment = { DATA_LICENSE: 'https://creativecommons.org/licenses/by/4.0/' }
    const service = await startService(t, ledger, { clock, environment })
    await service.applied(await recordSome(ledger))
    const query = '?stage=funded&dialect=plain'
    const answer = await service.get(`/v1/tables/money${query}`)
    const link = `</v1/tables/csv-metadata.json${query}>; rel="describedby"; type="application/csvm+json"`
    t.equal(answer.headers.link, link)
    const described = await service.get(`/v1/tables/csv-metadata.json${query}`)
    t.match(described.headers['content-type'], /^application\/csvm\+json/)
    const metadata = described.json()
    t.match(metadata, { null: '', 'dc:license': { '@id': environment.DATA_LICENSE } })
    for (const { words, columns } of allTables) {
      for (const language of wordLanguages) {
        const titles = columns.map((column) => column.words[language].label)
        t.equal(new Set(titles).size, titles.length, `${words.en.label}: no two columns have one title (${language})`)
        for (const column of columns) t.match(column.words[language].description, /\.$/, column.name)
      }
    }
    const base = `http://x/v1/tables/csv-metadata.json${query}`
    for (const { url, tableSchema } of metadata.tables) {
      const { pathname, search } = new URL(url, base)
      const rows = readCsv((await service.get(pathname + search)).rawPayload, 'utf-8')
      const names = tableSchema.columns.map(({ name }: { name: string }) => name)
      t.same(rows[0], names, `${url}: the header has the described columns`)
      t.equal(new Set(names).size, names.length)
      for (const { titles } of tableSchema.columns)
        t.match(titles, { und: /./, en: /./, vi: /./, ko: /\p{Script=Hangul}/u })
    }
    t.match((await service.get('/v1/tables/csv-metadata.json?stage=dreamt')).json(), { code: 'invalid' })
    const again = { 'if-none-match': String(described.headers.etag) }
    t.equal((await service.get(`/v1/tables/csv-metadata.json${query}`, again)).statusCode, 304)
  },
)

t.test('events and evidence are for those who may read histories, statuses for all who may read', async (t) => {
  const { keys } = { keys: 'reader:read:a-secret-of-a-reader,auditor:audit:a-secret-of-an-auditor' }
  const service = await startService(t, await openLedger(t), { environment: { READ_ACCESS: 'key', API_KEYS: keys } })
  const status = async (name: string, secret: string) =>
    (await service.get(`/v1/tables/${name}`, { authorization: `Bearer ${secret}` })).statusCode
  for (const { name, scope } of allTables) {
    t.equal(await status(name, 'a-secret-of-a-reader'), scope === 'read' ? 200 : 403, name)
    t.equal(await status(name, 'a-secret-of-an-auditor'), scope === 'audit' ? 200 : 403, name)
  }
})

t.test('the program of docs/tables.md prints the totals of the portfolio', { skip }, async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger, { clock })
  await service.applied(await recordSome(ledger))
  const page = readFileSync(new URL('../../../../docs/tables.md', import.meta.url), 'utf8')
  const [, program = ''] = /```python\n([\s\S]*?)```/.exec(page) ?? []
  const here = program.replace('http://127.0.0.1:8081', await service.listen())
  const run = promisify(execFile)
  const { stdout } = await run('python3', ['-c', here])
  const { money } = (await service.get('/v1/portfolio')).json()
  const names = ['committed', 'disbursed', 'pledged', 'requested', 'undisbursed'] as const
  const expected = names.map((name) => `${name} ${money[name].USD} USD`)
  t.same(stdout.trim().split('\n'), [...expected.slice(0, 2), 'in-kind 12 VND', ...expected.slice(2)])
})

t.test(
  'a role comes from the event that gave it since the party last joined, and a request from the last that names any',
  { skip },
  async (t) => {
    const ledger = await openLedger(t)
    const service = await startService(t, ledger, { clock })
    const request = (value: string) => [{ provider: 'msit-kr', amount: { value, currency: 'USD' } }] as never
    const joined = (occurredOn: string) =>
      example('party-joined', { party: 'lab', roles: ['implementer'] }, { occurredOn, evidence: [] })
    await service.applied(
      await ledger.record(
        'back',
        proposed({ requestedFunding: request('1') }),
        example('party-left', { party: 'lab' }, { occurredOn: '2025-01-01' }),
        joined('2025-03-01'),
        example('updated', { requestedFunding: request('2') }, { occurredOn: '2025-04-01' }),
        example('updated', { title: { fr: 'Retour' } }, { occurredOn: '2025-05-01' }),
      ),
    )
    const rows = async (path: string) => rowsOfCsv((await service.get(`/v1/tables/${path}`)).rawPayload)
    const of = (all: Awaited<ReturnType<typeof rows>>) => all.filter(({ party }) => party === 'lab')
    t.match(of(await rows('parties')), [{ role: 'implementer', former: 'false', version: '3', position: '3' }])
    t.match(of(await rows('parties?asOf=2025-02-01')), [{ former: 'true', version: '2', leftOn: '2025-01-01' }])
    t.match(await rows('money'), [{ figure: 'requested', amount: '2', version: '4', occurredOn: '2025-04-01' }])
    t.match(await rows('money?asOf=2025-02-01'), [{ figure: 'requested', amount: '1', version: '1' }])
  },
)
