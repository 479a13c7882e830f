/** All tables as one workbook, read back by LibreOffice and by Python. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isInstalled, proposed } from '@commitments/test-kit'
import t, { type Test } from 'tap'
import { allTables } from '../../src/tables/all-tables.ts'
import { sheetXml } from '../../src/tables/sheet-xml.ts'
import { openLedger, startService } from '../support.ts'
import { recordSome, today } from './ledger.ts'
import { pythonIsMissing, readCsv, rowsOfCsv } from './reading.ts'

t.setTimeout(240_000)

const clock = () => new Date(`${today}T00:00:00Z`)
const officeIsMissing = !isInstalled('soffice') && 'LibreOffice is not at hand'

/** A folder in which LibreOffice has its own profile: two of them at once would wait for each other. */
function convert(file: string, filter: string, ...options: string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'office-'))
  const profile = `-env:UserInstallation=file://${folder}/profile`
  const args = [profile, '--headless', '--norestore', ...options, '--convert-to', filter, '--outdir', folder, file]
  execFileSync('soffice', args, { stdio: 'ignore', timeout: 120_000 })
  return readdirSync(folder)
    .filter((name) => name.endsWith('.csv'))
    .map((name) => join(folder, name))
}

/** UTF-8, the values and not what is shown of them, every sheet in a file of its own. */
const everySheet = 'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1'

/** Without a window, LibreOffice asks nobody about the encoding and does not look for the byte order mark. */
const utf8 = '--infilter=CSV:44,34,76,1'

function written(t: Test, name: string, bytes: Buffer): string {
  const file = join(t.testdir(), name)
  writeFileSync(file, bytes)
  return file
}

t.test(
  'LibreOffice reads every sheet of the workbook as the table that programs get',
  { skip: officeIsMissing || pythonIsMissing },
  async (t) => {
    const ledger = await openLedger(t)
    const service = await startService(t, ledger, { clock })
    const strange = [
      'a\u0001b _x0041_ <&>"',
      'constructor',
      '  spaces  ',
      'line\nbreak',
      '1'.repeat(20),
      '=1+1',
      '2023-06-22',
    ]
    await ledger.recordAll(strange.map((en, index) => [`s-${index}`, proposed({ title: { en } })] as const))
    const head = await recordSome(ledger)
    await service.applied(head)
    const answer = await service.get('/v1/tables/workbook.xlsx?lang=vi')
    t.equal(answer.statusCode, 200)
    t.equal(answer.headers['content-type'], 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet')
    const sheets = convert(written(t, 'workbook.xlsx', answer.rawPayload), everySheet)
    t.equal(sheets.length, 1 + allTables.length)
    const sheetOf = (label: string) => readCsv(readFileSync(sheets.find((file) => file.includes(`-${label}.`)) ?? ''))
    for (const { name, words, columns } of allTables) {
      const [titles, ...rows] = sheetOf(words.vi.label)
      t.same(
        titles,
        columns.map((column) => column.words.vi.label),
      )
      const plain = await service.get(`/v1/tables/${name}?lang=vi&dialect=plain&knownAtPosition=${head}`)
      const expected = readCsv(plain.rawPayload, 'utf-8').slice(1)
      const asNumber = (cell: string, index: number) =>
        columns[index]?.datatype === 'decimal' && cell !== '' ? String(Number(cell)) : cell
      const asBoolean = (cell: string, index: number) =>
        columns[index]?.datatype === 'boolean' ? cell.toLowerCase() : cell
      t.same(
        rows.map((row) => row.map(asBoolean)),
        expected.map((row) => row.map(asNumber)),
        name,
      )
    }
    const about = Object.fromEntries(sheetOf('Giới thiệu').map(([what = '', value = '']) => [what, value]))
    t.match(about, { 'Log-Id': answer.headers['log-id'], 'Theo thông tin tại vị trí': String(head) })
    t.match(about['Địa chỉ của tệp này'], `/v1/tables/workbook.xlsx?lang=vi&knownAtPosition=${head}`)
  },
)

t.test(
  'LibreOffice opens the CSV for spreadsheets without running any of its cells',
  { skip: officeIsMissing || pythonIsMissing },
  async (t) => {
    const ledger = await openLedger(t)
    const service = await startService(t, ledger, { clock })
    const titles = ['=1+1', '\n=2+2', '\r=3+3', '\t=4+4', '\uFF1D5+5', '+6', '-7+7', '@SUM(1)', 'Đề án 공동']
    await service.applied(
      await ledger.recordAll(titles.map((en, index) => [`s-${index}`, proposed({ title: { en } })] as const)),
    )
    const answer = await service.get('/v1/tables/proposals')
    const [sheet = ''] = convert(
      written(t, 'proposals.csv', answer.rawPayload),
      'csv:Text - txt - csv (StarCalc):44,34,76,1',
      utf8,
    )
    const read = rowsOfCsv(readFileSync(sheet)).map(({ title = '' }) => title.replaceAll("'", ''))
    const shown = (title: string) => title.replaceAll(/\r/g, '\n')
    t.same(read.map(shown), titles.map(shown))
  },
)

t.test('the same moment gives the same bytes, and a workbook of now is of one moment', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger, { clock })
  const head = await recordSome(ledger)
  await service.applied(head)
  const url = `/v1/tables/workbook.xlsx?knownAtPosition=${head}`
  const first = await service.get(url)
  await service.applied(await ledger.recordAll([['later', proposed()]]))
  const second = await service.get(url)
  t.ok(first.rawPayload.equals(second.rawPayload))
  t.equal(first.headers.etag, second.headers.etag)
  t.notMatch(first.headers.etag, /^W\//)
  t.equal((await service.get(url, { 'if-none-match': String(first.headers.etag) })).statusCode, 304)
  const now = await service.get('/v1/tables/workbook.xlsx')
  t.notMatch(now.headers.etag, /^W\//)
  t.match(now.headers['content-disposition'], 'commitments.xlsx')
  const sizeOf =
    'import sys,zipfile,io; z=zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read())); print(z.testzip(), len(z.namelist()))'
  if (!pythonIsMissing)
    t.match(execFileSync('python3', ['-c', sizeOf], { input: now.rawPayload, encoding: 'utf8' }), 'None 13')
})

t.test('HEAD of a workbook makes none, and leaves its slot to others', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger, { clock, environment: { DOWNLOADS: '1' } })
  await service.applied(await recordSome(ledger))
  const url = '/v1/tables/workbook.xlsx'
  const one = await service.get(url)
  for (let times = 0; times < 3; times += 1) {
    const head = await service.app.inject({ method: 'HEAD', url })
    t.match(head, { statusCode: 200, body: '', headers: { etag: one.headers.etag } })
  }
  t.ok((await service.get(url)).rawPayload.equals(one.rawPayload))
})

t.test('a workbook of more than 20,000 proposals is refused with too-many-proposals, and CSV is not', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger, { clock })
  await service.applied(await ledger.record('p', proposed()))
  const columns = await ledger.pool.query<{ names: string }>(
    `SELECT string_agg(column_name, ', ') AS names FROM information_schema.columns
      WHERE table_name = 'proposal_moments' AND table_schema = current_schema() AND column_name NOT IN ('proposal_id')`,
  )
  const names = columns.rows[0]?.names
  await ledger.pool.query(
    `INSERT INTO proposal_moments (proposal_id, ${names}) SELECT 'p' || n, ${names} FROM proposal_moments, generate_series(1, 20000) n`,
  )
  const refused = await service.get('/v1/tables/workbook.xlsx')
  t.match(refused.json(), { status: 413, code: 'too-many-proposals', total: 20_001, most: 20_000, detail: /CSV/ })
  t.equal((await service.get('/v1/tables/workbook.xlsx?ids=p')).statusCode, 200)
})

t.test('numbers of more than 15 digits, dates and ids are text, and a sheet that is full says so', async (t) => {
  const words = {
    en: { label: '', description: '' },
    vi: { label: '', description: '' },
    ko: { label: '', description: '' },
  }
  const columns = [
    { name: 'amount', datatype: 'decimal', words },
    { name: 'day', datatype: 'date', words },
  ] as const
  const sheet = async (rows: string[][]) => {
    async function* some() {
      yield rows
    }
    let xml = ''
    for await (const part of sheetXml({ columns, titles: ['a', 'b'], more: 'take the CSV' }, some())) xml += part
    return xml
  }
  const xml = await sheet([
    ['123456789012345', '2023-06-22'],
    ['1234567890123.45', ''],
    ['1234567890123456', ''],
    ['0.001', ''],
    ['-12.5', ''],
    ['x'.repeat(40_000), ''],
  ])
  t.match(xml, '<c r="A2" s="3"><v>123456789012345</v></c><c r="B2" s="2" t="inlineStr">')
  t.match(xml, '<c r="A3" s="5"><v>1234567890123.45</v></c>')
  t.match(xml, '<c r="A4" s="2" t="inlineStr"><is><t xml:space="preserve">1234567890123456</t>')
  t.match(xml, '<c r="A5" s="6"><v>0.001</v></c>')
  t.match(xml, '<c r="A6" s="4"><v>-12.5</v></c>')
  t.match(xml, `${'x'.repeat(32_766)}…</t>`)
  const full = await sheet(Array.from({ length: 1_048_576 }, () => ['', '']))
  t.match(full, /<row r="1048576"><c r="A1048576"[^>]*><is><t[^>]*>take the CSV</)
  t.notMatch(full, '<row r="1048577">')
})

t.end()
