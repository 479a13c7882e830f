/** How texts are erased: what each call does, also sent twice, at once, and cut. */
import { verify } from '@commitments/audit-cli'
import { agreed, eventually, example, pastGuards, proposed } from '@commitments/test-kit'
import { leafHash } from '@commitments/transparency'
import t from 'tap'
import { keys, map, open, secret, tablesWithSecret } from './erasure/support.ts'

t.setTimeout(300_000)

t.test('one caller proposes, another approves; neither can do both, and each call can be sent again', async (t) => {
  const opened = await open(t)
  const { client, propose, approve, post, database, head } = opened
  await client.recordEvent('lab', proposed({ title: map('Laboratory') }))
  const { status, body } = await propose([1])
  t.equal(status, 201)
  t.match(body, { state: 'pending', positions: [1], proposedBy: 'key:first', approvedBy: null })
  t.match(await propose([1]), { status: 200, body: { erasureId: body.erasureId } }, 'the same, while it waits')
  t.match(await approve(body.erasureId, keys.first), { status: 409, body: { code: 'erasure-by-two' } })
  t.match(await approve(body.erasureId, keys.recorder), { status: 403, body: { code: 'forbidden', scope: 'admin' } })
  t.equal(await head(), 1, 'nothing was recorded')
  t.match(await approve('01935000-0000-7000-8000-00000000abcd'), { status: 404, body: { code: 'unknown-erasure' } })
  t.match(await approve(body.erasureId), { status: 200, body: { state: 'erased', approvedBy: 'key:second' } })
  t.match(await approve(body.erasureId), { status: 200, body: { state: 'erased' } }, 'sent again')
  t.equal(await head(), 2, 'and recorded once')
  t.match(await propose([1]), { status: 409, body: { code: 'not-erasable', positions: [1] } })
  await client.recordEvent('other', proposed())
  const [late, twice, again] = [await propose([3]), await propose([3]), await propose([3], keys.second)]
  t.equal(late.body.erasureId, twice.body.erasureId)
  t.match(await approve(again.body.erasureId, keys.first), { status: 200, body: { state: 'erased' } })
  t.match(await approve(late.body.erasureId), { status: 409, body: { code: 'not-erasable', positions: [3] } })
  await database.pool().query(`UPDATE erasures SET expires_at = clock_timestamp() WHERE approved_at IS NULL`)
  t.match(await approve(late.body.erasureId), { status: 409, body: { code: 'erasure-expired' } })
  t.match(await propose([2]), { status: 409, body: { code: 'not-erasable', positions: [2] } }, 'the record stays')
  t.match(await propose([9]), { status: 404, body: { code: 'no-such-position', positions: [9] } })
  t.match(await post('/v1/admin/erasures', keys.first, { positions: [1, 1], reason: {}, decidedBy: 7, more: 1 }), {
    status: 400,
    body: { code: 'invalid', errors: [{ path: /./ }, { path: /./ }, { path: /./ }, { path: /./ }] },
  })
  const { rows } = await database.pool().query<{ line: string }>('SELECT line FROM events ORDER BY position')
  const [line = '', record = ''] = rows.map((row) => row.line)
  t.match(JSON.parse(record), {
    type: 'erased',
    recordedBy: 'key:second',
    data: {
      proposedBy: 'key:first',
      events: [{ version: 1, position: 1, leafHash: leafHash(Buffer.from(line)).toString('base64') }],
    },
  })
})

t.test('what cannot be read is refused in words, names what would be accepted, and proposes nothing', async (t) => {
  const { client, propose, approve, post, database } = await open(t)
  await client.recordEvent('lab', proposed({ title: map('Laboratory') }))
  const good = { positions: [1], reason: { en: 'It named a person.' }, decidedBy: { en: 'The office' } }
  for (const [body, path, message] of [
    [null, '', 'must be an object with positions, reason, decidedBy, not null'],
    [{ ...good, positions: undefined }, 'positions', 'is missing; it must be a list of 1 to 100 positions'],
    [{ ...good, positions: [] }, 'positions', 'must be a list of 1 to 100 positions'],
    [{ ...good, positions: '' }, 'positions', 'must be a list of 1 to 100 positions, not ""'],
    [{ ...good, positions: [1, 1] }, 'positions', 'must not name the same one twice'],
    [{ ...good, positions: [0] }, 'positions.0', 'must be a position of the log: a whole number from 1, not 0'],
    [{ ...good, positions: ['1'] }, 'positions.0', 'must be a position of the log: a whole number from 1, not "1"'],
    [{ ...good, positions: [1.5] }, 'positions.0', 'must be a position of the log: a whole number from 1, not 1.5'],
    [{ ...good, proposedBy: 'key:second' }, 'proposedBy', /known are positions, reason, decidedBy$/],
  ] as const) {
    const refusal = { code: 'invalid', errors: [{ path, message }] }
    t.match(await post('/v1/admin/erasures', keys.first, body), { status: 400, body: refusal }, `${path} ${message}`)
  }
  const refused = await approve('x')
  t.match(refused, {
    status: 400,
    body: { errors: [{ path: 'path.erasureId', message: /^is "x"; it must be the `erasureId`/ }] },
  })
  t.equal((await database.pool().query('SELECT FROM erasures')).rowCount, 0)
  t.match(await propose([1]), { status: 201 })
})

t.test('of erasures at once that share positions, one is done as a whole and the other not at all', async (t) => {
  const { client, propose, approve, database, head } = await open(t)
  const ids = ['a', 'b', 'c']
  for (const id of ids) await client.recordEvent(id, proposed({ title: map(id) }))
  const [one, two] = [await propose([1, 2]), await propose([2, 3])]
  const answers = await Promise.all([one, two, one, two].map(({ body }) => approve(body.erasureId)))
  const statuses = answers.map(({ status }) => status)
  t.same(statuses, statuses[0] === 200 ? [200, 409, 200, 409] : [409, 200, 409, 200])
  t.equal(await head(), ids.length + 2, 'one event for each proposal of the one that was done')
  const { rows } = await database.pool().query<{ line: string }>('SELECT line FROM events ORDER BY position')
  const left = rows.flatMap(({ line }, index) => (line.includes(secret) ? [index + 1] : []))
  t.same(left, statuses[0] === 200 ? [3] : [1])
})

t.test('not even the owner changes a line otherwise, and an erased line not again', async (t) => {
  const { client, erase, database } = await open(t)
  await client.recordEvent('lab', proposed({ title: map('Laboratory') }))
  await client.recordEvent('other', proposed({ title: map('Another') }))
  t.match(await erase([1]), { status: 200 })
  const owner = database.pool()
  const { rows } = await owner.query<{ line: string }>('SELECT line FROM events ORDER BY position')
  const [erased = '', other = '', record = ''] = rows.map(({ line }) => line)
  const by = JSON.parse(record).eventId
  const { nonce: _nonce, position, ...kept } = JSON.parse(other)
  const leaf = leafHash(Buffer.from(other)).toString('base64')
  const forged = JSON.stringify({ position, erased: { by }, leafHash: leaf, ...kept })
  const changes: Record<string, [string, number]> = {
    'the texts put back': [other.replace('"position":2', '"position":1'), 1],
    'what was left of it': [erased.replace('"kind":"', '"kind":"x'), 1],
    'another leaf': [erased.replace(/"leafHash":"./, '"leafHash":"_'), 1],
    'erased without an event that says so': [forged, 2],
    'any other text': [other.replace(/Another/, 'A second'), 2],
  }
  for (const [name, [line, at]] of Object.entries(changes))
    await t.rejects(owner.query('UPDATE events SET line = $1 WHERE position = $2', [line, at]), { code: '23001' }, name)
  await t.rejects(database.pool('command').query('UPDATE events SET line = line'), { code: '42501' })
})

t.test('a connection that is cut while it erases leaves nothing half-done, and the same approval erases', async (t) => {
  const { client, propose, approve, database, head } = await open(t)
  await client.recordEvent('lab', proposed({ title: map('Laboratory') }))
  const { body } = await propose([1])
  const holder = await database.client()
  await holder.query('BEGIN; LOCK TABLE log_lock IN EXCLUSIVE MODE')
  const answer = approve(body.erasureId)
  await eventually(async () => {
    const { rowCount } = await database
      .pool()
      .query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%erase_events(%' AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()`,
      )
    if (rowCount === 0) throw new Error('it does not wait for the lock yet')
  })
  t.match(await answer, { status: 503 })
  await holder.query('ROLLBACK')
  t.equal(await head(), 1)
  const { rows } = await database.pool().query<{ line: string }>('SELECT line FROM events')
  t.match(rows, [{ line: secret }])
  const both = await Promise.all([approve(body.erasureId), approve(body.erasureId)])
  t.match(both, [{ status: 200 }, { status: 200 }], 'two at once')
  t.equal(await head(), 2, 'and recorded once')
})

t.test('an event of a type that this release does not know is not erased', async (t) => {
  const { client, propose, approve, database, head } = await open(t)
  await client.recordEvent('lab', proposed({ title: map('Laboratory') }))
  const { body } = await propose([1])
  await database
    .pool()
    .query(pastGuards(`UPDATE events SET line = replace(line, '"type":"proposed"', '"type":"later"')`))
  t.match(await propose([1]), { status: 409, body: { code: 'not-erasable', positions: [1] } })
  t.match(await approve(body.erasureId), { status: 409, body: { code: 'not-erasable', positions: [1] } })
  t.equal(await head(), 1, 'nothing was recorded')
})

t.test('a line that is no event is not erased, nor others of its proposal', async (t) => {
  const { client, propose, approve, database, head } = await open(t)
  await client.recordEvent('lab', proposed({ title: map('Laboratory') }))
  await client.recordEvent('lab', agreed())
  const { body } = await propose([1])
  await database.pool().query(pastGuards(`UPDATE events SET line = left(line, 200) WHERE position = 2`))
  t.match(await propose([1, 2]), { status: 409, body: { code: 'not-erasable', positions: [2] } })
  t.match(await approve(body.erasureId), { status: 409, body: { code: 'not-erasable', positions: [1] } })
  t.equal(await head(), 2, 'nothing was recorded')
})

t.test('of equal proposals at once, one is new, and each is answered with it', async (t) => {
  const { client, propose, database } = await open(t)
  await client.recordEvent('lab', proposed({ title: map('Laboratory') }))
  const answers = await Promise.all(Array.from({ length: 8 }, () => propose([1])))
  const counts = [200, 201].map((wanted) => answers.filter(({ status }) => status === wanted).length)
  t.same(counts, [7, 1])
  t.equal(new Set(answers.map(({ body }) => body.erasureId)).size, 1)
  t.equal((await database.pool().query('SELECT FROM erasures')).rowCount, 1)
})

t.test('of approvals at once, each is answered that it is erased, and one erases', async (t) => {
  const { client, propose, approve, head } = await open(t)
  const rounds = 8
  for (let round = 1; round <= rounds; round += 1) {
    await client.recordEvent(`lab-${round}`, proposed({ title: map('Laboratory') }))
    const { body } = await propose([2 * round - 1])
    const answers = await Promise.all(Array.from({ length: 6 }, () => approve(body.erasureId)))
    t.match(
      answers.map(({ status, body: { state } }) => [status, state]),
      answers.map(() => [200, 'erased']),
    )
    t.equal(await head(), 2 * round, 'recorded once')
  }
})

t.test('a request whose event was erased meanwhile is repeated, and another one with its key is refused', async (t) => {
  const { client, erase, commandUrl } = await open(t)
  const body = proposed({ title: map('Laboratory') })
  const sent = (data: object) =>
    fetch(`${commandUrl}/v1/proposals/lab/events`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${keys.recorder}`,
        'content-type': 'application/json',
        'idempotency-key': '"once"',
      },
      body: JSON.stringify({ ...body, data: { ...body.data, ...data } }),
    })
  t.equal((await sent({})).status, 201)
  t.match(await erase([1]), { status: 200 })
  const again = await sent({})
  t.equal(again.status, 201)
  t.equal(again.headers.get('idempotency-replayed'), 'true')
  t.notMatch(await again.text(), secret)
  t.equal((await sent({ kind: 'forum' })).status, 422)
  t.match(
    await client.recordEvent('lab', { ...body, type: 'updated', data: { title: { en: 'Laboratory' } } } as never),
    { version: 3 },
  )
})

t.test('through every door, a retraction or correction of the record of an erasure is refused', async (t) => {
  const { client, erase, commandUrl, head } = await open(t)
  await client.recordEvent('lab', proposed({ title: map('Laboratory') }))
  t.match(await erase([1]), { status: 200 })
  const send = async (path: string, body: string, type: string) => {
    const answer = await fetch(`${commandUrl}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${keys.recorder}`, 'content-type': type },
      body,
    })
    return { status: answer.status, text: await answer.text() }
  }
  const refused = /"code":"erasure-stands"/
  for (const body of [
    example('retracted', { events: [2] }),
    example('corrected', { corrections: [{ event: 2, occurredOn: '2024' }] }),
  ]) {
    const one = JSON.stringify(body)
    for (const query of ['', '?dryRun=true'])
      t.match(
        await send(`/v1/proposals/lab/events${query}`, one, 'application/json'),
        { status: 409, text: refused },
        `${body.type}${query}`,
      )
    const lines = [
      { proposalId: 'lab', ...example('confirmed') },
      { proposalId: 'lab', ...body },
    ]
    const several = lines.map((line) => JSON.stringify(line)).join('\n')
    for (const [query, status] of [
      ['?dryRun=true', 200],
      ['?atomic=true&dryRun=true', 409],
      ['?atomic=true', 409],
    ] as const)
      t.match(await send(`/v1/events${query}`, several, 'application/x-ndjson'), { status, text: refused }, query)
    t.equal(await head(), 2, 'nothing was recorded')
    t.match(await send('/v1/events', JSON.stringify(lines[1]), 'application/x-ndjson'), { status: 200, text: refused })
  }
  t.equal(await head(), 2, 'nothing was recorded')
})

t.test(
  'an event of the maximum size, of texts of one letter, is erased; a reason that no line holds is refused',
  async (t) => {
    const { client, erase, post, database } = await open(t)
    await client.recordEvent('talks', proposed({ kind: 'forum' }))
    const tags =
      'en vi ko fr de es it pt ru ar zh ja th lo km my id ms sv hi bn ta te ur fa tr pl cs sk hu ro bg el'.split(' ')
    const title = Object.fromEntries(tags.map((tag) => [tag, 'a']))
    const agenda = {
      ...example('agenda-set', { items: Array.from({ length: 200 }, (_, item) => ({ item: item + 1, title })) }),
      note: { en: secret },
    }
    const { position } = await client.recordEvent('talks', agenda)
    t.match(await erase([position]), { status: 200 })
    const { rows } = await database
      .pool()
      .query<{ line: string }>('SELECT line FROM events WHERE position = $1', [position])
    t.ok(Buffer.byteLength(rows[0]?.line ?? '') > 60_000, `${rows[0]?.line.length} bytes`)
    t.notMatch(rows[0]?.line, secret)
    const asked = (length: number) => ({
      positions: [1],
      reason: {
        en: 'a'.repeat(9_000),
        vi: 'ă'.repeat(length / 4),
        ko: 'b'.repeat(9_000),
        fr: '글'.repeat(length / 8),
        de: 'c'.repeat(9_000),
      },
      decidedBy: { en: 'The office' },
    })
    t.match(await post('/v1/admin/erasures', keys.first, asked(32_000)), { status: 413, body: { code: 'too-large' } })
    const { body } = await post('/v1/admin/erasures', keys.first, asked(20_000))
    t.match(await post(`/v1/admin/erasures/${body.erasureId}/approval`, keys.second), { status: 200 })
  },
)

t.test('events of a hundred proposals are erased at once', async (t) => {
  const { client, erase, head, settled, database, url } = await open(t)
  const lines = Array.from({ length: 100 }, (_, index) => ({
    proposalId: `p-${index}`,
    ...proposed({ title: map('A') }),
  }))
  await client.recordAtomically(lines as never)
  t.match(await erase(Array.from({ length: 100 }, (_, index) => index + 1)), { status: 200 })
  t.equal(await settled(), 200)
  t.equal(await head(), 200)
  t.same(await tablesWithSecret(database), [])
  t.match(await verify({ source: url, apiKey: keys.second }), { outcome: /^valid$/, sentence: /texts of 100 of them/ })
})

t.test('a proposal on which fifty record at once is erased, and no event of theirs is lost', async (t) => {
  const { client, propose, approve, database, head } = await open(t)
  await client.recordEvent('lab', proposed({ title: map('Laboratory') }))
  const { body } = await propose([1])
  let isOpen = true
  let recorded = 0
  const write = async (writer: number) => {
    for (let turn = 0; isOpen; turn += 1) {
      await client.recordEvent('lab', example('contested', { event: 1, claim: { en: `Claim ${writer}/${turn}` } }))
      recorded += 1
    }
  }
  const writers = Array.from({ length: 50 }, (_, writer) => write(writer))
  await eventually(() => recorded > 100)
  const before = recorded
  t.match(await approve(body.erasureId), { status: 200 })
  t.comment(`${recorded - before} events were recorded meanwhile`)
  isOpen = false
  await Promise.all(writers)
  t.equal(await head(), recorded + 2)
  t.same(
    (await tablesWithSecret(database)).filter((name) => name === 'events'),
    [],
  )
})
