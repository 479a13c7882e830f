/** Where the last signed checkpoint is kept: what is true of every home, and what is kept is never behind the database. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readHalt } from '@commitments/event-store'
import { folderHome } from '@commitments/projection'
import { eventually, startEtcd, temporaryFolder, withoutEtcd } from '@commitments/test-kit'
import { keptFile, newKey, signingFor } from '@commitments/test-kit/services'
import { formatCheckpoint, makeSigner, signNote } from '@commitments/transparency'
import t, { type Test } from 'tap'
import { type EtcdAddress, openEtcd } from '../../src/transparency/etcd.ts'
import { type Home, HomeAway } from '../../src/transparency/kept-checkpoint.ts'
import { etcdHome } from '../../src/transparency/kept-in-etcd.ts'
import { openLedger } from '../support.ts'
import { backUp, recordMany, servedCheckpoint, startKeeping } from './support.ts'

t.setTimeout(120_000)

const logId = '00000000-0000-4000-8000-000000000001'

function noteOf(size: number): string {
  const text = formatCheckpoint({ origin: `log.example/${logId}`, size, root: Buffer.alloc(32, size) })
  return signNote(text, [makeSigner({ name: 'log.example', privateKey: newKey() })])
}

function addressOf(host: string, more: Partial<EtcdAddress> = {}): EtcdAddress {
  return { scheme: 'http', hosts: [host], user: null, ...more }
}

const homes: [string, false | string, (t: Test) => Promise<Home>][] = [
  ['a folder', false, async (t) => folderHome(temporaryFolder(t))],
  ['etcd', withoutEtcd, async (t) => etcdHome(addressOf((await startEtcd(t)).host), 'log.example')],
]

for (const [what, skip, open] of homes) {
  t.test(`${what} keeps what was set, and sets only what it was compared with`, { skip }, async (t) => {
    const home = await open(t)
    const [one, two, three] = [noteOf(1), noteOf(2), noteOf(3)]
    t.same(await home.read(logId), { outcome: 'missing' })
    t.equal(await home.replace(logId, two, one), false, 'there is nothing yet')
    t.same(await home.read(logId), { outcome: 'missing' })
    t.equal(await home.replace(logId, null, one), true)
    t.match(await home.read(logId), { outcome: 'kept', note: one, checkpoint: { size: 1 } })
    t.equal(await home.replace(logId, null, two), false, 'there is something')
    t.equal(await home.replace(logId, two, three), false, 'there is something else')
    t.match(await home.read(logId), { note: one })
    t.equal(await home.replace(logId, one, two), true)
    t.match(await home.read(logId), { note: two })
    t.same(await home.read(logId.replace('1', '2')), { outcome: 'missing' }, 'each log has its own')
    t.match(home.nameOf(logId), new RegExp(`log-checkpoint-${logId}`))
  })
}

const shared: [string, false | string, (t: Test) => Promise<() => Home>][] = [
  [
    'a folder',
    false,
    async (t) => {
      const folder = temporaryFolder(t)
      return () => folderHome(folder)
    },
  ],
  [
    'etcd',
    withoutEtcd,
    async (t) => {
      const { host } = await startEtcd(t)
      return () => etcdHome(addressOf(host), 'log.example')
    },
  ],
]

for (const [what, skip, open] of shared) {
  t.test(`of many hosts that compare and set at once in ${what}, one does`, { skip }, async (t) => {
    const openOne = await open(t)
    const hosts = Array.from({ length: 20 }, openOne)
    let before: string | null = null
    for (let size = 1; size <= 5; size += 1) {
      const notes = hosts.map(() => noteOf(size))
      const results = await Promise.all(hosts.map((home, index) => home.replace(logId, before, notes[index] as string)))
      t.equal(results.filter(Boolean).length, 1)
      before = notes[results.indexOf(true)] as string
      t.match(await (hosts[0] as Home).read(logId), { note: before })
    }
  })
}

t.test('what a killed writer left in a folder holds the others up for seconds only', async (t) => {
  const folder = temporaryFolder(t)
  const home = folderHome(folder)
  t.equal(await home.replace(logId, null, noteOf(1)), true)
  const before = (await home.read(logId)) as { note: string }
  const file = join(folder, home.nameOf(logId))
  const killed = '00000000-0000-4000-8000-00000000000f'
  writeFileSync(`${file}.claim`, killed)
  writeFileSync(`${file}.${killed}.unfinished`, 'half of a')
  t.equal(await home.replace(logId, before.note, noteOf(2)), false, 'it may be alive')
  const two = noteOf(2)
  await eventually(() => home.replace(logId, before.note, two), { within: 30_000, every: 250 })
  t.match(await home.read(logId), { note: two })
  t.same(readdirSync(folder), [home.nameOf(logId)], 'nothing else is left')
})

t.test('a folder that cannot be written is away, and says why', async (t) => {
  const home = folderHome(join(temporaryFolder(t), 'not-there'))
  const away: unknown = await home.replace(logId, null, noteOf(1)).catch((error: unknown) => error)
  t.ok(away instanceof HomeAway)
  t.match(String(away), /not-there cannot be written \(ENOENT\)/)
})

t.test('what etcd keeps outlives its crash, and each origin has keys of its own', { skip: withoutEtcd }, async (t) => {
  const etcd = await startEtcd(t)
  const [production, staging] = ['log.example', 'log.example/staging'].map((origin) =>
    etcdHome(addressOf(etcd.host), origin),
  ) as [Home, Home]
  await production.replace(logId, null, noteOf(7))
  t.same(await staging.read(logId), { outcome: 'missing' })
  await etcd.restart()
  t.match(await production.read(logId), { outcome: 'kept', checkpoint: { size: 7 } })
  t.equal((await etcd.list('/commitments/')).size, 1)
  await etcd.put(`/commitments/origin-log.example/log-checkpoint-${logId}`, 'no checkpoint')
  t.same(await production.read(logId), { outcome: 'unreadable' })
})

t.test('any member that answers is enough, and if none does, the home is away', { skip: withoutEtcd }, async (t) => {
  const etcd = await startEtcd(t)
  const hosts = ['127.0.0.1:1', etcd.host, '127.0.0.1:2']
  const home = etcdHome(addressOf('', { hosts, user: { name: 'signer', password: 'a-secret' } }), 'log.example')
  const withoutUser = etcdHome(addressOf('', { hosts }), 'log.example')
  t.equal(await withoutUser.replace(logId, null, noteOf(1)), true)
  t.match(await withoutUser.read(logId), { outcome: 'kept' })
  await etcd.kill()
  for (const one of [home, withoutUser]) {
    const away: unknown = await one.read(logId).catch((error: unknown) => error)
    t.ok(away instanceof HomeAway)
    t.match(String(away), /etcd at 127\.0\.0\.1:1, .* gives no answer \(.*ECONNREFUSED/)
    t.notMatch(String(away), /a-secret/)
  }
  await t.rejects(withoutUser.replace(logId, noteOf(1), noteOf(2)), HomeAway)
})

t.test('etcd is asked as its user, whose token may end at any time', { skip: withoutEtcd }, async (t) => {
  const etcd = await startEtcd(t, ['--auth-token-ttl', '2'])
  const key = '/commitments/'
  const range = [key, '/commitments0'].map((text) => Buffer.from(text).toString('base64'))
  await etcd.ask('/v3/auth/user/add', { name: 'root', password: 'root-secret' })
  await etcd.ask('/v3/auth/role/add', { name: 'root' })
  await etcd.ask('/v3/auth/user/grant', { user: 'root', role: 'root' })
  await etcd.ask('/v3/auth/user/add', { name: 'signer', password: 'p@ss:word' })
  await etcd.ask('/v3/auth/role/add', { name: 'signer' })
  const perm = { permType: 'READWRITE', key: range[0], range_end: range[1] }
  await etcd.ask('/v3/auth/role/grant', { name: 'signer', perm })
  await etcd.ask('/v3/auth/user/grant', { user: 'signer', role: 'signer' })
  await etcd.ask('/v3/auth/enable', {})
  const as = (password: string | null) =>
    openEtcd(addressOf(etcd.host, { user: password === null ? null : { name: 'signer', password } }))
  const signer = as('p@ss:word')
  t.equal(await signer.replace(`${key}a`, null, 'one'), true)
  await t.rejects(as(null).get(`${key}a`), /it answers 4\d\d \(.*user name is empty/)
  const wrong: unknown = await as('wrong-secret')
    .get(`${key}a`)
    .catch((error: unknown) => error)
  t.match(String(wrong), /it answers 400 \(.*authentication failed/)
  t.notMatch(String(wrong), /wrong-secret/)
  await t.rejects(signer.get('/elsewhere'), /permission denied/)
  await etcd.restart()
  t.equal(await signer.get(`${key}a`), 'one', 'the token of the member before its restart')
  await sleep(4_500)
  t.equal(await signer.replace(`${key}a`, 'one', 'two'), true, 'a token that ended by itself')
})

t.test(
  'by TLS, only members of the given authority are believed, and we show a certificate',
  { skip: withoutEtcd },
  async (t) => {
    const files = certificates(t)
    const options = [
      ['--cert-file', files.cert],
      ['--key-file', files.key],
      ['--client-cert-auth'],
      ['--trusted-ca-file', files.ca],
    ].flat()
    const { host } = await startEtcd(t, options, 'https')
    const [ca, cert, key] = [files.ca, files.cert, files.key].map((file) => readFileSync(file, 'utf8')) as [
      string,
      string,
      string,
    ]
    const as = (tls: EtcdAddress['tls']) => openEtcd(addressOf(host, { scheme: 'https', ...(tls && { tls }) }))
    await eventually(async () => (await as({ ca, cert, key }).get('nothing')) === null, { within: 20_000 })
    t.equal(await as({ ca, cert, key }).replace('a', null, 'one'), true)
    await t.rejects(as({ ca }).get('a'), /certificate|handshake|ECONNRESET|EPIPE/i, 'without one of ours')
    await t.rejects(as({ cert, key }).get('a'), /self.signed|unable to (get|verify)/i, 'an unknown authority')
    await t.rejects(
      openEtcd(addressOf(host)).get('a'),
      /it answers|ECONNRESET|socket hang up|Parse Error/,
      'without TLS',
    )
  },
)

/** An authority, and one certificate for both sides. */
function certificates(t: Test): { ca: string; cert: string; key: string } {
  const folder = t.testdir({
    extensions: 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n',
  })
  const openssl = (...words: string[]) => execFileSync('openssl', words, { cwd: folder, stdio: 'ignore' })
  const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj']
  openssl('req', '-x509', ...fresh, '/CN=authority', '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2')
  openssl('req', ...fresh, '/CN=member', '-keyout', 'member.key', '-out', 'member.csr')
  const authority = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial']
  openssl(
    'x509',
    '-req',
    '-in',
    'member.csr',
    ...authority,
    '-extfile',
    'extensions',
    '-out',
    'member.pem',
    '-days',
    '2',
  )
  return { ca: join(folder, 'ca.pem'), cert: join(folder, 'member.pem'), key: join(folder, 'member.key') }
}

t.test(
  'hosts that keep their own checkpoints do not sign after each other, and say so before one has to',
  async (t) => {
    const ledger = await openLedger(t)
    const keys = [newKey()]
    const [ofA, ofB] = [signingFor(t, { keys }), signingFor(t, { keys })]
    const a = await startKeeping(t, ledger, ofA)
    await recordMany(ledger, 1, 3)
    const { origin } = await a.signedAt(3)
    const ours = origin.slice(-logId.length)
    // As if somebody had copied the folder, once.
    writeFileSync(keptFile(ofB, ours), readFileSync(keptFile(ofA, ours)))
    await recordMany(ledger, 4, 6)
    await a.signedAt(6)
    const b = await startKeeping(t, ledger, ofB)
    await b.untilReady(false, /Nothing is signed: The kept checkpoint has 3 events .* 6 were signed.*one home/)
    t.match((await b.get('/metrics')).body, /^log_signing_refused\{code="file-behind"\} 1$/m)
    t.equal(await readHalt(ledger.pool), null, 'it says nothing against the log: recording goes on')
    await recordMany(ledger, 7, 9)
    await a.signedAt(9)
    await a.untilReady(true, /this instance signs/)
    await b.untilReady(false, /^Another instance signs, and this one could not take over: The kept checkpoint has 3/)
    t.equal((await b.get('/v1/proposals')).headers['log-alarm'], undefined, 'nothing is wrong with what it answers')
    await a.stop()
    await recordMany(ledger, 10, 10)
    await b.untilReady(false, /^Nothing is signed: The kept checkpoint has 3 events/)
    // What the sentence says: the newest into the one home.
    writeFileSync(keptFile(ofB, ours), readFileSync(keptFile(ofA, ours)))
    await b.signedAt(10)
    await b.untilReady(true, /this instance signs/)
  },
)

t.test('a kept checkpoint that was restored to an earlier state is noticed while the instance runs', async (t) => {
  const ledger = await openLedger(t)
  const signing = signingFor(t)
  const service = await startKeeping(t, ledger, signing)
  await recordMany(ledger, 1, 3)
  const { origin } = await service.signedAt(3)
  const file = keptFile(signing, origin.slice(-logId.length))
  const old = readFileSync(file)
  await recordMany(ledger, 4, 6)
  await service.signedAt(6)
  writeFileSync(file, old)
  await service.untilReady(false, /has 3 events .* 6 were signed/)
  await recordMany(ledger, 7, 7)
  await sleep(600)
  t.equal((await servedCheckpoint(service)).size, 6)
  writeFileSync(file, (await service.get('/log/checkpoint')).body)
  await service.signedAt(7)
})

t.test(
  'an origin that was chosen, changed and chosen again continues what was signed under the one between',
  async (t) => {
    const ledger = await openLedger(t)
    const root = temporaryFolder(t)
    const homeOf = (origin: string) => folderHome(join(root, encodeURIComponent(origin)))
    const keys = [newKey()]
    const under = async (origin: string, size: number) => {
      mkdirSync(homeOf(origin).place, { recursive: true })
      const formerHomes = (former: string) => [homeOf(former)]
      const service = await startKeeping(t, ledger, signingFor(t, { keys, origin, home: homeOf(origin), formerHomes }))
      await recordMany(ledger, size, size)
      t.match((await service.signedAt(size)).origin, new RegExp(`^${origin}/`))
      await service.untilReady(true)
      await service.stop()
    }
    await under('log.example/one', 1)
    await under('log.example/two', 2)
    await under('log.example/one', 3)
  },
)

t.test('a signer that knows nothing of the log leaves it halted as it found it', async (t) => {
  const ledger = await openLedger(t)
  const keys = [newKey()]
  const knowing = await startKeeping(t, ledger, signingFor(t, { keys }))
  await recordMany(ledger, 1, 5)
  await knowing.signedAt(5)
  const restore = await backUp(ledger)
  await recordMany(ledger, 6, 9)
  await knowing.signedAt(9)
  await restore()
  await knowing.untilReady(false, /9 events was signed/)
  await knowing.stop()
  const other = await startKeeping(t, ledger, signingFor(t, { keys }))
  await other.untilReady(false, /the kept one that would confirm it is missing/)
  t.match(await readHalt(ledger.pool), /9 events was signed/)
})
