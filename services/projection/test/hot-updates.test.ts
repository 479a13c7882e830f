import { eventually, example, proposed } from '@commitments/test-kit'
import t, { type Test } from 'tap'
import { type Ledger, openLedger, startService, type TestService } from './support.ts'

t.setTimeout(120_000)

async function updatesOf({ pool }: Ledger): Promise<{ updates: number; hot: number }> {
  const { rows } = await pool.query<{ updates: number; hot: number }>(
    "SELECT n_tup_upd::int AS updates, n_tup_hot_upd::int AS hot FROM pg_stat_user_tables WHERE relname = 'proposal_status_1'",
  )
  return rows[0] ?? { updates: 0, hot: 0 }
}

t.test(
  'of the events that change neither a filter nor the title nor the planned end of a status, nine in ten move no index',
  async (t) => {
    const ledger = await openLedger(t)
    const service = await startService(t, ledger)
    const ids = Array.from({ length: 30 }, (_, index) => `p-${index}`)
    // Many parties: rows of this size are stored compressed as far as possible.
    const parties = Array.from({ length: 12 }, (_, index) => ({
      party: `institute-${index}`,
      name: { en: `Institute of Science and Technology ${index}`, vi: `Viện Khoa học và Công nghệ ${index}` },
      country: 'VN',
      roles: ['proposer'],
    }))
    await service.applied(await ledger.recordAll(ids.map((id) => [id, proposed({ parties } as never)] as const)))
    for (const round of [1, 2, 3, 4])
      for (const id of ids)
        await service.applied(
          await ledger.record(id, example('milestone-planned', { milestone: `m-${round}`, due: '2030-01-01' })),
        )
    // A connection reports what it did within seconds.
    await eventually(async () => (await updatesOf(ledger)).updates >= 120, { within: 60_000 })
    const { updates, hot } = await updatesOf(ledger)
    t.ok(hot >= 0.9 * updates, `${hot} of ${updates} updates are HOT`)
  },
)

t.test('no index of the statuses has the position, which changes with every event', async (t) => {
  const ledger = await openLedger(t)
  const { rows } = await ledger.pool.query(
    `SELECT i.indexrelid::regclass AS name FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attname = 'position'
      WHERE i.indrelid = 'proposal_status_1'::regclass AND a.attnum = ANY (i.indkey)`,
  )
  t.same(rows, [])
})

t.test(
  'what changed, and lists by the last event, are complete and in order also behind twenty thousand events of one proposal',
  async (t) => {
    const ledger = await openLedger(t)
    const before = await startService(t, ledger)
    await ledger.record('a', proposed())
    await before.applied(await ledger.record('b', proposed()))
    await before.stop()
    await longStream(t, ledger, 20_100)
    const service = await startService(t, ledger)
    await ledger.record('c', proposed())
    const last = await ledger.record('a', example('started', {}))
    await service.applied(last)
    const all = ['b', 'long', 'c', 'a']
    const listed = async (query: string) =>
      (await service.get(`/v1/proposals?${query}`))
        .json()
        .proposals.map(({ proposalId }: { proposalId: string }) => proposalId)
    t.same(await listed('sort=updated'), all)
    t.same(await listed('sort=-updated'), all.toReversed())
    t.same(await listed('sort=updated&kind=joint-research'), await listed('kind=joint-research&sort=updated&limit=500'))
    t.same(await walked(service, 'sort=updated&limit=1'), all)
    t.same(await walked(service, 'sort=-updated&limit=1'), all.toReversed())
    const changed = (await service.get('/v1/changes?since=0')).json()
    t.match(changed, { next: last, more: false })
    t.same(
      changed.proposals.map(({ proposalId }: { proposalId: string }) => proposalId),
      all,
    )
  },
)

/** A proposal with so many events, as rows: the projector has passed them, and its status is that of its first event. */
async function longStream(t: Test, ledger: Ledger, events: number): Promise<void> {
  const from = await ledger.record('long', proposed())
  const service = await startService(t, ledger)
  await service.applied(from)
  await service.stop()
  await ledger.pool.query(
    `INSERT INTO events (position, proposal_id, version, event_id, recorded_at, line)
     SELECT $1 + n, 'long', 1 + n, gen_random_uuid(), (SELECT max(recorded_at) FROM events), '{}' FROM generate_series(1, $2::integer) AS n`,
    [from, events],
  )
  ledger.versions.set('long', events + 1)
  await ledger.pool.query("UPDATE proposal_status SET position = $1, version = $2 WHERE proposal_id = 'long'", [
    from + events,
    events + 1,
  ])
  await ledger.pool.query('UPDATE projection_generations SET position = $1', [from + events])
}

async function walked(service: TestService, query: string): Promise<string[]> {
  const met: string[] = []
  for (let url: string | null = `/v1/proposals?${query}`; url !== null; ) {
    const { proposals, next }: { proposals: { proposalId: string }[]; next: string | null } = (
      await service.get(url)
    ).json()
    met.push(...proposals.map(({ proposalId }) => proposalId))
    url = next === null ? null : `/v1/proposals?cursor=${next}&limit=1`
  }
  return met
}
