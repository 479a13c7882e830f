/** Both services with two administrators, and a subject whose texts are to be erased. */
import { readFileSync } from 'node:fs'
import { createClient } from '@commitments/client'
import { agreed, eventually, example, funded, proposed, type TestDatabase } from '@commitments/test-kit'
import * as services from '@commitments/test-kit/services'
import type { Test } from 'tap'

export const secret = 'zqsecretname'
export const keys = {
  recorder: 'recorder-secret-0123456',
  first: 'first-secret-012345678',
  second: 'second-secret-01234567',
}
export const environment = {
  LOG_LEVEL: 'error',
  API_KEYS: [
    `recorder:record+read+audit:${keys.recorder}`,
    `first:admin+read+audit+record:${keys.first}`,
    `second:admin+read+audit:${keys.second}`,
  ].join(','),
}

export async function open(t: Test) {
  const { database, command, projection } = await services.startServices(t, {
    environment,
    projection: { signing: services.signingFor(t), takeOverAfter: 200 },
  })
  const [commandUrl, url] = await Promise.all([command.listen(), projection.listen()])
  const client = createClient({ commandUrl, projectionUrl: url, apiKey: keys.recorder })
  const asked = (key: string) => ({ authorization: `Bearer ${key}`, 'content-type': 'application/json' })
  const post = async (path: string, key: string, body?: unknown) => {
    const answer = await fetch(`${commandUrl}${path}`, {
      method: 'POST',
      headers: body === undefined ? { authorization: `Bearer ${key}` } : asked(key),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: answer.status, body: (await answer.json()) as Record<string, never> & { erasureId: string } }
  }
  const propose = (positions: number[], key = keys.first) =>
    post('/v1/admin/erasures', key, {
      positions,
      reason: { en: 'It named a private person.' },
      decidedBy: { en: 'Data protection officer' },
    })
  const approve = (id: string, key = keys.second) => post(`/v1/admin/erasures/${id}/approval`, key)
  const head = async () => {
    const { rows } = await database.pool().query<{ head: number }>('SELECT max(position) AS head FROM events')
    return rows[0]?.head ?? 0
  }
  const settled = async () => {
    const position = await head()
    await projection.applied(position)
    await eventually(
      async () => {
        const note = (await projection.get('/log/checkpoint')).body
        if (Number(note.split('\n')[1]) < position) throw new Error(note)
        const { projections } = (await projection.get('/v1/projections')).json()
        for (const one of projections) if (one.position < position) throw new Error(`${one.name} ${one.position}`)
      },
      { within: 30_000 },
    )
    return position
  }
  /** Proposes with one key and approves with the other. */
  const erase = async (positions: number[]) => {
    const { body } = await propose(positions)
    return approve(body.erasureId)
  }
  return { database, command, projection, commandUrl, url, client, post, propose, approve, erase, settled, head }
}

export type Opened = Awaited<ReturnType<typeof open>>

export const map = (text: string) => ({ en: `${text} ${secret}`, vi: `${secret} ${text}` })
const evidence = [
  {
    title: `A letter of ${secret}`,
    url: `https://example.org/${secret}`,
    supports: `${secret} says so`,
    publishedOn: '2024-01',
  },
]

/** Two proposals whose events name the subject in many ways, and one that never did. Returns the positions that name it. */
export async function recordSubject({ client }: Pick<Opened, 'client'>): Promise<number[]> {
  const parties = proposed().data.parties.map((party, index) =>
    index === 0 ? { ...party, name: map('Ministry') } : party,
  )
  const bodies = [
    ['lab', proposed({ title: map('Laboratory'), summary: map('About'), parties }, { evidence })],
    ['lab', { ...agreed(), note: map('A remark on') }],
    ['lab', funded()],
    ['lab', example('milestone-planned', { milestone: 'opening', title: map('Opening by'), due: '2027-06' })],
    [
      'lab',
      example('corrected', {
        reason: map('Wrong about'),
        corrections: [{ event: 4, data: { milestone: 'opening', title: map('Opened by'), due: '2027-07' } }],
      }),
    ],
    ['other', proposed({ title: { en: 'Nobody' } })],
    ['third', proposed({ title: { en: 'Also nobody' } })],
    ['other', example('contested', { event: 1, claim: map('Not said by') })],
  ] as const
  const positions: number[] = []
  for (const [proposalId, body] of bodies) {
    const { position } = await client.recordEvent(proposalId, body)
    if (JSON.stringify(body).includes(secret)) positions.push(position)
  }
  return positions
}

/** Where the secret is found in the database: every table, also statistics and what is not attached. */
export async function tablesWithSecret(database: TestDatabase): Promise<string[]> {
  const pool = database.pool()
  const { rows: tables } = await pool.query<{ name: string }>(
    `SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')`,
  )
  const found: string[] = []
  for (const { name } of tables) {
    const { rows } = await pool.query(`SELECT t::text FROM ${name} t WHERE lower(t::text) LIKE $1 LIMIT 1`, [
      `%${secret}%`,
    ])
    if (rows.length > 0) found.push(name)
  }
  await pool.query('ANALYZE')
  const { rows: stats } = await pool.query(`SELECT tablename, attname FROM pg_stats s WHERE lower(s::text) LIKE $1`, [
    `%${secret}%`,
  ])
  return [...found, ...stats.map(({ tablename, attname }) => `pg_stats ${tablename}.${attname}`)]
}

/** Every GET of both services' documents, with parameters that lead to the subject, and in each form. */
export async function answersWithSecret(
  { commandUrl, url }: Pick<Opened, 'commandUrl' | 'url'>,
  size: number,
): Promise<{ asked: number; found: string[] }> {
  const found: string[] = []
  let asked = 0
  for (const [base, file] of [
    [commandUrl, 'command'],
    [url, 'projection'],
  ] as const) {
    const { paths } = JSON.parse(readFileSync(new URL(`../../openapi/${file}.json`, import.meta.url), 'utf8'))
    const logId =
      (await fetch(`${url}/v1/events`, { headers: { authorization: `Bearer ${keys.second}` } })).headers.get(
        'log-id',
      ) ?? ''
    const inPath: Record<string, string> = {
      proposalId: 'lab',
      version: '1',
      party: 'most-vn',
      position: '1',
      logId,
      name: 'lab',
    }
    const queries = [
      '',
      '?knownAtPosition=3',
      `?knownAtPosition=${size}`,
      '?asOf=2026-11-30',
      `?q=${secret}`,
      '?proof=true',
      '?limit=100',
    ]
    for (const [path, methods] of Object.entries<Record<string, unknown>>(paths)) {
      if (!('get' in methods)) continue
      const said = JSON.stringify(methods.get)
      for (const id of path.includes('{proposalId}') ? ['lab', 'other'] : ['lab']) {
        const filled = path.replaceAll(/\{([^}]+)\}/g, (_all, name: string) =>
          name === 'proposalId' ? id : (inPath[name] ?? `000.p/${Math.min(size, 255)}`),
        )
        for (const query of queries.filter(
          (each) => each === '' || said.includes(`"${each.slice(1).split('=')[0]}"`),
        )) {
          for (const accept of query === '' ? ['application/json', '*/*'] : ['application/json']) {
            const answer = await fetch(`${base}${filled}${query}`, {
              headers: { authorization: `Bearer ${keys.second}`, accept },
              signal: AbortSignal.timeout(20_000),
            })
            if (answer.headers.get('content-type')?.startsWith('text/event-stream')) {
              await answer.body?.cancel()
              continue
            }
            asked += 1
            const body = Buffer.from(await answer.arrayBuffer())
              .toString('latin1')
              .toLowerCase()
            // A search for the secret repeats what was asked in its links and problems.
            if (body.replaceAll(new RegExp(`q=${secret}`, 'g'), '').includes(secret) && !query.includes(secret))
              found.push(`${answer.status} ${filled}${query} as ${accept}`)
          }
        }
      }
    }
  }
  return { asked, found }
}
