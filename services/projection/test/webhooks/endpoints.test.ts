/** Who may make endpoints, what they see of them, and what is never seen. */
import { Writable } from 'node:stream'
import { readWebhookSettings } from '@commitments/projection'
import { eventually, proposed } from '@commitments/test-kit'
import { pino } from 'pino'
import t from 'tap'
import { openLedger } from '../support.ts'
import { environmentFor, startReceiver, startSending } from './receiver.ts'

t.setTimeout(120_000)

/** Nobody listens there. */
const url = 'http://127.0.0.1:9/inbox'

t.test('callers see and change their own endpoints only; an admin those of all', async (t) => {
  const service = await startSending(t, await openLedger(t))
  await service.call('PUT', '/vn', { url })
  await service.call('PUT', '/kr', { url }, 'msit-kr')
  const names = async (caller: 'most-vn' | 'msit-kr' | 'operator') =>
    (await service.call('GET', '', undefined, caller)).body.webhooks.map(({ name }) => name)
  t.same(await names('most-vn'), ['vn'])
  t.same(await names('msit-kr'), ['kr'])
  t.same(await names('operator'), ['kr', 'vn'])
  for (const [method, path, body] of [
    ['GET', '/kr', undefined],
    ['GET', '/kr/attempts', undefined],
    ['PATCH', '/kr', { paused: true }],
    ['POST', '/kr/secret', undefined],
    ['POST', '/kr/test', undefined],
    ['DELETE', '/kr', undefined],
  ] as const) {
    t.match(
      await service.call(method, path, body),
      { status: 404, body: { code: 'unknown-webhook' } },
      `${method} ${path}`,
    )
  }
  t.match(await service.call('PUT', '/kr', { url }), { status: 409, body: { code: 'webhook-name-taken' } })
  t.match(await service.call('PATCH', '/kr', { paused: true }, 'operator'), {
    status: 200,
    body: { paused: 'by-hand', owner: 'key:msit-kr' },
  })
  t.equal((await service.call('DELETE', '/kr', undefined, 'operator')).status, 204)
  t.same(await names('operator'), ['vn'])
})

t.test('a name that changes hands while a call is under way keeps the endpoint of its new owner', async (t) => {
  const ledger = await openLedger(t)
  const service = await startSending(t, ledger)
  for (const [method, path, body, status] of [
    ['PATCH', '/one', { paused: true }, 404],
    ['POST', '/one/secret', undefined, 404],
    ['DELETE', '/one', undefined, 204],
  ] as const) {
    await ledger.pool.query("DELETE FROM webhooks WHERE name = 'one'")
    await service.call('PUT', '/one', { url })
    const other = await ledger.pool.connect()
    await other.query("BEGIN; UPDATE webhooks SET owner = 'key:msit-kr' WHERE name = 'one'")
    const call = service.call(method, path, body)
    await eventually(async () => {
      const { rowCount } = await ledger.pool.query(
        "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
      )
      return rowCount === 1
    })
    await other.query('COMMIT')
    other.release()
    t.equal((await call).status, status, `${method} ${path}`)
    t.match(await service.call('GET', '/one', undefined, 'msit-kr'), {
      status: 200,
      body: { paused: null, formerSecretUntil: null },
    })
  }
})

t.test(
  'a key without the scope `webhooks` has no endpoints; where reading needs a key, `audit` is needed too',
  async (t) => {
    const ledger = await openLedger(t)
    const open = await startSending(t, ledger)
    t.match(await open.call('PUT', '/a', { url }, 'reader'), {
      status: 403,
      body: { code: 'forbidden', scope: 'webhooks' },
    })
    t.equal((await open.call('PUT', '/a', { url }, 'only-webhooks')).status, 201)
    const closed = await startSending(t, ledger, { environment: environmentFor(t, { READ_ACCESS: 'key' }) })
    t.match(await closed.call('GET', '', undefined, 'only-webhooks'), {
      status: 403,
      body: { code: 'forbidden', scope: 'audit' },
    })
    t.equal((await closed.call('GET', '', undefined, 'most-vn')).status, 200)
  },
)

t.test(
  'nothing is sent for a key that is gone or may not receive events any more, and all of it once it may again',
  async (t) => {
    const ledger = await openLedger(t)
    const receiver = await startReceiver(t)
    const environment = environmentFor(t, { READ_ACCESS: 'key' })
    const service = await startSending(t, ledger, { environment })
    await service.call('PUT', '/inbox', { url: receiver.url, after: 0 })
    // Another instance has a key file in which the key has lost a scope.
    await service.stop()
    await ledger.record('lab', proposed())
    const { API_KEYS_FILE: _, ...others } = environment
    const without = {
      ...others,
      API_KEYS: 'most-vn:webhooks:most-vn-secret-0123456789,operator:webhooks+audit+admin:operator-secret-0123456789',
    }
    const second = await startSending(t, ledger, { environment: without })
    const retrying = await eventually(
      async () => (await second.call('GET', '/inbox', undefined, 'operator')).body.retrying,
    )
    t.match(retrying, { outcome: 'no-right', status: null })
    t.same(receiver.got, [])
    await second.stop()
    await startSending(t, ledger, { environment })
    await eventually(() => receiver.got.length === 1, { within: 20_000 })
  },
)

t.test(
  'the secret is shown once, and is in no other answer, in no line of the log, and not in the database',
  async (t) => {
    const ledger = await openLedger(t)
    const lines: string[] = []
    const stream = new Writable({ write: (chunk, _encoding, done) => (lines.push(String(chunk)), done()) })
    const logger = pino({ level: 'trace' }, stream)
    const receiver = await startReceiver(t, (_got, response) => void response.writeHead(500).end())
    const service = await startSending(t, ledger, { logger })
    await ledger.record('lab', proposed())
    const made = await service.call('PUT', '/inbox', { url: `${receiver.url}?token=capability`, after: 0 })
    const renewed = await service.call('POST', '/inbox/secret')
    await eventually(() => receiver.got.length > 1)
    const answers = [
      await service.call('PUT', '/inbox', { url: receiver.url }),
      await service.call('GET', '/inbox'),
      await service.call('GET', ''),
      await service.call('GET', '/inbox/attempts'),
      await service.call('PATCH', '/inbox', { after: 0 }),
      await service.call('POST', '/inbox/test'),
    ]
    const { rows } = await ledger.pool.query(
      `SELECT w::text AS row FROM webhooks w UNION ALL SELECT a::text FROM webhook_attempts a`,
    )
    t.ok(lines.length > 5)
    for (const { body } of [made, renewed]) {
      const bare = body.secret.slice('whsec_'.length)
      t.equal(Buffer.from(bare, 'base64').length, 32)
      t.notOk([JSON.stringify(answers), lines.join(''), JSON.stringify(rows)].some((text) => text.includes(bare)))
    }
    t.notOk(lines.join('').includes('capability'), 'nor is the address, which may hold a secret of the receiver')
  },
)

t.test('while a secret is changed both sign; a second change ends the first secret at once', async (t) => {
  const ledger = await openLedger(t)
  const receiver = await startReceiver(t)
  const service = await startSending(t, ledger)
  const { Webhook } = await import('standardwebhooks')
  const secrets: string[] = [(await service.call('PUT', '/inbox', { url: receiver.url })).body.secret]
  const accepted = async () => {
    await service.call('POST', '/inbox/test')
    const { body, headers } = receiver.got.at(-1) ?? { body: '', headers: {} }
    return secrets.map((secret) => {
      try {
        return new Webhook(secret).verify(body, headers) !== undefined
      } catch {
        return false
      }
    })
  }
  t.same(await accepted(), [true])
  const renewed = await service.call('POST', '/inbox/secret')
  t.ok(Date.parse(renewed.body.formerSecretUntil) > Date.now() + 86_000_000, 'for a day')
  secrets.push(renewed.body.secret)
  t.same(await accepted(), [true, true])
  secrets.push((await service.call('POST', '/inbox/secret')).body.secret)
  t.same(await accepted(), [false, true, true])
  await ledger.pool.query('UPDATE webhooks SET former_until = clock_timestamp()')
  t.same(await accepted(), [false, false, true])
})

t.test('a caller has at most ten endpoints, however many it makes at once, and the ledger a hundred', async (t) => {
  const ledger = await openLedger(t)
  const service = await startSending(t, ledger)
  const all = await Promise.all(Array.from({ length: 14 }, (_, index) => service.call('PUT', `/e-${index}`, { url })))
  t.equal(all.filter(({ status }) => status === 201).length, 10)
  t.match(all.find(({ status }) => status !== 201)?.body, { status: 409, code: 'too-many-webhooks', most: 10 })
  t.equal(
    (await service.call('PUT', `/${(await service.call('GET', '')).body.webhooks[0]?.name}`, { url })).status,
    200,
  )
  await ledger.pool.query(`INSERT INTO webhooks (name, owner, url, content, types, proposals, parties, parents, key_id, log_id, position)
    SELECT 'other-' || n, 'key:other-' || n, '${url}', 'event', '{}', '{}', '{}', '{}', 'x', gen_random_uuid(), 0 FROM generate_series(1, 90) n`)
  t.match(await service.call('PUT', '/one-more', { url }, 'msit-kr'), {
    status: 409,
    body: { code: 'too-many-webhooks', most: 100 },
  })
})

t.test('what cannot be an endpoint is refused with every fault, and what would be accepted', async (t) => {
  const ledger = await openLedger(t)
  const service = await startSending(t, ledger)
  const bad = await service.call('PUT', '/inbox', {
    url: 'https://x.example',
    secret: 'mine',
    filter: { types: ['exploded'], party: [] },
    after: -1,
  })
  t.equal(bad.status, 400)
  t.same(bad.body.errors.map(({ path }) => path).toSorted(), ['after', 'filter.party', 'filter.types.0', 'secret'])
  for (const [bad, message] of [
    ['inbox', /must be an absolute https URL/],
    ['ftp://x.example/', /must be an absolute https URL/],
    ['https://user:password@x.example/', /without a user/],
    ['https://x.example/#a', /without a fragment/],
    [`https://x.example/${'é'.repeat(400)}`, /at most 2000 characters, not 2418 as here once it is percent-encoded/],
  ] as const) {
    const answer = await service.call('PUT', '/inbox', { url: bad })
    t.match(answer, { status: 400, body: { errors: [{ path: 'url', message }] } })
    t.notOk(answer.body.detail.includes('password'), 'and what may be a secret is not repeated')
  }
  for (const [body, path, message] of [
    [{}, 'url', 'is missing; it must be text'],
    [[], '', 'must be an object with url, content, filter, after, not a list'],
    [{ url: 7 }, 'url', 'must be text, not 7'],
    [{ url: Array(2_001).fill('x') }, 'url', 'must be text, not a list'],
    [{ url, after: -1 }, 'after', /^must be a position of the log, or 0 .*: a whole number from 0, not -1$/],
    [{ url, after: 1.5 }, 'after', /a whole number from 0, not 1\.5$/],
    [{ url, filter: null }, 'filter', 'must be an object with types, proposals, parties, parents, not null'],
    [
      { url, filter: { parties: 'most-vn' } },
      'filter.parties',
      /^must be a list of at most 100 ids of parties, not "most-vn"$/,
    ],
    [{ url, filter: { types: ['fundet'] } }, 'filter.types.0', /^must be one of .*did you mean "funded"/],
    [{ url, secret: 'x' }, 'secret', /known are url, content, filter, after$/],
  ] as const)
    t.match(
      await service.call('PUT', '/inbox', body),
      { status: 400, body: { errors: [{ path, message }] } },
      JSON.stringify(body),
    )
  t.match(await service.call('PUT', '/Not%20a%20name', { url }), {
    status: 400,
    body: { errors: [{ path: 'path.name' }] },
  })
  t.match(await service.call('PUT', '/inbox', { url, after: 5 }), { status: 409, body: { code: 'beyond-head' } })
  const strict = await startSending(t, ledger, { environment: environmentFor(t, { WEBHOOK_NETWORKS: '' }) })
  t.match(await strict.call('PUT', '/inbox', { url }), {
    status: 400,
    body: { errors: [{ path: 'url', message: /WEBHOOK_NETWORKS/ }] },
  })
})

t.test('an instance that only reads shows endpoints, and sends and changes nothing', async (t) => {
  const ledger = await openLedger(t)
  const environment = environmentFor(t)
  const receiver = await startReceiver(t)
  const first = await startSending(t, ledger, { environment })
  await first.call('PUT', '/inbox', { url: receiver.url })
  await first.stop()
  const reads = await startSending(t, ledger, { environment: { ...environment, PROJECTION_MODE: 'read' } })
  await ledger.record('lab', proposed())
  t.match(await reads.call('GET', '/inbox'), { status: 200, body: { behind: 1 } })
  for (const [method, path, body] of [
    ['PUT', '/inbox', { url }],
    ['PATCH', '/inbox', { after: 0 }],
    ['DELETE', '/inbox', undefined],
    ['POST', '/inbox/secret', undefined],
    ['POST', '/inbox/test', undefined],
  ] as const) {
    t.match(await reads.call(method, path, body), { status: 409, body: { code: 'only-reads' } }, `${method} ${path}`)
  }
  t.same(receiver.got, [])
})

t.test(
  'without WEBHOOK_KEY_FILE in production there are no webhooks; a key that others can read is refused there',
  async (t) => {
    t.equal(readWebhookSettings({ NODE_ENV: 'production' }), null)
    const { DATA_DIR } = environmentFor(t)
    const made = readWebhookSettings({ DATA_DIR })
    t.equal(readWebhookSettings({ DATA_DIR })?.keyId, made?.keyId, 'made once')
    const WEBHOOK_KEY_FILE = `${DATA_DIR}/webhook.key`
    t.equal(readWebhookSettings({ WEBHOOK_KEY_FILE, NODE_ENV: 'production' })?.keyId, made?.keyId)
    const { chmodSync, writeFileSync } = await import('node:fs')
    chmodSync(WEBHOOK_KEY_FILE, 0o644)
    t.throws(() => readWebhookSettings({ WEBHOOK_KEY_FILE, NODE_ENV: 'production' }), /WEBHOOK_KEY_FILE/)
    chmodSync(WEBHOOK_KEY_FILE, 0o600)
    writeFileSync(WEBHOOK_KEY_FILE, 'short')
    t.throws(() => readWebhookSettings({ WEBHOOK_KEY_FILE }), /fewer than 32 characters/)
    for (const WEBHOOK_NETWORKS of ['10.0.0.0/33', 'x', '10.0.0.0/8/8', 'fe80::1%eth0']) {
      t.throws(() => readWebhookSettings({ DATA_DIR, WEBHOOK_NETWORKS }), /WEBHOOK_NETWORKS: networks with commas/)
    }
  },
)
