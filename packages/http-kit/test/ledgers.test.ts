/** Several ledgers in one process: which requests are for which, and what is said of a list that cannot be used. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { AddressBook, addressOf, mistakeIn } from '../src/ledgers/address-book.ts'
import { listLedgers } from '../src/ledgers/list-ledgers.ts'

function bookOf(addresses: readonly string[]): AddressBook<string> {
  const book = new AddressBook<string>()
  for (const address of addresses) book.add(addressOf(address), address)
  return book
}

t.test('a path of its own finds a ledger whichever host is asked, and the rest of the URL is its own', async (t) => {
  const book = bookOf(['https://example.org/hue', 'https://example.org/da-nang/1'])
  const hue = 'https://example.org/hue'
  for (const host of ['example.org', '10.0.0.7:8081', undefined]) {
    t.same(book.find(host, '/hue/v1/proposals?kind=loan'), { ledger: hue, url: '/v1/proposals?kind=loan' })
  }
  t.same(book.find('x', '/hue'), { ledger: hue, url: '/' })
  t.same(book.find('x', '/hue/'), { ledger: hue, url: '/' })
  t.same(book.find('x', '/hue?a=/b'), { ledger: hue, url: '/?a=/b' })
  t.same(book.find('x', '/da-nang/1/v1/x'), { ledger: 'https://example.org/da-nang/1', url: '/v1/x' })
  for (const url of [
    '/',
    '/hue2/v1',
    '/huey',
    '/Hue/v1',
    '//hue/v1',
    '/x/hue/v1',
    '/da-nang/v1',
    '/%68ue/v1',
    '*',
    '',
  ]) {
    t.equal(book.find('example.org', url), null, url)
  }
})

t.test('without a path the host decides, whatever its port and letters', async (t) => {
  const book = bookOf(['https://hue.example.org', 'http://[::1]:8081', 'https://other.example'])
  const found = (host: string | undefined) => book.find(host, '/v1/x')?.ledger
  t.equal(found('hue.example.org'), 'https://hue.example.org')
  t.equal(found('HUE.example.org:8443'), 'https://hue.example.org')
  t.equal(found('[::1]:9'), 'http://[::1]:8081')
  for (const host of ['example.org', 'xhue.example.org', 'hue.example.org.evil', '', undefined])
    t.equal(found(host), undefined)
})

t.test('the same path on two hosts is told by the host, and the longer path counts', async (t) => {
  const book = bookOf(['https://a.example/l', 'https://b.example/l', 'https://a.example', 'https://c.example/l/m'])
  t.equal(book.find('b.example', '/l/v1')?.ledger, 'https://b.example/l')
  t.equal(book.find('z.example', '/l/v1'), null)
  t.equal(book.find('a.example', '/v1')?.ledger, 'https://a.example')
  t.equal(book.find('A.Example.:8443', '/v1')?.ledger, 'https://a.example', 'a fully qualified name')
  t.equal(book.find('a.example', '/l/m/v1')?.ledger, 'https://c.example/l/m')
})

t.test('of a whole address, as a proxy may send it, the host counts that stands in it', async (t) => {
  const book = bookOf(['https://a.example', 'https://b.example'])
  t.same(book.find('a.example', 'http://b.example/v1/x'), { ledger: 'https://b.example', url: '/v1/x' })
  t.same(book.find('a.example', 'http://b.example'), { ledger: 'https://b.example', url: '/' })
})

t.test('a path that is one of the service, or has signs that URLs escape, cannot be a ledger’s', async (t) => {
  for (const url of ['https://x.example', 'https://x.example/hue', 'https://x.example/vn/hue-1']) {
    t.equal(mistakeIn(addressOf(url)), null, url)
  }
  for (const path of ['v1', 'log/hue', 'health', 'metrics', 'Hue', 'a b', 'huế', 'a//b', 'a/b/c/d/e', '..']) {
    t.type(mistakeIn({ host: 'x', path: `/${path}` }), 'string', path)
  }
})

t.test('no ledger can have the first part of any path that a service documents', async (t) => {
  for (const service of ['command', 'projection']) {
    const file = new URL(`../../../openapi/${service}.json`, import.meta.url)
    const { paths } = JSON.parse(readFileSync(file, 'utf8')) as { paths: object }
    const firsts = new Set(Object.keys(paths).map((path) => path.split('/')[1] ?? ''))
    t.ok(firsts.has('v1'))
    for (const first of firsts) t.type(mistakeIn({ host: 'x', path: `/${first}` }), 'string', `${service} /${first}`)
  }
})

function listIn(t: Test, content: unknown): string {
  const file = join(t.testdir(), 'ledgers.json')
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content), { mode: 0o600 })
  return file
}

const hue = { name: 'hue', LEDGER_SCHEMA: 'hue', PROJECTION_PUBLIC_URL: 'https://example.org/hue' }
const danang = { name: 'danang', LEDGER_SCHEMA: 'danang', PROJECTION_PUBLIC_URL: 'https://example.org/danang' }

t.test('a ledger gets what is the same for all from the process, and neither its keys nor its secrets', async (t) => {
  const LEDGERS = listIn(t, [{ ...hue, API_KEYS: 'hue-key', READ_CONNECTIONS: 4 }, danang])
  const { ledgers, mistakes } = listLedgers(
    {
      LEDGERS,
      DATABASE_URL: 'postgres://db/x',
      API_KEYS: 'operator-key',
      API_KEYS_FILE: '/keys.json',
      OIDC_ISSUERS_FILE: '/issuers.json',
      READY_WHEN_TOLD: 'yes',
      READ_CONNECTIONS: '6',
      HOST: '0.0.0.0',
      DATA_DIR: '/data',
    },
    'projection',
  )
  t.same(mistakes, [])
  const [first, second] = ledgers.map(({ environment }) => environment)
  t.same(first, {
    CACHE_MEMORY: '22',
    HOST: '0.0.0.0',
    DATABASE_URL: 'postgres://db/x',
    READ_CONNECTIONS: '4',
    DATA_DIR: '/data/ledgers/hue',
    LEDGER_SCHEMA: 'hue',
    PROJECTION_PUBLIC_URL: 'https://example.org/hue',
    PUBLIC_URL: 'https://example.org/hue',
    API_KEYS: 'hue-key',
  })
  t.equal(second?.['READ_CONNECTIONS'], '6')
  t.notOk(second && 'API_KEYS' in second)
})

t.test('the folder of signed checkpoints has one for each ledger', async (t) => {
  const LOG_STATE_DIR = join(t.testdir(), 'signed')
  const LEDGERS = listIn(t, [hue, danang])
  const read = () => listLedgers({ LEDGERS, LOG_STATE_DIR }, 'projection').ledgers
  t.equal(
    read()[0]?.environment['LOG_STATE_DIR'],
    join(LOG_STATE_DIR, 'hue'),
    'where it is missing, its reader says so',
  )
  mkdirSync(LOG_STATE_DIR)
  read()
  t.same(readdirSync(LOG_STATE_DIR).toSorted(), ['danang', 'hue'])
})

t.test('all mistakes of a list are found at once, and none of its values is quoted', async (t) => {
  const secret = 'postgres://u:geheim@db/x'
  const LEDGERS = listIn(t, [
    { ...hue, PORT: 80, NONSENSE: secret, READ_ACCESS: { geheim: 1 }, API_KEYS_FILE: '/same.json' },
    { ...danang, LEDGER_SCHEMA: 'hue', API_KEYS_FILE: '/same.json' },
    { name: 'no-address', LEDGER_SCHEMA: 'c', LOG_KEY_FILE: '/geheim.pem' },
    { ...danang, LEDGER_SCHEMA: 'd', DATABASE_URL: secret, LOG_KEY_FILE: '/geheim.pem' },
    { name: 'Bad Name', PORT: 80 },
    'text',
  ])
  const { mistakes } = listLedgers(
    { LEDGERS, DATABASE_URL: secret, LOG_KEY_FILE: '/x', LEDGER_SCHEMA: 'y' },
    'projection',
  )
  t.notMatch(mistakes.join('\n'), /geheim|same\.json/)
  for (const expected of [
    /^LEDGER_SCHEMA: with LEDGERS, each ledger has its own/,
    /^LOG_KEY_FILE: with LEDGERS/,
    /^LEDGERS: hue: PORT: is the same for all/,
    /^LEDGERS: hue: NONSENSE: is no setting of a ledger; those are .*LEDGER_SCHEMA/,
    /^LEDGERS: hue: READ_ACCESS: must be a text or a whole number/,
    /^LEDGERS: hue and danang have the same database and LEDGER_SCHEMA/,
    /^LEDGERS: hue and danang have the same API_KEYS_FILE/,
    /^LEDGERS: no-address: PROJECTION_PUBLIC_URL: must be the absolute address/,
    /^LEDGERS: no-address and danang have the same LOG_KEY_FILE/,
    /^LEDGERS: danang: 2 entries have this name/,
    /^LEDGERS: danang and danang have the same host and path in PROJECTION_PUBLIC_URL/,
    /^LEDGERS: entry 5: "name" must be/,
    /^LEDGERS: entry 5: PORT: is the same for all/,
    /^LEDGERS: entry 6: "name" must be/,
  ]) {
    t.equal(mistakes.filter((mistake) => expected.test(mistake)).length, 1, String(expected))
  }
})

t.test('a file that is missing, no JSON, no list or empty is named', async (t) => {
  const mistakesOf = (LEDGERS: string) => listLedgers({ LEDGERS }, 'command').mistakes.join('\n')
  t.match(mistakesOf('/not/there.json'), 'cannot be read (ENOENT)')
  t.match(mistakesOf(listIn(t, '[{"name": "geheim"')), /is not JSON: reading stopped at line 1, column \d+$/)
  t.match(mistakesOf(listIn(t, {})), 'must be a JSON list')
  t.match(mistakesOf(listIn(t, [])), 'must be a JSON list')
})

t.test('a file that everybody can read is a warning, and in production a mistake', async (t) => {
  const LEDGERS = join(t.testdir(), 'open.json')
  writeFileSync(LEDGERS, JSON.stringify([hue]), { mode: 0o644 })
  t.match(listLedgers({ LEDGERS }, 'projection').warnings.join(), /every user may read it/)
  t.match(listLedgers({ LEDGERS, NODE_ENV: 'production' }, 'projection').mistakes.join(), /every user may read it/)
})
